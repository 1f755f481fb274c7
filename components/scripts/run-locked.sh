#!/usr/bin/env bash
# The part of run-step.sh that runs under the host's lock and time limit.
#
# usage: run-locked.sh STEP REQUEST-FILE
set -euo pipefail

main() {
  local step=$1 request=$2 here
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  python3 "$here/place-files.py" "$request" "/run/kubernetes-ha/$step.params"
  # shellcheck source=/dev/null
  PARAMS="/run/kubernetes-ha/$step.params" STEP_DIR=$here bash "$here/$step.sh"
  echo "$step: done"
}

main "$@"
