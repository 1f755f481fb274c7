#!/usr/bin/env bash
# Has this host, a master or a member of etcd, take out others that leave, when the bastion asks for it.
#
# inputs:  placed: who may ask (authorized_keys of DEPARTURE_USER), and what that one may do here (sudoers)
# effects: an account that is logged in to by that key alone, and runs take-out.sh whatever is asked for; and that script, in place.
# guard:   what is as wanted is left alone.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly DEPARTURE_USER=kubernetes-ha-departure

main() {
  phase "departures of others"
  getent passwd "$DEPARTURE_USER" >/dev/null ||
    useradd --system --user-group --home-dir "/var/lib/$DEPARTURE_USER" --no-create-home --shell /bin/sh "$DEPARTURE_USER"
  keep_programs lib.sh etcd-members.py leave-node.sh leave-control-plane.sh leave-etcd.sh take-out.sh
}

main "$@" </dev/null
