#!/usr/bin/env bash
# Gives a master a way to the API that needs no load balancer, and the load balancer something to ask.
#
# inputs:  VIP, API_PORT       the load balancer's address and port
#          READINESS_URL       where it asks
#          HOSTS_BLOCK, API_URL  as for prepare-host.sh, which leaves another way to the API to this step
# effects: HAProxy with its placed file, checked first; rules that lead what goes to the VIP from here to it, at every boot.
#          Neither needs an apiserver to be up. Then this master's name for the API leads that way, and services of another way end.
# guard:   each is touched only when its own files changed.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly RULES=/etc/kubernetes-ha/api-redirect.nft WAY_SECONDS=60

main() {
  bash "$STEP_DIR/haproxy.sh"
  wait_until 10 "HAProxy answers at $READINESS_URL" answers
  phase "way to $VIP"
  nft --check --file "$RULES" || die "$RULES: nft refuses it"
  run_service kubernetes-ha-api-redirect "$RULES" /etc/systemd/system/kubernetes-ha-api-redirect.service
  # Whoever flushes all rules of a host takes these along.
  nft list table ip kubernetes-ha-api | grep --quiet --fixed-strings "ip daddr $VIP tcp dport $API_PORT" ||
    systemctl restart kubernetes-ha-api-redirect
  phase "names"
  bash "$STEP_DIR/names.sh" "$HOSTS_BLOCK" "$API_URL" "$WAY_SECONDS"
  stop_unwanted
}

# Whatever the answer: 503 until the apiserver is there.
answers() {
  curl --silent --show-error --output /dev/null --max-time 2 "$READINESS_URL"
}

main "$@" </dev/null
