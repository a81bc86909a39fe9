#!/bin/sh
# A stand-in for an application: answers its health page and says who it is. Settings come as variables:
#   STANDIN_PORTS   what it listens on          STANDIN_MODE    ok | never-healthy | exits |
#                                                   crashes (3 s after it began to serve) |
#                                                   needs-setting (exits unless NEW_SETTING is set) |
#                                                   needs-client (cross-seed's: writes its template where there is no
#                                                   config.js, and refuses one that names no client, src/configSchema.ts) |
#                                                   api (answers as the application's own API would)
#   STANDIN_STOP    seconds it takes to stop    STANDIN_DATABASE  a file that it writes its version into; it cannot
#                                                   read that of a newer one
stop() {
  sleep "$(cat /stop-seconds 2>/dev/null || echo "${STANDIN_STOP:-0}")"
  exit 0
}
trap stop TERM INT

echo "stand-in for $STANDIN_NAME, version $STANDIN_VERSION"
if [ "$STANDIN_MODE" = exits ]; then
  echo "this version cannot start: its settings are missing"
  exit 3
fi
if [ "$STANDIN_MODE" = needs-setting ] && [ -z "$NEW_SETTING" ]; then
  echo "this version needs NEW_SETTING, which is not set"
  exit 3
fi
if [ "$STANDIN_MODE" = needs-client ]; then
  [ -f /config/config.js ] || echo 'module.exports = {torrentClients: [], linkDirs: []};' > /config/config.js
  if ! grep -q 'torrentClients: *\["' /config/config.js || ! grep -q 'linkDirs: *\["' /config/config.js; then
    echo "Your configuration is invalid, please see the errors above for details."
    exit 1
  fi
fi
if [ -n "$STANDIN_DATABASE" ]; then
  if [ "$(cat "$STANDIN_DATABASE" 2>/dev/null)" \> "$STANDIN_VERSION" ]; then
    echo "the database is of a newer version"
    exit 5
  fi
  echo "$STANDIN_VERSION" > "$STANDIN_DATABASE"
fi
if [ "$STANDIN_NAME" = gluetun ]; then
  /gluetun-entrypoint &
elif [ "$STANDIN_MODE" = api ]; then
  for port in $STANDIN_PORTS; do nc -ll -p "$port" -e /app-api & done
elif [ "$STANDIN_MODE" != never-healthy ]; then
  for port in $STANDIN_PORTS; do httpd -p "$port" -h /www; done
fi
if [ "$STANDIN_MODE" = crashes ]; then
  sleep 3
  echo "this version has a bug"
  exit 4
fi
[ -z "$STANDIN_JOB" ] || supercronic &
# A signal ends `wait`, not a `sleep` in the foreground.
while :; do
  sleep 3600 &
  wait $!
done
