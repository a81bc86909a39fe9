#!/bin/sh
# gluetun-entrypoint [healthcheck]
state=/tmp/gluetun
[ "$1" != healthcheck ] || exec grep -qx running $state/status

mkdir -p $state
echo 203.0.113.7 > $state/ip
echo 51413 > $state/port
echo starting > $state/status
/gluetun-tunnel firewall
[ "$STANDIN_MODE" = never-healthy ] || /gluetun-tunnel up
exec nc -ll -p 8000 -e /gluetun-control
