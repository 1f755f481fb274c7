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
# shellcheck source=registry-service.sh
source "$STEP_DIR/registry-service.sh"

main() {
  keep_programs role_keys.py
  serve kubernetes-ha-registry "http://$ADDRESS:$PULL_PORT/" "$REGISTRY/pull.yml"
  serve kubernetes-ha-registry-push "http://$ADDRESS:$PUSH_PORT/" "$REGISTRY/push.yml" "$REGISTRY/users"
}

main "$@" </dev/null
