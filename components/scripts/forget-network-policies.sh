#!/usr/bin/env bash
# Takes the rules of network policies off this host when nobody enforces them any more: the agent may have ended without taking them along, and packets
# that they hand to nobody do not pass.
#
# inputs:  PACKET_QUEUES  queues of the kernel that programs of this host decide on; empty = nobody does
# effects: waits until the masters have taken the agent away, then deletes its table of nftables.
# guard:   does nothing where prepare-host.sh has never prepared for an agent: the table is somebody else's then. Once.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly AGENT=kube-network-policies
# Masters take it away when they have been prepared themselves, and the kubelet removes containers a minute after their pod.
readonly GONE_SECONDS=900

main() {
  [[ -z ${PACKET_QUEUES[*]} && -n $(recall packet-queues) ]] || return 0
  phase "rules of network policies"
  wait_until "$GONE_SECONDS" "the agent of network policies is gone" agent_gone
  if nft list table inet "$AGENT" >/dev/null 2>&1; then nft delete table inet "$AGENT"; fi
  remember packet-queues ""
}

# A container is there as long as its pod, also while it is not running.
agent_gone() {
  local left
  left=$(ctr --namespace k8s.io containers list --quiet "labels.\"io.kubernetes.container.name\"==$AGENT") || return
  [[ -z $left ]] || {
    echo "the masters have not taken it away yet: container $left"
    return 1
  }
}

main "$@" </dev/null
