#!/usr/bin/env bash
# Gives back the space that this member's database does not use any more, and ends the alarm of a database that was full.
#
# usage:   etcd-space.sh            what kubernetes-ha-etcd-space.timer runs, on one member after another
#          etcd-space.sh compact    (under the turn of etcd's members) gives it back now
# inputs:  MEMBER_ADDRESS
#          ENDPOINTS                of all members, "https://address:2379,..."
# effects: a database of which more than half is unused is written anew, which holds this member up for as long as that takes; a leader hands its lead on
#          first. After an alarm each does so whatever it has unused, and the last one disarms it. METRICS has sizes and the alarm.
# guard:   not while another member is changed (etcd.sh's turn) or is away. After an alarm nobody can write, so there is no turn to be had, by nobody; then
#          members go by the clock alone.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly HERE=${BASH_SOURCE[0]%/*}
# Where Debian's prometheus-node-exporter looks.
readonly METRICS=/var/lib/prometheus/node-exporter/kubernetes-ha-etcd-space.prom
readonly TURN=kubernetes-ha/etcd-turn TURN_TTL=60 TURN_SECONDS=120 COMPACT_SECONDS=600 HEALTH_SECONDS=60 ANSWER_SECONDS=120
# Below this size it is not worth the pause.
readonly LEAST_BYTES=$((256 << 20))
# With less of the quota in use than this percentage, members may be written to again.
readonly ROOM_PERCENT=90

main() {
  local SIZE IN_USE QUOTA LEADS ALARM FULLEST ANSWERED OTHER
  if [[ ${1:-} == compact ]]; then
    look
    compact
    return
  fi
  # A boot may be a moment ago.
  (wait_until "$ANSWER_SECONDS" "this member of etcd answers" own endpoint status) || true
  look
  publish
  ((SIZE > 0)) || die "this member of etcd does not answer"
  if [[ $ALARM == yes ]]; then
    phase "a database was full: nobody writes"
    compact
    look
    disarm
  elif ((SIZE >= LEAST_BYTES && SIZE - IN_USE > SIZE / 2)); then
    if ! all_answer; then
      phase "another member does not answer: later"
      return
    fi
    phase "waiting for this member's turn"
    # --foreground: it ends with the unit, however that ends. The lock goes with its holder.
    timeout --foreground "$((TURN_SECONDS + COMPACT_SECONDS))" "${etcdctl[@]}" --endpoints "$ENDPOINTS" lock --ttl "$TURN_TTL" "$TURN" \
      /bin/bash "$HERE/etcd-space.sh" compact
  fi
  look
  publish
}

etcdctl=(etcdctl --dial-timeout 2s)

own() {
  "${etcdctl[@]}" --endpoints "https://$MEMBER_ADDRESS:2379" "$@"
}

# Some may not answer: it tells of those that do.
look() {
  local status
  status=$("${etcdctl[@]}" --command-timeout 5s --endpoints "$ENDPOINTS" endpoint status -w json 2>/dev/null) || true
  # shellcheck source=/dev/null
  source <(python3 "$HERE/etcd-space.py" "$MEMBER_ADDRESS" <<<"${status:-[]}")
}

all_answer() {
  local endpoints=()
  IFS=, read -r -a endpoints <<<"$ENDPOINTS"
  ((ANSWERED == ${#endpoints[@]}))
}

compact() {
  if [[ $LEADS == yes && -n $OTHER ]]; then
    phase "another member leads from here on: $OTHER"
    own move-leader "$OTHER"
  fi
  phase "$((SIZE >> 20)) MiB, of which $((IN_USE >> 20)) are in use: writing the database anew"
  own --command-timeout "${COMPACT_SECONDS}s" defrag
  wait_until "$HEALTH_SECONDS" "this member of etcd in service" own endpoint status
}

disarm() {
  if all_answer && ((FULLEST < ROOM_PERCENT)); then
    phase "the fullest database has $FULLEST % of its quota: members may be written to again"
    own alarm disarm
  else
    phase "the fullest of $ANSWERED databases has $FULLEST % of its quota: the alarm stays. What to do: docs/runbooks/etcd-space.md"
  fi
}

# For those who watch hosts.
publish() {
  replace "$METRICS" <<END
# HELP kubernetes_ha_etcd_alarm Whether the database of a member was full, so that nobody can write.
# TYPE kubernetes_ha_etcd_alarm gauge
kubernetes_ha_etcd_alarm $([[ $ALARM == yes ]] && echo 1 || echo 0)
# HELP kubernetes_ha_etcd_database_bytes Size of this member's database.
# TYPE kubernetes_ha_etcd_database_bytes gauge
kubernetes_ha_etcd_database_bytes{part="file"} $SIZE
kubernetes_ha_etcd_database_bytes{part="in_use"} $IN_USE
kubernetes_ha_etcd_database_bytes{part="quota"} $QUOTA
END
}

main "$@" </dev/null
