#!/usr/bin/env bash
# Makes this host a worker: prepares it, then has it join, or go to another release.
#
# inputs:  those of prepare-host.sh, which also places the CA
#          NODE_NAME, API_URL     the API by its one name
#          KUBEADM_CONFIG         kubeadm's join configuration
#          DISCOVERY_FILE         kubeconfig for the first request only
#          BOOTSTRAP_CLIENT       the client certificate and key that it names, valid for a few days
#          KUBERNETES_VERSION     release of its kubelet
#          MAX_UNAVAILABLE        workers of its pool that may be away at a time, when all go to another release
#          DRAIN_SECONDS, DRAIN_ON_TIMEOUT  how long pods may take to make room then, and what when they do not: fail or force
# effects: `kubeadm join` once; afterwards the kubelet renews its certificate by itself, and these two files are gone.
# guard:   /etc/kubernetes/kubelet.conf: who has it has joined, and takes up changed settings of its kubelet. No kubelet is newer than the apiservers:
#          a worker joins once they are of its release, and one that has joined goes there when all masters and those of its pool before it have gone.
#          A kubelet that does not come up gives way to the one before.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"

# The first apiserver of a cluster may be prepared for much longer than this host was.
readonly API_SECONDS=900 JOIN_SECONDS=180 READY_SECONDS=180
# Without a move of those before it: a master, or a worker, may take so long, beside what pods take to make room.
readonly TURN_SECONDS=900

main() {
  trap leave EXIT
  bash "$STEP_DIR/prepare-host.sh"
  systemctl --quiet enable kubelet
  if [[ -s /etc/kubernetes/kubelet.conf ]]; then
    systemctl start kubelet
    if kubelet_waits; then make_room; fi
    bash "$STEP_DIR/kubelet-settings.sh"
    bash "$STEP_DIR/authorities.sh" kubelet "$NODE_NAME" "$API_URL"
    bash "$STEP_DIR/come-back.sh" "$NODE_NAME" "$API_URL"
  else
    join
  fi
  rm -f "$DISCOVERY_FILE" "$BOOTSTRAP_CLIENT"
  phase "waiting for the node"
  wait_until "$READY_SECONDS" "node $NODE_NAME Ready" ready
  pods_back "$API_URL"
  bash "$STEP_DIR/forget-network-policies.sh"
  tell "done" "$API_URL"
}

# Those of its pool that wait for this one need not wait until their time is over.
leave() {
  local status=$?
  ((status != 0)) || return 0
  (pods_back "$API_URL") || true
  tell failed "$API_URL" 2>&1 || true
}

make_room() {
  phase "waiting for this worker's turn to go to $KUBERNETES_VERSION"
  python3 -B "$STEP_DIR/upgrade-turn.py" wait "$API_URL" "$NODE_CA" "$NODE_CLIENT" "$NODE_NAME" "$KUBERNETES_VERSION" "$MAX_UNAVAILABLE" \
    "$((TURN_SECONDS + DRAIN_SECONDS))"
  drain "$API_URL"
  swap_kubelet
}

join() {
  phase "waiting for the API"
  wait_until "$API_SECONDS" "$API_URL/readyz" curl --silent --show-error --fail --cacert "$NODE_CA" --max-time 5 "$API_URL/readyz"
  wait_until "$((TURN_SECONDS + API_SECONDS))" "apiservers of $KUBERNETES_VERSION" apiservers_ready_for_it
  phase "kubeadm join"
  # Again and again: a node of this name that has only just gone still counts as Ready for a while.
  wait_until "$JOIN_SECONDS" "kubeadm join" kubeadm join --node-name "$NODE_NAME" --config "$KUBEADM_CONFIG" --skip-phases preflight
  bash "$STEP_DIR/kubelet-settings.sh" joined
  bash "$STEP_DIR/authorities.sh" kubelet "$NODE_NAME" "$API_URL"
}

# kubeadm's copy of the settings says a release once all apiservers are of it (control-plane.sh), and whoever joins may read it.
apiservers_ready_for_it() {
  local settings
  settings=$(curl --silent --show-error --fail --cacert "$NODE_CA" --cert "$BOOTSTRAP_CLIENT" --max-time 5 \
    "$API_URL/api/v1/namespaces/kube-system/configmaps/kubeadm-config")
  grep -qF "kubernetesVersion: $KUBERNETES_VERSION\\n" <<<"$settings" || {
    echo "kube-system/configmap/kubeadm-config says $(grep -o 'kubernetesVersion: v[0-9.]*' <<<"$settings")"
    return 1
  }
}

ready() {
  curl --silent --show-error --fail --cacert "$NODE_CA" --cert "$NODE_CLIENT" --key "$NODE_CLIENT" --max-time 5 \
    "$API_URL/api/v1/nodes/$NODE_NAME" |
    python3 -c '
import json, sys
status = json.load(sys.stdin)["status"]
release = status["nodeInfo"]["kubeletVersion"]
if release != sys.argv[1]:
    sys.exit(f"its kubelet is of {release}")
ready = [c for c in status.get("conditions", []) if c["type"] == "Ready"]
if not (ready and ready[0]["status"] == "True"):
    sys.exit(ready[0]["message"] if ready else "no Ready condition yet")
' "$KUBERNETES_VERSION"
}

main "$@" </dev/null
