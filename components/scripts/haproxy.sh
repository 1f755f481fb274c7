#!/usr/bin/env bash
# Runs HAProxy: what passes connections on to the masters.
#
# inputs:  none but its placed files
# effects: the service with these files, checked first. Needs no master to be up.
# guard:   touched only when its own files changed.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

main() {
  phase "haproxy"
  haproxy -q -c -f /etc/haproxy/haproxy.cfg || die "haproxy.cfg: HAProxy refuses it"
  # A key that nothing is served with any more does not stay.
  grep -q frontends.pem /etc/haproxy/haproxy.cfg || rm -f /etc/haproxy/frontends.pem
  run_service haproxy /etc/systemd/system/haproxy.service.d/* -- /etc/haproxy/haproxy.cfg /etc/haproxy/kubernetes-ca.crt /etc/haproxy/frontends.pem
}

main "$@" </dev/null
