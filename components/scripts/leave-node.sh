#!/usr/bin/env bash
# Takes a node out of the cluster, from a master.
#
# usage:   leave-node.sh drain NODE SECONDS fail|force     its pods go by eviction, as their PodDisruptionBudgets let them; after SECONDS the departure
#                                                          fails, and the node stays cordoned, or goes on without regard for the pods that are left
#          leave-node.sh forget NODE                       removes it, and with it the pods that it still has
# effects: LEAVING on the node, by which one that stays after all is known (come-back.sh).
# guard:   a node that is not there has left. One that does not answer is not waited for: nobody can end its pods there.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly LEAVING=kubernetes-ha/leaving CANNOT=75
# So often it is looked whether the node still answers.
readonly ROUND_SECONDS=15 REQUEST_SECONDS=30
export KUBECONFIG=/etc/kubernetes/admin.conf

main() {
  kubectl get --raw /readyz --request-timeout 5s >/dev/null || exit "$CANNOT"
  there "$2" || {
    phase "node $2 is not there"
    return 0
  }
  "$@"
}

there() {
  [[ -n $(kubectl get node "$1" --ignore-not-found --output name --request-timeout "${REQUEST_SECONDS}s") ]]
}

drain() {
  local node=$1 seconds=$2 on_timeout=$3 began left
  phase "cordoning $node"
  kubectl annotate node "$node" --overwrite "$LEAVING=$(date -u +%FT%TZ)" --request-timeout "${REQUEST_SECONDS}s"
  kubectl cordon "$node" --request-timeout "${REQUEST_SECONDS}s"
  began=$(now)
  while answers "$node"; do
    left=$((seconds - $(now) + began))
    if ((left <= 0)); then
      give_up "$node" "$seconds" "$on_timeout"
      return
    fi
    phase "draining $node, ${left} s are left"
    # Unmanaged pods and those with data of their own end with the machine in any case.
    if kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --force --timeout "$((left < ROUND_SECONDS ? left : ROUND_SECONDS))s"; then
      return
    fi
  done
  phase "$node does not answer: its pods are not waited for"
}

# The control plane has not heard from a node that is dead.
answers() {
  local status
  status=$(kubectl get node "$1" --request-timeout "${REQUEST_SECONDS}s" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
  [[ $status != Unknown ]]
}

give_up() {
  local pods
  pods=$(kubectl get pods --all-namespaces --field-selector "spec.nodeName=$1" --request-timeout "${REQUEST_SECONDS}s" \
    -o 'jsonpath={range .items[?(@.metadata.ownerReferences[0].kind!="DaemonSet")]}{.metadata.namespace}/{.metadata.name} {end}')
  if [[ $3 == force ]]; then
    phase "after $2 s these pods are still on $1, and end with it: $pods"
    return
  fi
  die "after $2 s (drain.timeoutSeconds) these pods are still on $1: $pods. It stays cordoned. See what keeps them, often a PodDisruptionBudget" \
    "(kubectl get pdb --all-namespaces), then run \`pulumi up\` again; drain.onTimeout: force does not wait for them"
}

forget() {
  phase "removing node $1"
  kubectl delete node "$1" --ignore-not-found --timeout 60s
}

main "$@" </dev/null
