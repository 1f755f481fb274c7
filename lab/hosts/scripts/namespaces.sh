#!/usr/bin/env bash
# Makes a lab's two network namespaces and the link between them; does nothing where they are as they should be.
#
# Usage: namespaces.sh <fabric> <operator>   with the addresses and names of addresses.ts in the environment
set -euo pipefail

settings() {
  # Settings that an interface takes over when it is made come first.
  case $1 in
    fabric)
      echo 1 >/proc/sys/net/ipv4/ip_forward
      for conf in all default; do
        echo 0 >/proc/sys/net/ipv4/conf/$conf/rp_filter
        echo 0 >/proc/sys/net/ipv4/conf/$conf/send_redirects
      done
      ;;
  esac
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
}

if [[ ${1:-} == settings ]]; then
  settings "$2"
  exit
fi

fabric=${1:?fabric namespace} operator=${2:?operator namespace}
self=$(realpath "$0")

# Not `ip netns add`: it turns /run/netns into a mount point of the machine's, and leaves it.
for netns in "$fabric" "$operator"; do
  nsenter --net="/run/netns/$netns" true 2>/dev/null && continue
  # Another lab that ends at this moment removes the directory when it is empty.
  for _ in {1..50}; do
    mkdir -p /run/netns && : >"/run/netns/$netns" && break
    sleep 0.1
  done 2>/dev/null
  unshare --net="/run/netns/$netns" true
done
nsenter --net="/run/netns/$fabric" -- bash "$self" settings fabric
nsenter --net="/run/netns/$operator" -- bash "$self" settings operator

ip -n "$fabric" link set lo up
ip -n "$operator" link set lo up
ip -n "$fabric" route replace local "$PROBE_RANGE" dev lo
for address in $PLATFORM_ADDRESSES; do ip -n "$fabric" addr replace "$address/32" dev lo; done

ip -n "$fabric" link show "$NOWHERE_LINK" >/dev/null 2>&1 || ip -n "$fabric" link add "$NOWHERE_LINK" type bridge
ip -n "$fabric" link set "$NOWHERE_LINK" up

ip -n "$fabric" link show "$OPERATOR_LINK" >/dev/null 2>&1 ||
  ip -n "$fabric" link add "$OPERATOR_LINK" type veth peer name eth0 netns "$operator"
ip -n "$fabric" addr replace "$OPERATOR_GATEWAY/32" dev "$OPERATOR_LINK"
ip -n "$fabric" link set "$OPERATOR_LINK" up
ip -n "$fabric" route replace "$OPERATOR_ADDRESS/32" dev "$OPERATOR_LINK"
ip -n "$operator" addr replace "$OPERATOR_ADDRESS/32" dev eth0
ip -n "$operator" link set eth0 up
ip -n "$operator" route replace "$OPERATOR_GATEWAY/32" dev eth0
ip -n "$operator" route replace default via "$OPERATOR_GATEWAY" dev eth0
