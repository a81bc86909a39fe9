#!/bin/sh
# gluetun-tunnel firewall|up|down. What the tunnel is, a variable says:
#   STANDIN_SERVER   a real WireGuard tunnel to that address, whose public key is STANDIN_SERVER_KEY: see test/lab/world.ts
#   STANDIN_TUNNEL   a second network, with that gateway: what leaves through it has left through the VPN
#   neither          none, and the little of the internet that is asked through it answers in here
# While the tunnel is down, the way out is the first network again, and only the firewall is in it.
state=/tmp/gluetun
wan=wan0
device() { ip -o route get "$1" | sed -n 's/.* dev \([^ ]*\).*/\1/p'; }

# The network beyond is put in here from outside, when this container runs.
join() {
  until ip link show $wan > /dev/null 2>&1; do sleep 0.1; done
  ip addr add 198.51.100.1/30 dev $wan
  ip link set $wan up
  ip route replace default via 198.51.100.2
}

case "$1" in
  firewall)
    [ -z "$STANDIN_SERVER" ] || join
    ip route show default | sed -n 's/^default via \([^ ]*\).*/\1/p' | head -n 1 > $state/way-out
    [ "$FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT" = on ] || exit 0
    iptables -P OUTPUT DROP
    iptables -A OUTPUT -o lo -j ACCEPT
    for subnet in $(echo "$FIREWALL_OUTBOUND_SUBNETS" | tr , ' '); do iptables -A OUTPUT -d "$subnet" -j ACCEPT; done
    [ -z "$STANDIN_TUNNEL" ] || iptables -A OUTPUT -o "$(device "$STANDIN_TUNNEL")" -j ACCEPT
    if [ -n "$STANDIN_SERVER" ]; then
      iptables -A OUTPUT -d "$STANDIN_SERVER" -j ACCEPT
      iptables -A OUTPUT -o tun0 -j ACCEPT
    fi
    ;;
  up)
    if [ -n "$STANDIN_SERVER" ]; then
      # Debian's, in userspace; it goes on in the background. Its address and peer are those of Proton's servers.
      ip link show tun0 > /dev/null 2>&1 || wireguard-go tun0 > $state/wireguard.log 2>&1 || exit 1
      wg set tun0 private-key /run/secrets/wireguard_private_key peer "$STANDIN_SERVER_KEY" \
        endpoint "$STANDIN_SERVER:51820" allowed-ips 0.0.0.0/0 || exit 1
      ip addr add 10.2.0.2/32 dev tun0
      ip link set tun0 mtu "${WIREGUARD_MTU:-1280}" up
      ip route replace "$STANDIN_SERVER/32" via "$(cat $state/way-out)"
      ip route replace default dev tun0 || exit 1
    elif [ -n "$STANDIN_TUNNEL" ]; then
      ip route replace default via "$STANDIN_TUNNEL" || exit 1
    else
      # Not to lo: what is bound to that listens for nobody.
      ip addr add 1.1.1.1/32 dev eth0 2> /dev/null
      httpd -p 1.1.1.1:80 -h /www 2> /dev/null
    fi
    echo running > $state/status
    ;;
  down)
    if [ -n "$STANDIN_SERVER" ]; then
      ip link del tun0
      ip route replace default via "$(cat $state/way-out)"
    elif [ -n "$STANDIN_TUNNEL" ]; then
      ip route replace default via "$(cat $state/way-out)" || exit 1
    else
      ip addr del 1.1.1.1/32 dev eth0
    fi
    echo stopped > $state/status
    ;;
esac
