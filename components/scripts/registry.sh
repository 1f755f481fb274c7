#!/usr/bin/env bash
# Runs the two programs of the cluster's own registry: one that only reads, and one that takes images.
#
# inputs:  RELEASE                        of the program that the host was prepared with; another one is a reason to run again
#          ADDRESS, PULL_PORT, PUSH_PORT  where they listen
# effects: both services with their placed files. Neither needs the storage to start, or any other host.
# guard:   each is touched only when its own files or the program changed. Hosts do this one after another, and one that restarted a service ends only when
#          HAProxy has had the time to see it, so that another one serves all the while.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly CONFIG=/etc/kubernetes-ha/registry PROGRAM=/var/lib/kubernetes-ha/applied/artifact.registry
# HAProxy takes a server back after two checks, a second apart.
readonly SEEN_SECONDS=4

main() {
  keep_programs role_keys.py
  serve kubernetes-ha-registry "$PULL_PORT" "$CONFIG/pull.yml"
  serve kubernetes-ha-registry-push "$PUSH_PORT" "$CONFIG/push.yml" "$CONFIG/users"
}

# answers PORT
answers() {
  curl --silent --show-error --fail --max-time 2 --noproxy '*' --output /dev/null "http://$ADDRESS:$1/"
}

# As long as HAProxy takes to see it.
answers_on() {
  local began pause=0.5
  began=$(now)
  while (($(now) - began < SEEN_SECONDS)); do
    answers "$1" || return 1
    sleep "$pause"
  done
}

# serve UNIT PORT FILE...
serve() {
  local unit=$1 port=$2 had
  shift 2
  had=$(recall "$unit")
  phase "$unit"
  run_service "$unit" "/etc/systemd/system/$unit.service" "$CONFIG/secret.env" "$CONFIG/keys.conf" "$PROGRAM" "$@"
  wait_until 60 "$unit answers" answers "$port"
  [[ $(recall "$unit") == "$had" ]] || wait_until 60 "$unit answers without a break" answers_on "$port"
}

main "$@" </dev/null
