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
  bash "$STEP_DIR/haproxy.sh"
  phase "keepalived"
  # Read again without letting go of the VIP: both balancers take a changed configuration at the same time.
  run_service keepalived /etc/systemd/system/keepalived.service.d/* -- /etc/keepalived/keepalived.conf
  phase "waiting for a holder of $VIP"
  wait_until 30 "VIP $VIP" vip_settled
}

# Here, or held by a peer and then answering on HAProxy's port from there.
vip_settled() {
  ip -4 -o address show to "$VIP/32" | grep -q . || timeout 1 bash -c "exec 3<>/dev/tcp/$VIP/$API_PORT"
}

main "$@" </dev/null
