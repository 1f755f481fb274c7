#!/usr/bin/env bash
# Takes another member of etcd out of the list, or sees that it can be away for a while, from a member.
#
# usage:   leave-etcd.sh member NAME ADDRESS goes      it is removed from the list
#          leave-etcd.sh member NAME ADDRESS stays     its host is made anew, with its data disk or without: it is looked whether the others can do without it
# inputs:  ADDRESS, PORT     (PARAMS) where the member of this host serves
# effects: another one leads; the member is in the list no more.
# guard:   never below quorum: the others, as many as are healthy, have to be one without it. Members change one at a time, in the turn that etcd.sh takes.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly CANNOT=75 QUORUM_SECONDS=120 REMOVE_SECONDS=60
readonly TURN=kubernetes-ha/etcd-turn TURN_TTL=60 TURN_SECONDS=300

etcdctl=(etcdctl --dial-timeout 2s --command-timeout 10s)

main() {
  case $1 in
    member)
      if [[ $4 == stays ]]; then
        can_be_away "${@:2:2}"
        return
      fi
      own endpoint health || exit "$CANNOT"
      # etcdctl gives the turn up with the command that it runs, and with its lease when it dies itself.
      timeout "$TURN_SECONDS" "${etcdctl[@]}" --endpoints "https://$ADDRESS:$PORT" lock --ttl "$TURN_TTL" "$TURN" \
        bash "$STEP_DIR/leave-etcd.sh" in-turn "${@:2:2}"
      ;;
    in-turn) leave "${@:2}" ;;
  esac
}

# can_be_away NAME ADDRESS: one that is not in service costs nobody anything, and may be what brings a lost quorum back.
can_be_away() {
  if ! serves "https://$2:$PORT"; then
    phase "$1 is not in service, and keeps its place in etcd's list"
    return
  fi
  own endpoint health || exit "$CANNOT"
  wait_until "$QUORUM_SECONDS" "quorum of etcd while $1 is away" others_suffice "$1" "$2" 1
  lead_elsewhere "$(listed id "$1" "$2")" "$1" "$2"
  phase "$1 may be away, and keeps its place in etcd's list"
}

leave() {
  local name=$1 address=$2 id
  id=$(listed id "$name" "$address")
  if [[ -z $id ]]; then
    phase "$name is no member of etcd"
    return
  fi
  # A learner counts for nothing.
  if [[ -z $(listed learner "$name" "$address") ]]; then
    wait_until "$QUORUM_SECONDS" "quorum of etcd without $name" others_suffice "$name" "$address" 0
    lead_elsewhere "$id" "$name" "$address"
  fi
  phase "member $name out of etcd's list"
  wait_until "$REMOVE_SECONDS" "$name out of etcd's list" removed "$id"
}

own() {
  "${etcdctl[@]}" --endpoints "https://$ADDRESS:$PORT" "$@"
}

# listed QUESTION NAME ADDRESS: what the list says of that member.
listed() {
  own member list -w json | python3 "$STEP_DIR/etcd-members.py" "$@"
}

# others_suffice NAME ADDRESS MORE: the healthy ones of the other voters are more than half of those and MORE.
others_suffice() {
  local endpoint healthy=0 voters=0
  while read -r endpoint; do
    voters=$((voters + 1))
    if serves "$endpoint"; then healthy=$((healthy + 1)); fi
  done < <(listed other-voters "$1" "$2")
  echo "$healthy of the $voters other voters are healthy"
  ((healthy > (voters + $3) / 2))
}

serves() {
  "${etcdctl[@]}" --endpoints "$1" endpoint health >/dev/null 2>&1
}

# lead_elsewhere ID NAME ADDRESS: a leader that goes without a word costs its followers an election's timeout.
lead_elsewhere() {
  [[ $(own_status leader) == "$1" ]] || return 0
  phase "$2 leads: another one is to"
  "${etcdctl[@]}" --endpoints "https://$3:$PORT" move-leader "$(own_status own)" || phase "it does not answer; the others elect one"
}

own_status() {
  own endpoint status -w json | python3 "$STEP_DIR/etcd-members.py" "$1" "" "$ADDRESS"
}

# An answer that was lost may have been a yes.
removed() {
  local list
  own member remove "$1" && return 0
  list=$(own member list) && ! grep -q "^$1," <<<"$list"
}

main "$@" </dev/null
