#!/bin/sh
# gluetun-entrypoint healthcheck
exec wget -q -O /dev/null "http://127.0.0.1:8000/v1/vpn/status"
