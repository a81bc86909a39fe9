#!/bin/sh
# One request to the stand-in's control server: what /gluetun/auth/config.toml allows, as v3.41.3 would answer it
# (its source: internal/server/portforward.go and internal/server/middlewares/auth). What it
# says is in /tmp/gluetun, where a test changes it: status, ip, port, silent (seconds before it answers),
# roles (instead of those).
state=/tmp/gluetun
roles=/gluetun/auth/config.toml
[ ! -f $state/roles ] || roles=$state/roles

answer() { # status, body
  printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "$1" "${#2}" "$2"
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
[ ! -f $state/silent ] || sleep "$(cat $state/silent)"

# Since v3.41.2 a path that there is not is 404, before any role.
case "$path" in
  /v1/version | /v1/vpn/status | /v1/publicip/ip | /v1/portforward | /v1/dns/status | /v1/openvpn/portforwarded) ;;
  *) answer '404 Not Found' '' ;;
esac
# One own role makes every route that it does not name answer 401.
if [ -f $roles ]; then
  grep -qF "\"$method $path\"" $roles || answer '401 Unauthorized' ''
  [ "$key" = "$(sed -n 's/^ *apikey = "\(.*\)"/\1/p' $roles)" ] || answer '401 Unauthorized' ''
fi

case "$method $path" in
  'GET /v1/version') answer '200 OK' '{"version":"v3.41.3"}' ;;
  'GET /v1/vpn/status') answer '200 OK' "{\"status\":\"$(cat $state/status)\"}" ;;
  'GET /v1/publicip/ip')
    [ "$(cat $state/status)" = running ] || answer '200 OK' '{"public_ip":""}'
    answer '200 OK' "{\"public_ip\":\"$(cat $state/ip)\",\"country\":\"United Kingdom\",\"city\":\"London\",\"organization\":\"Proton AG\"}"
    ;;
  'GET /v1/portforward')
    port=$(cat $state/port)
    [ "$port" != 0 ] || answer '200 OK' '{"port":0,"ports":null}'
    answer '200 OK' "{\"port\":$port,\"ports\":[$port]}"
    ;;
  'GET /v1/dns/status') answer '200 OK' '{"status":"stopped"}' ;;
  'PUT /v1/vpn/status')
    case "$(head -c "$length")" in
      *'"stopped"'*) /gluetun-tunnel down && answer '200 OK' '{"outcome":"stopped"}' ;;
      *'"running"'*) /gluetun-tunnel up && answer '200 OK' '{"outcome":"running"}' ;;
    esac
    answer '400 Bad Request' 'neither running nor stopped'
    ;;
esac
answer '404 Not Found' ''
