# shellcheck shell=bash
# How a host goes to another release of Kubernetes: the kubelet that fetch-artifacts.sh puts beside the one that runs, the pods that make room, and word of
# a failure for those who wait. Sourced after lib.sh.
#
# $STEP_DIR/kube.py counts as part of it, as the programs in Python import that.

readonly KUBELET=/usr/local/bin/kubelet KUBELET_RECORD=$STATE_DIR/applied/artifact.kubelet

kubelet_waits() {
  [[ -e $KUBELET.next ]]
}

# swap_kubelet: the one that waits takes its place; the one that runs goes on until it is restarted, and is kept.
swap_kubelet() {
  cp --preserve "$KUBELET_RECORD" "$KUBELET_RECORD.former"
  ln -f "$KUBELET" "$KUBELET.former"
  mv -f "$KUBELET.next" "$KUBELET"
  mv -f "$KUBELET_RECORD.next" "$KUBELET_RECORD"
  sync "${KUBELET%/*}" "${KUBELET_RECORD%/*}"
}

# keep_kubelet: the new one is healthy; the former is wanted no more.
keep_kubelet() {
  rm -f "$KUBELET.former" "$KUBELET_RECORD.former"
}

# restore_kubelet: the former one has its place again, and the new one waits as before. Nothing where there is none.
restore_kubelet() {
  [[ -e $KUBELET.former ]] || return 0
  mv -f "$KUBELET" "$KUBELET.next"
  mv -f "$KUBELET.former" "$KUBELET"
  mv -f "$KUBELET_RECORD" "$KUBELET_RECORD.next"
  mv -f "$KUBELET_RECORD.former" "$KUBELET_RECORD"
  sync "${KUBELET%/*}" "${KUBELET_RECORD%/*}"
}

# What a node is to the API.
readonly NODE_CA=/etc/kubernetes/pki/ca.crt NODE_CLIENT=/var/lib/kubelet/pki/kubelet-client-current.pem

# drain URL: has the pods of this node run elsewhere. Where they do not within DRAIN_SECONDS, DRAIN_ON_TIMEOUT says whether it goes on all the same.
drain() {
  local status=0
  phase "pods make room, for ${DRAIN_SECONDS} s at most"
  python3 -B "$STEP_DIR/drain.py" out "$1" "$NODE_CA" "$NODE_CLIENT" "$NODE_NAME" "$DRAIN_SECONDS" || status=$?
  ((status != 0)) || return 0
  if ((status == 3)) && [[ $DRAIN_ON_TIMEOUT == force ]]; then
    phase "some are still there (above); going on all the same (drain.onTimeout)"
    return 0
  fi
  pods_back "$1"
  die "$NODE_NAME: pods are still there after ${DRAIN_SECONDS} s (above), so it stays as it is. Have them leave, or set drain.onTimeout to force; then run the same again"
}

# pods_back URL: new ones may come, unless somebody else wants none here.
pods_back() {
  [[ -s $NODE_CLIENT ]] || return 0
  wait_until 60 "new pods may come to $NODE_NAME" python3 -B "$STEP_DIR/drain.py" back "$1" "$NODE_CA" "$NODE_CLIENT" "$NODE_NAME"
}

# tell failed|done URL...: those who wait for this node, by the first of these ways to the API that answers.
tell() {
  local what=$1 url
  shift
  [[ -s $NODE_CLIENT ]] || return 0
  for url in "$@"; do
    python3 -B "$STEP_DIR/upgrade-turn.py" "$what" "$url" "$NODE_CA" "$NODE_CLIENT" "$NODE_NAME" && return 0
  done
}
