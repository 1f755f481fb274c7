#!/usr/bin/env bash
# Makes the fabric's end of a host's link part of the lab's network. Runs in the fabric's network namespace once the link is there, with the
# values of host.env in the environment.
set -euo pipefail

# `vpc`: one MAC for every gateway, addresses answered for by proxy ARP, the host's own address routed to it and resolved once for all, so
# that the router never has to report "host unreachable".
routed() {
  local conf=/proc/sys/net/ipv4/conf/$LINK
  ip link set "$LINK" address "$GATEWAY_MAC"
  echo 1 >"$conf/proxy_arp"
  echo 1 >"$conf/arp_accept"
  echo 0 >"$conf/rp_filter"
  echo 0 >"$conf/send_redirects"
  echo 0 >"/proc/sys/net/ipv4/neigh/$LINK/proxy_delay"
  ip addr add "$GATEWAY/32" dev "$LINK"
  ip link set "$LINK" up
  ip neigh replace "$ADDRESS" lladdr "$MAC" dev "$LINK" nud permanent
  ip route replace "$ADDRESS/32" dev "$LINK"
}

# `l2`: a port of the subnet's switch.
bridged() {
  ip link set "$LINK" master "$BRIDGE"
  ip link set "$LINK" up
}

if [[ -n ${BRIDGE:-} ]]; then bridged; else routed; fi
