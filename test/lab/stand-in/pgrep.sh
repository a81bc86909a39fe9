#!/bin/sh
# pgrep -x|-f <name>, which Debian's busybox lacks: is there a process whose command line holds the name?
for pid in /proc/[0-9]*; do
  [ "$pid" != "/proc/$$" ] && tr '\0' ' ' <"$pid/cmdline" 2>/dev/null | grep -q "$2" && exit 0
done
exit 1
