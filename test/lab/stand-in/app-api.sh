#!/bin/sh
# One request to an application's API. What it says is in /api, a file for each method and path, where a test changes it; a
# second file with .status makes it another status than 200.
answer() { # status, file
  length=0
  [ -z "$2" ] || length=$(wc -c < "$2")
  printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' "$1" "$length"
  [ -z "$2" ] || cat "$2"
  exit 0
}

# What the real program does in its owner's name when it is asked to test (seen of Sonarr 4, Radarr 5 and Prowlarr 1): a line each.
effects() {
  case "$method $path" in
    'POST /api/v3/notification/testall') echo 'messages are sent, scripts are run' >> /api/effects ;;
    'POST /api/v3/downloadclient/test'*) echo 'logged in at qBittorrent, category made' >> /api/effects ;;
    'POST /api/v1/indexerproxy/test'*) echo 'a browser is opened' >> /api/effects ;;
    'POST /api/v3/notification/test')
      case "$body" in
        *'"implementation":"PlexServer"'*) ;;
        *) echo 'a message is sent' >> /api/effects ;;
      esac
      # The masked secret is restored by the id; without it "********" is the token.
      case "$body" in
        *'"id":1,'*'"value":"********"'*) ;;
        *)
          echo '[{"propertyName":"Host","errorMessage":"Unable to connect to Plex Server","severity":"error"}]' > /tmp/failed
          answer '400 Bad Request' /tmp/failed
          ;;
      esac
      ;;
  esac
}

read -r method path _ || exit 0
key=
length=0
while read -r line; do
  line=$(printf %s "$line" | tr -d '\r')
  [ -n "$line" ] || break
  case "$line" in
    [Xx]-[Aa][Pp][Ii]-[Kk][Ee][Yy]:*) key=${line#*: } ;;
    [Cc]ontent-[Ll]ength:*) length=${line#*: } ;;
  esac
done
body=
[ "$length" = 0 ] || body=$(head -c "$length")
[ ! -f /api/silent ] || sleep 60

path=${path%%\?*}
file=/api/$method$(printf %s "$path" | tr / _)
if [ -f "$file" ]; then
  [ "$key" = "$(cat /api/key)" ] || answer '401 Unauthorized'
  effects
  [ ! -f "$file.status" ] || answer "$(cat "$file.status")" "$file"
  answer '200 OK' "$file"
fi
[ "$path" != / ] || path=/index.html
[ ! -f "/www$path" ] || answer '200 OK' "/www$path"
answer '404 Not Found'
