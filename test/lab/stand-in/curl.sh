#!/bin/sh
# What the health checks use of curl, done by busybox' wget.
for last; do :; done
exec wget -q -O /dev/null "$last"
