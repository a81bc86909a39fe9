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
[ "$length" = 0 ] || head -c "$length" > /dev/null
[ ! -f /api/silent ] || sleep 60

path=${path%%\?*}
file=/api/$method$(printf %s "$path" | tr / _)
if [ -f "$file" ]; then
  [ "$key" = "$(cat /api/key)" ] || answer '401 Unauthorized'
  [ ! -f "$file.status" ] || answer "$(cat "$file.status")" "$file"
  answer '200 OK' "$file"
fi
[ "$path" != / ] || path=/index.html
[ ! -f "/www$path" ] || answer '200 OK' "/www$path"
answer '404 Not Found'
