#!/usr/bin/env bash
# One act of the restore of a snapshot, on one host; `npm run restore` has all hosts do each act before any does the next.
#
# inputs:  ACT               receive   (members)   makes room for the snapshot, which is then copied here
#                            prepare   (members)   makes the member's data of the snapshot, beside what is there
#                            stop      (all)       ends etcd and the apiserver
#                            exchange  (members)   has that data take the place of what was there
#                            start     (all)       has the apiserver serve again, and snapshots be taken
#                            forget    (members)   removes what `receive` and `prepare` have made
#          DATA_DIR          where a member has its data; STAGED below it, a directory of its own, has the snapshot as snapshot.db
#          BYTES, SHA256     of the snapshot; no SHA256 of a sealed one
#          IDENTITY          opens a sealed one, which is snapshot.sealed; empty = it is not sealed
#          MEMBER_NAME, MEMBER_ADDRESS, MEMBERS     as of etcd.sh
#          TOKEN             of the cluster that begins: whoever still has data of the one before does not find into it
#          REVISION          that the store goes on from, above all that it ever had: whoever watches holds one of before, is told that that is gone, and
#                            lists anew, instead of waiting for a number that comes again with other things under it
#          RUN               names what was there before
#          API_PORT
# effects: of `receive`, `prepare` and `forget` none but files of STAGED. Of `exchange` the former data is in DATA_DIR/before-RUN. While it is stopped, nothing on
#          the host starts it again: the kubelet is stopped, too.
# guard:   each act may be run again. `receive` fails where the disk has no room, `prepare` on a snapshot that is damaged.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=snapshot.sh
source "$STEP_DIR/snapshot.sh"

readonly STAGED=${DATA_DIR:-/nonexistent}/restore END_SECONDS=30 READY_SECONDS=300
readonly PKI=/etc/kubernetes/pki APISERVER=/etc/kubernetes/manifests/kube-apiserver.yaml
readonly SNAPSHOT_UNIT=kubernetes-ha-etcd-snapshot

main() {
  case $ACT in
    receive) receive ;;
    prepare) prepare ;;
    stop) stop ;;
    exchange) exchange ;;
    start) start ;;
    forget) rm -rf "$STAGED" ;;
    *) die "no act $ACT" ;;
  esac
}

# The snapshot, what is made of it, and a tenth more: a member that still serves must not find its disk full.
receive() {
  local free wanted=$((BYTES * 22 / 10))
  mountpoint -q "$DATA_DIR" || die "the data disk is not mounted at $DATA_DIR"
  rm -rf "$STAGED"
  free=$(bytes_free "$DATA_DIR")
  ((free > wanted)) || die "no room in $DATA_DIR: $((free >> 20)) MiB are free, and it takes $((wanted >> 20)); remove $DATA_DIR/before-*, or let the disk grow"
  install -d -m 0700 "$STAGED"
}

prepare() {
  local file=$STAGED/snapshot.db bump
  [[ -z $IDENTITY ]] || open_sealed "$file"
  phase "is it what was kept"
  echo "${SHA256:-$(sha256sum "$file" | cut -d' ' -f1)}  snapshot.db" >"$file.sha256"
  unchanged "$file" || die "the snapshot is damaged: its SHA-256 is $(sha256sum "$file" | cut -d' ' -f1), and was $SHA256 when it was taken"
  phase "making the data of $MEMBER_NAME"
  bump=$((REVISION - $(etcdutl snapshot status "$file" -w json | sed -n 's/.*"revision":\([0-9]*\).*/\1/p')))
  ((bump > 0)) || die "the snapshot is of a revision beyond $REVISION: is this machine's clock right"
  rm -rf "$STAGED/made"
  restored "$file" "$STAGED/made" --name "$MEMBER_NAME" --initial-cluster "$(initial_cluster)" --initial-cluster-token "$TOKEN" \
    --initial-advertise-peer-urls "https://$MEMBER_ADDRESS:2380" --bump-revision "$bump" --mark-compacted ||
    die "the snapshot cannot be restored"
}

# Whole, or not at all: whatever is changed in a sealed file shows when it is opened.
open_sealed() {
  # The identity has been read, and is on no disk: /run is memory. It does not stay there either.
  rm -f "$PARAMS"
  phase "opening the sealed snapshot"
  age --decrypt --identity <(echo "$IDENTITY") "$STAGED/snapshot.sealed" | gunzip >"$1" || die "the snapshot is damaged, or sealed for somebody else"
}

initial_cluster() {
  local IFS=,
  echo "${MEMBERS[*]}"
}

# With its kubelet stopped nobody starts a static pod again that has ended, whatever that kubelet knows of its pods.
stop() {
  local program
  # An apiserver holds nothing, and without a quorum it would wait for answers until the last moment.
  local -A seconds=([kube-apiserver]=5 [etcd]=$END_SECONDS)
  phase "stopping"
  systemctl stop "$SNAPSHOT_UNIT.timer" "$SNAPSHOT_UNIT.service" 2>/dev/null || true
  systemctl stop kubelet
  for program in kube-apiserver etcd; do
    pkill -x "$program" || continue
    (wait_until "${seconds[$program]}" "$program has ended" ended "$program") || pkill -KILL -x "$program" || true
    wait_until "$END_SECONDS" "$program has ended" ended "$program"
  done
}

ended() {
  ! pgrep -x "$1"
}

exchange() {
  local made=$STAGED/made/member
  ended etcd >/dev/null || die "etcd runs"
  [[ -d $made ]] || die "there is nothing to restore: $made is not there"
  phase "exchanging the data"
  if [[ -d $DATA_DIR/member ]]; then
    install -d -m 0700 "$DATA_DIR/before-$RUN"
    mv "$DATA_DIR/member" "$DATA_DIR/before-$RUN/member"
  fi
  mv "$made" "$DATA_DIR/member"
  sync --file-system "$DATA_DIR"
  rm -rf "$STAGED"
}

start() {
  phase "starting"
  systemctl start kubelet
  [[ ! -e $APISERVER ]] || wait_until "$READY_SECONDS" "the apiserver ready" ready
  if systemctl --quiet is-enabled "$SNAPSHOT_UNIT.timer" 2>/dev/null; then systemctl start "$SNAPSHOT_UNIT.timer"; fi
}

ready() {
  curl --silent --show-error --fail --max-time 5 --cacert "$PKI/ca.crt" "https://$(hostname):$API_PORT/readyz"
}

main "$@" </dev/null
