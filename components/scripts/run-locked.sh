#!/usr/bin/env bash
# The part of run-step.sh that runs under the host's lock and time limit.
#
# usage: run-locked.sh STEP REQUEST-FILE
set -euo pipefail

readonly MANIFESTS=/etc/kubernetes/manifests KEPT=/var/lib/kubernetes-ha/manifests

main() {
  local step=$1 request=$2 here
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  python3 "$here/place-files.py" "$request" "/run/kubernetes-ha/$step.params"
  drop_damaged
  # shellcheck source=/dev/null
  PARAMS="/run/kubernetes-ha/$step.params" STEP_DIR=$here bash "$here/$step.sh"
  keep_manifests
  # kubeadm, containerd and others wait for no disk, and nothing runs a step again that counts as done.
  sync --file-system /etc /var/lib
  echo "$step: done"
}

# What a loss of power left in pieces counts as absent, so that the step makes it anew: kubeadm takes a file for good because it is there, or refuses it.
drop_damaged() {
  local file
  for file in /etc/kubernetes/pki/{,etcd/}*.{crt,key,pub} /etc/kubernetes/{admin,super-admin,kubelet,controller-manager,scheduler}.conf "$MANIFESTS"/*.yaml; do
    if [[ ! -f $file ]] || whole "$file"; then continue; fi
    echo "$file: is not whole, made anew"
    # A certificate without its key, or the other way round, is refused as well.
    case $file in
      *.crt | *.key) rm -f "${file%.*}".{crt,key} ;;
      *) rm -f "$file" ;;
    esac
  done
}

# Each of them ends with a whole line, and what is PEM with that of its kind.
whole() {
  case $1 in
    *.crt | *.key | *.pub) tail -n 1 "$1" | grep -q '^-----END .*-----$' ;;
    *) [[ -s $1 && -z $(tail -c 1 "$1" | tr '\0' '?') ]] ;;
  esac
}

# For boot.sh, should a loss of power leave one of them in pieces.
keep_manifests() {
  [[ -d $MANIFESTS ]] || return 0
  rm -rf "$KEPT.new"
  cp -a "$MANIFESTS" "$KEPT.new"
  rm -rf "$KEPT"
  mv "$KEPT.new" "$KEPT"
}

main "$@"
