#!/bin/sh
# timeout SECONDS PROGRAM …, BusyBox'. Debian's runs applets of its own before the programs of the same name; Alpine's, which
# is in Gluetun's image, does not: there `timeout 5 wget` is GNU wget.
limit=$1
shift
if [ "$1" = wget ]; then
  shift
  set -- /usr/bin/wget "$@"
fi
exec /bin/busybox timeout "$limit" "$@"
