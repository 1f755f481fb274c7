#!/usr/bin/env bash
# Refuses releases that what runs on this host is not taken to, before anything is changed. A host that runs nothing yet may have any.
#
# usage:   refuse-versions.sh "PATH TARGET [SHA256]"...    (what fetch-artifacts.sh is to fetch)
# effects: none
set -euo pipefail

readonly MANIFESTS=/etc/kubernetes/manifests APPLIED=/var/lib/kubernetes-ha/applied

main() {
  local runs wanted
  wanted=$(release kubelet "$@")
  runs=$(cut -d/ -f2 "$APPLIED/artifact.kubelet" 2>/dev/null || true)
  if [[ -n $wanted && -n $runs && $runs != "$wanted" ]] && lives; then
    refuse "versions.kubernetes is $wanted, but this host runs $runs: a running cluster is not taken to another release of Kubernetes" \
      "by changing it. Nothing has been changed here; set it back to $runs"
  fi
  wanted=$(release etcdctl "$@")
  # Of the member, not of etcdctl: an image that could not be had has changed nothing.
  runs=$(sed -n 's/^ *image: .*:\(v[0-9.]*\).*/\1/p' "$MANIFESTS/etcd.yaml" 2>/dev/null || true)
  [[ -z $wanted || -z $runs || $runs == "$wanted" ]] || etcd_way "$runs" "$wanted"
}

# release BINARY LINE...: the release of it that is to be fetched.
release() {
  local binary=$1 line
  shift
  for line in "$@"; do
    line=${line%% *}
    [[ ${line##*/} != "$binary" ]] || cut -d/ -f2 <<<"$line"
  done
}

# A host whose step was cut off before it was a node, or a member, may be prepared otherwise.
lives() {
  [[ -s /etc/kubernetes/kubelet.conf ]] || compgen -G "$MANIFESTS/*.yaml" >/dev/null
}

# A rolling upgrade of etcd goes from one minor release to the next, and never down over its data.
etcd_way() {
  local from to way="versions.etcd is $2, but this member runs $1"
  IFS=. read -r -a from <<<"${1#v}"
  IFS=. read -r -a to <<<"${2#v}"
  ((to[0] == from[0])) || refuse "$way, of another major release: make a new cluster"
  ((to[1] >= from[1])) || refuse "$way: etcd does not go down by a minor release over its data. Use v${from[0]}.${from[1]}.x or later"
  ((to[1] <= from[1] + 1)) || refuse "$way, $((to[1] - from[1])) minor releases before: go to v${from[0]}.$((from[1] + 1)).x first"
}

refuse() {
  echo "error: $*" >&2
  exit 1
}

main "$@" </dev/null
