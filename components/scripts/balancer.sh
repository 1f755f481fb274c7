#!/usr/bin/env bash
# Runs HAProxy and keepalived: the entry to the API.
#
# inputs:  VIP, API_PORT
# effects: both services with their placed files; HAProxy's is checked first. Neither needs a master to be up.
# guard:   each service is touched only when its own files changed.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

main() {
  phase "haproxy"
  haproxy -q -c -f /etc/haproxy/haproxy.cfg || die "haproxy.cfg: HAProxy refuses it"
  run_service haproxy /etc/systemd/system/haproxy.service.d/* -- /etc/haproxy/haproxy.cfg /etc/haproxy/kubernetes-ca.crt
  phase "keepalived"
  run_service keepalived /etc/keepalived/keepalived.conf /etc/systemd/system/keepalived.service.d/*
  phase "waiting for a holder of $VIP"
  wait_until 30 "VIP $VIP" vip_settled
}

# Here, or held by a peer and then answering on HAProxy's port from there.
vip_settled() {
  ip -4 -o address show to "$VIP/32" | grep -q . || timeout 1 bash -c "exec 3<>/dev/tcp/$VIP/$API_PORT"
}

main "$@" </dev/null
