#!/usr/bin/env bash
# Has the kubelet of a worker that has joined take up changed settings, or its new release. Pods go on meanwhile: a kubelet that is away for some seconds stops
# nothing.
#
# inputs:  NODE_NAME, and the files that kubeadm makes the kubelet's configuration from: the cluster's, and /etc/kubernetes/patches
# effects: /var/lib/kubelet/config.yaml, a restart of the kubelet
# guard:   nothing while these files are what they were. A kubelet that does not come back with its new configuration gets the one before again, and gives
#          way to the one of before, so that a bad setting or release costs no node.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"

readonly CONFIG=/var/lib/kubelet/config.yaml CONFIG_SECONDS=120 HEALTHY_SECONDS=90

main() {
  local wanted
  # kubeadm leaves it readable to all.
  chmod 0600 "$CONFIG"
  wanted=$(fingerprint /etc/kubernetes/patches/* /etc/systemd/system/kubelet.service /etc/default/kubelet "$KUBELET_RECORD")
  # A node that has joined just now has been made with them.
  if [[ ${1:-} == joined ]]; then
    remember kubelet-settings "$wanted"
    return 0
  fi
  [[ $(recall kubelet-settings) != "$wanted" ]] || return 0
  phase "kubelet: settings have changed"
  cp --preserve "$CONFIG" "$CONFIG.before"
  wait_until "$CONFIG_SECONDS" "kubelet configuration written" \
    kubeadm upgrade node phase kubelet-config --kubeconfig /etc/kubernetes/kubelet.conf --patches /etc/kubernetes/patches
  chmod 0600 "$CONFIG"
  restart
  if ! (wait_until "$HEALTHY_SECONDS" "kubelet healthy with its new settings" healthy); then
    journalctl --no-pager -n 20 -u kubelet >&2 || true
    mv -f "$CONFIG.before" "$CONFIG"
    restore_kubelet
    restart
    die "$NODE_NAME: the kubelet does not come up with its new settings or release and has those before again; set them right (kubelet.*, its pool," \
      "versions.kubernetes)"
  fi
  rm -f "$CONFIG.before"
  keep_kubelet
  remember kubelet-settings "$wanted"
}

restart() {
  systemctl daemon-reload
  systemctl restart kubelet
}

healthy() {
  curl --silent --show-error --fail --max-time 2 http://127.0.0.1:10248/healthz
}

main "$@" </dev/null
