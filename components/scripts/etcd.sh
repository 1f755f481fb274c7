#!/usr/bin/env bash
# Makes this host a member of etcd: a static pod that kubeadm renders, under a kubelet that serves nothing else, or that of a master.
#
# inputs:  DATA_DIR              where the data disk is mounted
#          MEMBER_NAME, MEMBER_ADDRESS
#          MEMBERS               all members as configured, "name=https://address:2380"
#          KUBEADM_CONFIG        kubeadm's configuration of a member that has its data
#          NODE_CONFIG           kubeadm's configuration of the master that this host is as well; empty = it is none
#          API_PORT              where that one's apiserver will listen
#          ROTATIONS             how far the replacement of etcd's authority is, "etcdCa generation phase"
# effects: certificates of this member, manifest, kubelet, what others need who leave; a member that lost its data is replaced in the member list.
# guard:   whether this member begins the cluster, joins it or just goes on is decided from its own data directory and
#          from what the peers hold, never from its place in the list. A cluster begins only when every configured member says that it
#          is blank and has never been one. A member that has its data is run by the settled manifest, which no blank directory can be
#          started with; another release or setting, and another release of their kubelets, reaches members that serve one after another, the
#          leader last, each when all others are healthy. One that does not come up by it is run as before.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"
# shellcheck source=rotation.sh
source "$STEP_DIR/rotation.sh"

readonly PKI=/etc/kubernetes/pki/etcd MANIFEST=/etc/kubernetes/manifests/etcd.yaml
readonly STEADY_SECONDS=10 STOP_SECONDS=60 AGREE_SECONDS=300 HEALTH_SECONDS=180 MEMBERSHIP_SECONDS=120
# A turn ends with its holder: it is a lock of etcd's, with a lease of TURN_TTL seconds.
readonly TURN=kubernetes-ha/etcd-turn TURN_TTL=60 TURN_SECONDS=420 YIELD_SECONDS=120 COMING_SECONDS=5

WORK="" TURN_HOLDER_ID=""

main() {
  local settled who
  mountpoint -q "$DATA_DIR" || die "the data disk is not mounted at $DATA_DIR"
  [[ -z $(recall etcd-member) ]] || no_phase_skipped
  WORK=$(mktemp -d -p /run/kubernetes-ha etcd.XXXXXX)
  trap leave EXIT
  phase "certificates"
  local kind
  bash "$STEP_DIR/renew-certificates.sh" etcd-member
  for kind in etcd-server etcd-peer etcd-healthcheck-client; do
    kubeadm init phase certs "$kind" --config "$KUBEADM_CONFIG" >/dev/null
  done
  settled=$(render)
  if has_data; then
    phase "data is here: this member goes on"
    run_kubelet
    apply "$settled"
  else
    decide
    run_kubelet
  fi
  phase "waiting for etcd"
  wait_until "$HEALTH_SECONDS" "etcd member $MEMBER_NAME in service" in_service
  who=$(status identity)
  # On the system disk: with this, a data directory that is blank is one that has lost its data.
  remember etcd-member "$who"
  # One that has just begun or joined needs no longer what it was started with.
  apply "$settled"
  remember_rotations
  bash "$STEP_DIR/certificate-renewal.sh" etcd
  bash "$STEP_DIR/departures.sh"
}

leave() {
  [[ -z $TURN_HOLDER_ID ]] || give_turn
  rm -rf "$WORK"
}

# What a member writes as the last thing of its first start. One that never got there, or that found its disk emptied and was refused by
# its peers, has no more than a new database.
has_data() {
  compgen -G "$DATA_DIR/member/wal/*.wal" >/dev/null
}

# The kubelet of a master is a node's from the start, as in `kubeadm init`: it runs static pods before there is an API to talk to. Who
# restarts it later, kubeadm included, leaves them running.
run_kubelet() {
  local config=/var/lib/kubelet/config.yaml
  if [[ -z $NODE_CONFIG ]]; then
    run_service kubelet /etc/systemd/system/kubelet.service "$config"
    return
  fi
  phase "kubelet"
  bash "$STEP_DIR/local-kubeconfigs.sh" "$NODE_CONFIG" "https://$MEMBER_ADDRESS:$API_PORT" kubelet
  systemctl --quiet enable kubelet
  if [[ -s $config ]]; then
    systemctl start kubelet
  else
    kubeadm init phase kubelet-start --config "$NODE_CONFIG" >/dev/null
  fi
}

# A blank member asks its peers. Answers: "new" (all are blank, or the peers wait for this one), "replace ID" (they have a place for it
# that it cannot fill: its data is gone, or an earlier run was cut off), "add" (they have never heard of it).
decide() {
  local answer
  stop_member
  phase "blank: asking the peers"
  answer=$(python3 "$STEP_DIR/etcd-agree.py" "$PKI" "$AGREE_SECONDS" "$MEMBER_NAME" "$MEMBER_ADDRESS" "$(recall etcd-member)" "${MEMBERS[@]}")
  phase "the peers say: $answer"
  rm -rf "$DATA_DIR/member"
  case $answer in
    new) place "$(render new "$(initial_cluster)")" ;;
    add | replace*)
      # Removed first: its old data is gone, and three of four would be a higher bar than two of three.
      [[ $answer == add ]] || membership "member ${answer#replace } out of the list" removed "${answer#replace }"
      # As a learner, so that a member that has yet to catch up never counts for the quorum.
      membership "$MEMBER_NAME in the list as a learner" added
      place "$(render existing "$(known_cluster)")"
      ;;
    *) die "etcd-agree.py answered '$answer'" ;;
  esac
}

# One whose data is gone may still be started again and again, from a manifest of its first days. It must not meet its peers now.
stop_member() {
  [[ -e $MANIFEST ]] || return 0
  phase "stopping a member without data"
  rm -f "$MANIFEST"
  wait_until "$STOP_SECONDS" "etcd ended" ended
}

ended() {
  ! pgrep -x etcd
}

initial_cluster() {
  local IFS=,
  echo "${MEMBERS[*]}"
}

# What the running members list, this one by its configured name although it has not told them yet.
known_cluster() {
  local IFS=$'\n' members
  members=$(peers member list -w json | python3 "$STEP_DIR/etcd-members.py" initial-cluster "$MEMBER_NAME" "$MEMBER_ADDRESS")
  [[ -n $members ]] || die "etcd lists no members"
  echo "$members"
}

# render [STATE CLUSTER]: the manifest, in a file of its own. Without arguments the settled one: `existing`, and a cluster of itself alone.
# With its data in place etcd reads neither; without, it asks the others of that cluster who they are, finds none, and ends. So neither
# the kubelet nor anybody else starts a member that has lost its data, as one that has forgotten what it has acknowledged.
render() {
  local directory=$WORK/${1:-settled}
  mkdir -p "$directory"
  if (($# > 0)); then
    set_argument initial-cluster-state "$1" <"$KUBEADM_CONFIG" | set_argument initial-cluster "$2" >"$directory/kubeadm.yaml"
  else
    cp "$KUBEADM_CONFIG" "$directory/kubeadm.yaml"
  fi
  KUBEADM_INIT_DRYRUN_DIR=$directory kubeadm init phase etcd local --dry-run --config "$directory/kubeadm.yaml" >/dev/null
  echo "$directory/etcd.yaml"
}

# Replaces the value of one of kubeadm's "- name: ... / value: ..." arguments.
set_argument() {
  awk -v name="$1" -v value="$2" '
    found && $1 == "value:" {sub(/value:.*/, "value: " value); found = 0; done = 1}
    $1 == "-" && $2 == "name:" {found = ($3 == name)}
    {print}
    END {if (!done) {print "error: no argument " name > "/dev/stderr"; exit 1}}
  '
}

# place FILE: the manifest, whole or not at all, over a power loss too.
place() {
  local directory=${MANIFEST%/*}
  install -d -m 0700 "$directory"
  install -m 0600 "$1" "$directory/.etcd.yaml"
  sync "$directory/.etcd.yaml"
  mv -f "$directory/.etcd.yaml" "$MANIFEST"
  sync "$directory"
}

# apply FILE: has the member run by this manifest. One that serves waits for its turn; so does what it runs by when that is the same.
apply() {
  local before turn=""
  if same "$1" "$MANIFEST" && ! own_kubelet_waits; then return 0; fi
  before=$(pgrep -x etcd || true)
  # One that does not listen, or a cluster that nobody has written to, has nothing to lose.
  if listens && ! fresh; then
    turn=taken
    take_turn
    phase "looking at the other members"
    wait_until "$HEALTH_SECONDS" "all other members of etcd healthy; $MEMBER_NAME stays as it is meanwhile" others_healthy
  fi
  if ! same "$1" "$MANIFEST"; then
    # Without a turn there was nothing that served.
    [[ -z $turn ]] || cp "$MANIFEST" "$WORK/former.yaml"
    replace_member "$1" "$before"
    (wait_until "$HEALTH_SECONDS" "etcd member $MEMBER_NAME in service by its new manifest" succeeded "$before") || former_member "$turn"
  fi
  if own_kubelet_waits; then
    phase "kubelet: another release"
    swap_kubelet
    systemctl restart kubelet
    # It may start the member anew that the one before has started.
    (wait_until "$HEALTH_SECONDS" "etcd member $MEMBER_NAME in service under its new kubelet" steady) || former_kubelet
    keep_kubelet
  fi
  [[ -z $turn ]] || give_turn
}

# former_member TURN: the member of before, if it served (TURN). No data is older than it: a cluster goes to another minor release when all of its members have.
former_member() {
  [[ -n $1 ]] || exit 1
  phase "the member of before comes back"
  replace_member "$WORK/former.yaml" "$(pgrep -x etcd || true)"
  wait_until "$HEALTH_SECONDS" "etcd member $MEMBER_NAME in service as before" in_service
  die "$MEMBER_NAME: etcd does not come up as it is configured (journalctl -u kubelet, crictl logs); the member of before is back." \
    "Set right what has changed (versions.etcd, etcd.extraArgs), and run again"
}

former_kubelet() {
  restore_kubelet
  systemctl restart kubelet
  die "$MEMBER_NAME: the kubelet of versions.kubernetes does not come up, or etcd beneath it; the one of before is back"
}

# replace_member FILE PID: has the kubelet run this manifest in the place of the member that runs now.
replace_member() {
  phase "manifest: placed"
  if kubelet_is_blind; then
    systemctl stop kubelet
    [[ -z $2 ]] || kill "$2"
    wait_until "$HEALTH_SECONDS" "etcd has ended" ended
    place "$1"
    systemctl start kubelet
  else
    place "$1"
  fi
}

# That of a master is the control plane's, which is behind all apiservers.
own_kubelet_waits() {
  [[ -z $NODE_CONFIG ]] && kubelet_waits
}

# In service for a while, and the kubelet with it.
steady() {
  local began pause=0.5
  began=$(now)
  while (($(now) - began < STEADY_SECONDS)); do
    curl --silent --show-error --fail --max-time 2 http://127.0.0.1:10248/healthz >/dev/null && in_service || return 1
    sleep "$pause"
  done
}

# A kubelet that has not heard from its apiserver since it started does not know all its pods, and ends none: not the member of before, either. One that
# starts finds the manifest as it is then.
kubelet_is_blind() {
  [[ -n $NODE_CONFIG ]] || return 1
  ! curl --silent --insecure --max-time 3 --output /dev/null "https://$MEMBER_ADDRESS:$API_PORT/healthz"
}

# What the kubelet makes of two files. An empty or a partial one is like no other.
same() {
  diff -q <(sed '/^ *#/d; /^ *$/d' "$1") <(sed '/^ *#/d; /^ *$/d' "$2" 2>/dev/null) >/dev/null
}

# Whoever holds this lock is the one member that is changed. It goes with its lease when the holder dies.
take_turn() {
  local key
  phase "waiting for this member's turn"
  yield_turn
  # --foreground: it ends with the step, however that ends.
  coproc TURN_HOLDER {
    exec timeout --foreground "$((TURN_SECONDS + 3 * HEALTH_SECONDS))" "${etcdctl[@]}" --endpoints "$(clients)" lock --ttl "$TURN_TTL" "$TURN"
  }
  # shellcheck disable=SC2153 # set by coproc
  TURN_HOLDER_ID=$TURN_HOLDER_PID
  read -r -t "$TURN_SECONDS" key <&"${TURN_HOLDER[0]}" ||
    die "turn of $MEMBER_NAME: not its turn after ${TURN_SECONDS} s; it stays as it is. In the queue: $(waiting | xargs)"
  echo "$key"
}

give_turn() {
  kill "$TURN_HOLDER_ID" 2>/dev/null || true
  wait "$TURN_HOLDER_ID" || true
  TURN_HOLDER_ID=""
}

# The leader goes last: it lets those pass who wait already, and those who come within a few seconds.
yield_turn() {
  local began pause=1 waited=0
  leads || return 0
  began=$(now)
  while ((waited < YIELD_SECONDS)) && { ((waited < COMING_SECONDS)) || [[ -n $(waiting) ]]; }; do
    sleep "$pause"
    waited=$(($(now) - began))
  done
}

waiting() {
  "${etcdctl[@]}" --endpoints "$(clients)" get --prefix --keys-only "$TURN"
}

etcdctl=(etcdctl --dial-timeout 2s --command-timeout 10s)

# Asks this member.
own() {
  "${etcdctl[@]}" --endpoints "https://$MEMBER_ADDRESS:2379" "$@"
}

# Asks the other members.
peers() {
  "${etcdctl[@]}" --endpoints "$(clients "$MEMBER_NAME")" "$@"
}

# clients [NAME]: where clients reach the members, but for that one.
clients() {
  local member endpoints=()
  for member in "${MEMBERS[@]}"; do
    [[ ${member%%=*} == "${1:-}" ]] || endpoints+=("${member#*=}")
  done
  local IFS=,
  echo "${endpoints[*]//:2380/:2379}"
}

# A change of the member list; it waits while another one is under way (one learner at a time) or members come back.
membership() {
  wait_until "$MEMBERSHIP_SECONDS" "$1 (takes a quorum; if that is lost for good, docs/runbooks/etcd-data-lost.md)" "${@:2}"
}

# An answer that was lost may have been a yes.
removed() {
  local list
  peers member remove "$1" && return 0
  list=$(peers member list) && ! grep -q "^$1," <<<"$list"
}

added() {
  peers member add "$MEMBER_NAME" --learner --peer-urls "https://$MEMBER_ADDRESS:2380" || [[ -n $(learner) ]]
}

learner() {
  peers member list -w json | python3 "$STEP_DIR/etcd-members.py" learner "$MEMBER_NAME" "$MEMBER_ADDRESS"
}

# A member that was added is a learner until it has caught up; as such it takes part in no vote and answers no request, the
# peers have to be asked about it.
in_service() {
  local id
  id=$(learner) || return 1
  [[ -z $id ]] || peers member promote "$id" || return 1
  own endpoint health
}

# succeeded PID: another etcd than this one is in service.
succeeded() {
  [[ $(pgrep -x etcd) != "$1" ]] && in_service
}

others_healthy() {
  peers endpoint health
}

listens() {
  timeout 2 bash -c "exec 3<>/dev/tcp/$MEMBER_ADDRESS/2379" 2>/dev/null
}

# What this member says of itself, FIELD of `etcdctl endpoint status`.
status() {
  own endpoint status -w json | python3 "$STEP_DIR/etcd-members.py" "$1" "$MEMBER_NAME" "$MEMBER_ADDRESS"
}

fresh() {
  [[ $(status revision) == 1 ]]
}

leads() {
  [[ $(status leads) == yes ]]
}

main "$@" </dev/null
