#!/usr/bin/env bash
# Has this member of etcd take snapshots and keep its database small by itself, from here on.
#
# inputs:  SNAPSHOTS    whether it takes them: yes, or no
# effects: the scripts that do it, in place, and their timers, with their placed files.
# guard:   what is as wanted is left alone; snapshots that are there stay, also when no more are taken.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly UNITS=/etc/systemd/system SNAPSHOT=kubernetes-ha-etcd-snapshot SPACE=kubernetes-ha-etcd-space

main() {
  keep_programs lib.sh snapshot.sh take-snapshot.sh etcd-space.sh etcd-space.py
  run_service "$SPACE.timer" "$UNITS/$SPACE.timer" "$UNITS/$SPACE.service"
  if [[ $SNAPSHOTS == yes ]]; then
    run_service "$SNAPSHOT.timer" "$UNITS/$SNAPSHOT.timer" "$UNITS/$SNAPSHOT.service"
  elif systemctl --quiet is-enabled "$SNAPSHOT.timer" 2>/dev/null; then
    phase "no more snapshots"
    systemctl --quiet disable --now "$SNAPSHOT.timer"
  fi
}

main "$@" </dev/null
