#!/usr/bin/env bash
# Runs one step on this host, as root.
#
# usage:   run-step.sh STEP SECONDS      (stdin: one JSON object, see place-files.py)
# effects: places the files of the step, then runs STEP.sh; both under the host's one lock and within SECONDS.
#          What the step prints goes to /var/log/kubernetes-ha/STEP.log, after a line that says when it began. Standard
#          output stays empty: nobody reads facts from it. After a failure the end of the log is on standard error.
# guard:   none; every step may be run again at any moment, also over a half-done one.
set -euo pipefail

readonly TAIL_LINES=60

main() {
  local step=$1 seconds=$2 here log status=0
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  log=/var/log/kubernetes-ha/$step.log
  install -d -m 0755 /run/kubernetes-ha /var/lib/kubernetes-ha
  install -d -m 0750 /var/log/kubernetes-ha

  # Read before the lock: a sender must never wait for the steps of others with its pipe full.
  local request
  request=$(mktemp -p /run/kubernetes-ha request.XXXXXX)
  trap 'rm -f "$request"' EXIT
  cat >"$request"

  # The step inherits the lock, so that one whose connection broke keeps it until it has really ended.
  exec 9>/run/kubernetes-ha/lock
  if ! flock --timeout "$seconds" 9; then
    echo "$step: another step has held the lock of this host for ${seconds} s: $(cat /run/kubernetes-ha/holder 2>/dev/null)" >&2
    exit 75
  fi
  local began
  began=$(date -u +%FT%T.%3NZ)
  echo "$step since $began" >/run/kubernetes-ha/holder

  echo "$step began $began" >"$log"
  timeout --kill-after=10 "$seconds" bash "$here/run-locked.sh" "$step" "$request" \
    </dev/null >>"$log" 2>&1 || status=$?
  if ((status != 0)); then
    ((status == 124 || status == 137)) && echo "$step: not done after ${seconds} s" >&2
    echo "$step: failed with $status on $(hostname); end of $log:" >&2
    tail -n "$TAIL_LINES" "$log" >&2
  fi
  exit "$status"
}

main "$@"
