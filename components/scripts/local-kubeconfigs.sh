#!/usr/bin/env bash
# Has kubeconfigs of a master speak to its own apiserver: no master needs another one, or a balancer, to be up.
#
# usage:   local-kubeconfigs.sh CONFIG SERVER KIND...      (KIND: kubelet, admin, super-admin)
# effects: /etc/kubernetes/KIND.conf, made by kubeadm from CONFIG where it is not there, has SERVER. kubeadm keeps it so.
# guard:   none; what is as wanted is written as it was.
set -euo pipefail

main() {
  local config=$1 server=$2 kind file
  shift 2
  for kind in "$@"; do
    file=/etc/kubernetes/$kind.conf
    [[ -e $file ]] || kubeadm init phase kubeconfig "$kind" --config "$config" >/dev/null
    sed -i -E "s|^( *server:) .*|\1 $server|" "$file"
  done
}

main "$@" </dev/null
