#!/usr/bin/env bash
# Has this host renew the certificates of one of its duties by itself, from here on.
#
# usage:   certificate-renewal.sh DUTY     (etcd, control-plane)
# effects: the script that does it, in place, and its timer, with their placed files.
# guard:   what is as wanted is left alone.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly INSTALLED=/usr/local/lib/kubernetes-ha UNITS=/etc/systemd/system

main() {
  local unit=kubernetes-ha-certificates-$1
  phase "renewal of certificates"
  install_script "$STEP_DIR/lib.sh"
  install_script "$STEP_DIR/certificates.sh"
  install_script "$STEP_DIR/issue-certificates.sh"
  install_script "$STEP_DIR/renew-certificates.sh"
  run_service "$unit.timer" "$UNITS/$unit.timer" "$UNITS/$unit.service"
}

# A renewal that runs goes on with the file it has read.
install_script() {
  cmp --silent "$1" "$INSTALLED/${1##*/}" || install -D -m 0644 "$1" "$INSTALLED/${1##*/}"
}

main "$@" </dev/null
