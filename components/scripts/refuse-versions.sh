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
  # An apiserver is taken to another release before the kubelet beside it. The kubelet counts, not what was fetched for it.
  for runs in $(image_release kube-apiserver) $(cut -d/ -f2 "$APPLIED/artifact.kubelet" 2>/dev/null); do
    [[ -z $wanted || $runs == "$wanted" ]] || ! lives || way Kubernetes versions.kubernetes "$runs" "$wanted"
  done
  wanted=$(release etcdctl "$@")
  # Of the member, not of etcdctl: an image that could not be had has changed nothing.
  runs=$(image_release etcd)
  [[ -z $wanted || -z $runs || $runs == "$wanted" ]] || way etcd versions.etcd "$runs" "$wanted"
}

# image_release COMPONENT: of the static pod that runs it.
image_release() {
  sed -n 's/^ *image: .*:\(v[0-9.]*\).*/\1/p' "$MANIFESTS/$1.yaml" 2>/dev/null || true
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

# way WHAT SETTING FROM TO: both go from one minor release to the next, and never down: over etcd's data, which the release before does not read.
way() {
  local from to way="$2 is $4, but this host runs $3"
  IFS=. read -r -a from <<<"${3#v}"
  IFS=. read -r -a to <<<"${4#v}"
  ((to[0] == from[0])) || refuse "$way, of another major release: make a new cluster"
  ((to[1] >= from[1])) || refuse "$way: $1 does not go down by a minor release over its data. Use v${from[0]}.${from[1]}.x or later"
  ((to[1] <= from[1] + 1)) || refuse "$way, $((to[1] - from[1])) minor releases before: go to v${from[0]}.$((from[1] + 1)).x first"
}

refuse() {
  echo "error: $*" >&2
  exit 1
}

main "$@" </dev/null
