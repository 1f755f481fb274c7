#!/usr/bin/env bash
# Runs keepalived on an LVS director: the VIP, and the kernel's rules for it.
#
# inputs:  VIP
#          SERVICES  what has to run before, "unit file...": restarted when one of the files changes
# effects: keepalived with its placed files. It reads changed ones without letting go of VIP, rules or connections. Needs no master to be up.
# guard:   each service is touched only when its own files changed.
#
# Asks by $STEP_DIR/icmp.py, which counts as part of this step then
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

main() {
  local service
  for service in "${SERVICES[@]}"; do
    # shellcheck disable=SC2086 # a unit and its files, none of which holds a blank
    run_service $service
  done
  phase "keepalived"
  run_service keepalived /etc/systemd/system/keepalived.service.d/* -- /etc/keepalived/keepalived.conf
  phase "waiting for a holder of $VIP"
  wait_until 30 "VIP $VIP" vip_settled
}

# Here, or held by a peer, whose kernel answers then: there may be no master yet that anything else could come from.
vip_settled() {
  ip -4 -o address show to "$VIP/32" | grep -q . || answers "$VIP"
}

answers() {
  python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import icmp; sys.exit(not icmp.echo(sys.argv[2]))' "$STEP_DIR" "$1"
}

main "$@" </dev/null
