#!/usr/bin/env bash
# Makes this host a worker: prepares it, then has it join.
#
# inputs:  those of prepare-host.sh, which also places the CA
#          NODE_NAME, API_URL     the API by its one name
#          KUBEADM_CONFIG         kubeadm's join configuration
#          DISCOVERY_FILE         kubeconfig for the first request only
#          BOOTSTRAP_CLIENT       the client certificate and key that it names, valid for a few days
# effects: `kubeadm join` once; afterwards the kubelet renews its certificate by itself, and these two files are gone.
# guard:   /etc/kubernetes/kubelet.conf: who has it has joined, and takes up changed settings of its kubelet.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly CA=/etc/kubernetes/pki/ca.crt CLIENT=/var/lib/kubelet/pki/kubelet-client-current.pem
# The first apiserver of a cluster may be prepared for much longer than this host was.
readonly API_SECONDS=900 JOIN_SECONDS=180 READY_SECONDS=180

main() {
  bash "$STEP_DIR/prepare-host.sh"
  systemctl --quiet enable kubelet
  if [[ -s /etc/kubernetes/kubelet.conf ]]; then
    systemctl start kubelet
    bash "$STEP_DIR/kubelet-settings.sh"
    bash "$STEP_DIR/come-back.sh" "$NODE_NAME" "$API_URL"
  else
    phase "waiting for the API"
    wait_until "$API_SECONDS" "$API_URL/readyz" curl --silent --show-error --fail --cacert "$CA" --max-time 5 "$API_URL/readyz"
    phase "kubeadm join"
    # Again and again: a node of this name that has only just gone still counts as Ready for a while.
    wait_until "$JOIN_SECONDS" "kubeadm join" kubeadm join --node-name "$NODE_NAME" --config "$KUBEADM_CONFIG" --skip-phases preflight
    bash "$STEP_DIR/kubelet-settings.sh" joined
  fi
  rm -f "$DISCOVERY_FILE" "$BOOTSTRAP_CLIENT"
  phase "waiting for the node"
  wait_until "$READY_SECONDS" "node $NODE_NAME Ready" ready
}

ready() {
  curl --silent --show-error --fail --cacert "$CA" --cert "$CLIENT" --key "$CLIENT" --max-time 5 \
    "$API_URL/api/v1/nodes/$NODE_NAME" |
    python3 -c '
import json, sys
status = json.load(sys.stdin)["status"]
ready = [c for c in status.get("conditions", []) if c["type"] == "Ready"]
if not (ready and ready[0]["status"] == "True"):
    sys.exit(ready[0]["message"] if ready else "no Ready condition yet")
'
}

main "$@" </dev/null
