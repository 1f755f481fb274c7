#!/usr/bin/env bash
# Has a part in a departure, as root: of another member, or of this host itself. All that the departures' key of SSH can ask for here.
#
# usage:   take-out.sh REQUEST     one of
#          drain NODE SECONDS fail|force       (a master) its pods leave the node; what is done when they have not after SECONDS
#          forget NODE                         (a master) the node is removed
#          member NAME ADDRESS goes|stays      (a member of etcd) that one is taken out of the list, or can be away for a while
#          stop NODE                           (NODE itself) its control plane ends, and tells those who are connected
# effects: those of leave-node.sh, leave-etcd.sh and leave-control-plane.sh.
# guard:   one request about a member at a time; each may be repeated. Ends with 75 where this host cannot, but another one may.
set -euo pipefail

readonly NAME='[a-z0-9][a-z0-9-]*'

main() {
  local request=${1:-} here=/usr/local/lib/kubernetes-ha
  local -a words
  read -r -a words <<<"$request"
  export STEP_DIR=$here
  install -d -m 0755 /run/kubernetes-ha
  if [[ $request =~ ^drain\ $NAME\ [0-9]+\ (fail|force)$ || $request =~ ^forget\ $NAME$ ]]; then
    run leave-node.sh control-plane
  elif [[ $request =~ ^member\ $NAME\ [0-9.]+\ (goes|stays)$ ]]; then
    run leave-etcd.sh etcd
  elif [[ $request =~ ^stop\ $NAME$ ]]; then
    run leave-control-plane.sh control-plane
  else
    echo "no request of a departure: '$request'" >&2
    exit 64
  fi
}

# run SCRIPT DUTY
run() {
  export PARAMS=/etc/kubernetes-ha/certificates/$2.conf
  exec 9>"/run/kubernetes-ha/departure-${words[1]}.lock"
  # A run of before, whose connection broke, goes on.
  flock 9
  exec bash "$here/$1" "${words[@]}" 2>&1
}

main "$@" </dev/null
