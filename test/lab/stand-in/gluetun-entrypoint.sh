#!/bin/sh
# gluetun-entrypoint [healthcheck]. Sick for as long as a test says so, through restarts.
state=/tmp/gluetun
if [ "$1" = healthcheck ]; then
  [ ! -e $state/sick ] || exit 1
  exec grep -qx running $state/status
fi

mkdir -p $state
echo 203.0.113.7 > $state/ip
echo 51413 > $state/port
echo starting > $state/status
/gluetun-tunnel firewall
[ "$STANDIN_MODE" = never-healthy ] || /gluetun-tunnel up
exec nc -ll -p 8000 -e /gluetun-control
