#!/bin/sh
# gluetun-tunnel firewall|up|down. The tunnel is a second network, whose gateway is STANDIN_TUNNEL: what leaves through it
# has left through the VPN. While it is down, the way out is the first network again, and only the firewall is in it.
state=/tmp/gluetun
device() { ip -o route get "$1" | sed -n 's/.* dev \([^ ]*\).*/\1/p'; }

case "$1" in
  firewall)
    ip route show default | sed -n 's/^default via \([^ ]*\).*/\1/p' | head -n 1 > $state/way-out
    [ "$FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT" = on ] || exit 0
    iptables -P OUTPUT DROP
    iptables -A OUTPUT -o lo -j ACCEPT
    for subnet in $(echo "$FIREWALL_OUTBOUND_SUBNETS" | tr , ' '); do iptables -A OUTPUT -d "$subnet" -j ACCEPT; done
    [ -z "$STANDIN_TUNNEL" ] || iptables -A OUTPUT -o "$(device "$STANDIN_TUNNEL")" -j ACCEPT
    ;;
  up)
    [ -z "$STANDIN_TUNNEL" ] || ip route replace default via "$STANDIN_TUNNEL" || exit 1
    echo running > $state/status
    ;;
  down)
    [ -z "$STANDIN_TUNNEL" ] || ip route replace default via "$(cat $state/way-out)" || exit 1
    echo stopped > $state/status
    ;;
esac
