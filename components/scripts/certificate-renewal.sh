#!/usr/bin/env bash
# Has this host renew the certificates of one of its duties by itself, from here on.
#
# usage:   certificate-renewal.sh DUTY     (etcd, control-plane)
# effects: the script that does it, in place, and its timer, with their placed files.
# guard:   what is as wanted is left alone.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly UNITS=/etc/systemd/system

main() {
  local unit=kubernetes-ha-certificates-$1
  phase "renewal of certificates"
  keep_programs lib.sh certificates.sh issue-certificates.sh renew-certificates.sh
  run_service "$unit.timer" "$UNITS/$unit.timer" "$UNITS/$unit.service"
}

main "$@" </dev/null
