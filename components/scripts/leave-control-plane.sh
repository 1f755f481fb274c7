#!/usr/bin/env bash
# Ends the control plane of this host, which is about to go: clients that are connected are told so, and are elsewhere before the machine ends.
#
# usage:   leave-control-plane.sh stop NODE
# effects: no static pods of the control plane; keepalived, which gives an address it holds to another host. etcd stays.
# guard:   on NODE alone. Should the host stay after all, its step makes all of it anew.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly MANIFESTS=/etc/kubernetes/manifests END_SECONDS=90

main() {
  [[ $(hostname) == "$2" ]] || die "this is $(hostname), not $2"
  # What was carried out here is no longer so.
  rm -f "$STATE_DIR/applied/control-plane"
  phase "stopping the control plane"
  rm -f "$MANIFESTS"/kube-{controller-manager,scheduler,apiserver}.yaml
  ! systemctl --quiet is-active keepalived || systemctl stop keepalived
  wait_until "$END_SECONDS" "the apiserver has ended" ended
}

ended() {
  ! pgrep -x kube-apiserver
}

main "$@" </dev/null
