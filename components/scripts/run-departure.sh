#!/usr/bin/env bash
# Takes a member out of the cluster before its machine goes. Runs on the bastion, as the login user, when `pulumi up` deletes the member's Departure.
#
# usage:   ssh-agent run-departure.sh MEMBER ADDRESS HOST-KEY DUTIES SECONDS fail|force     (stdin: a private key of SSH, which take-out.sh of masters and members of etcd
#          answers, and which opens nothing else there)
#          DUTIES, separated by commas: worker, controlPlane, etcd. SECONDS is for its pods to go, and the last word what is done when they have not.
# inputs:  PEERS: masters and members of etcd as they are configured now, kept by the bastion's step: known_hosts of OpenSSH, each line with the name
#          and the duties of its host at the end
# effects: drained, its control plane stopped, out of etcd's list, and its node removed: each from a live peer, which are tried in turn, and of the
#          member itself nothing is needed. A member of etcd that PEERS has is one that is made anew: its place is kept for it.
# guard:   none; may be run again at any moment, also over a half-done run. Those who share a quorum go one after another.
set -euo pipefail

readonly PEERS=${PEERS:-/etc/kubernetes-ha/departures/peers}
# Others' turns are no longer than a drain; a peer that restarts is back within ROUNDS_SECONDS.
readonly TURN_SECONDS=$((2 * $5 + 600)) ROUNDS_SECONDS=300
# What take-out.sh ends with where another peer may know better, and ssh where it got none.
readonly ASK_ANOTHER=75 UNREACHABLE=255

main() {
  local member=$1 address=$2 host_key=$3 duties=,$4, seconds=$5 on_timeout=$6 fate=goes
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  KNOWN=$WORK/known_hosts
  cp "$PEERS" "$KNOWN"
  if grep -q " $member " "$PEERS"; then fate=stays; else echo "$address $host_key $member " >>"$KNOWN"; fi
  # Into the agent that this runs under, which ends with it.
  ssh-add -q -

  if [[ $duties == *,etcd,* || $duties == *,controlPlane,* ]]; then
    exec 9>"$HOME/.kubernetes-ha-departure.lock"
    flock --timeout "$TURN_SECONDS" 9 || die "another departure has not ended after ${TURN_SECONDS} s"
  fi
  if [[ $duties == *,worker,* || $duties == *,controlPlane,* ]]; then
    ask controlPlane "drain $member $seconds $on_timeout" || undrained
  fi
  if [[ $duties == *,controlPlane,* ]]; then
    # Those who are connected are told to go elsewhere. One that is dead has told them already.
    ask_one "$address" "stop $member" || echo "$member does not answer, so nothing is stopped there"
  fi
  if [[ $duties == *,etcd,* ]]; then
    ask etcd "member $member $address $fate" || die "no other member of etcd serves"
  fi
  if [[ $duties == *,worker,* || $duties == *,controlPlane,* ]]; then
    ask controlPlane "forget $member" || undrained
  fi
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Without an API nobody is drained. A master that is made anew may be what brings it back; its node has the same name again.
undrained() {
  [[ $duties == *,controlPlane,* && $fate == stays ]] || die "no other master serves: $member cannot leave before one does"
  echo "no other master serves: $member is made anew without a word to the API"
}

# ask DUTY REQUEST: has one of those with the duty, but for the member itself, do it; again and again while none of them can.
ask() {
  local duty=$1 request=$2 address status name began pause=5
  began=$(now)
  while true; do
    while read -r address name; do
      status=0
      ask_one "$address" "$request" || status=$?
      case $status in
        0) return 0 ;;
        "$ASK_ANOTHER" | "$UNREACHABLE") echo "$name cannot: $request" ;;
        *) die "$name refuses: $request" ;;
      esac
    done < <(awk -v member="$member" -v duty="$duty" '$4 != member && index($0 " ", " " duty " ") {print $1, $4}' "$PEERS")
    (($(now) - began < ROUNDS_SECONDS)) || return 1
    sleep "$pause"
  done
}

ask_one() {
  ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$KNOWN" -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlgorithms=ssh-ed25519 -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \
    "kubernetes-ha-departure@$1" "$2" </dev/null
}

now() {
  local up
  read -r up _ </proc/uptime
  echo "${up%.*}"
}

main "$@"
