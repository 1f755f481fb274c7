#!/usr/bin/env bash
# What has to be so on this host at every boot, whatever its image does then: cloud-init writes /etc/hosts anew, others' sysctls are loaded too, swap
# comes back by fstab, units or generators, and a loss of power leaves half of what was being written.
#
# usage:   boot.sh [swap|kernel|names|manifests|client]    (none = all of them, each whatever becomes of the others)
# effects: only what differs is touched. Runs as part of prepare-host.sh, and by kubernetes-ha-boot.service from then on.
# guard:   none; may run at any moment.
set -euo pipefail

readonly NAMES=/etc/kubernetes-ha/hosts MODULES=/etc/modules-load.d/kubernetes-ha.conf SYSCTLS=/etc/sysctl.d/zz-kubernetes-ha.conf
readonly MANIFESTS=/etc/kubernetes/manifests KEPT_MANIFESTS=/var/lib/kubernetes-ha/manifests
readonly CLIENTS=/var/lib/kubelet/pki
# What makes swap by itself, without a unit of type swap.
readonly SWAP_MAKERS=(zramswap zram-config dphys-swapfile swapspace)
# A line of fstab whose third field says so, however it is indented and however many fields follow.
# shellcheck disable=SC2016 # the fields are awk's
readonly IS_SWAP='$1 !~ /^#/ && $3 == "swap"'

main() {
  local part status=0
  case ${1:-} in
    swap | kernel | names | manifests | client) "$1" ;;
    "")
      for part in swap kernel names manifests client; do bash "${BASH_SOURCE[0]}" "$part" || status=1; done
      return "$status"
      ;;
    *) die "$1: must be swap, kernel, names, manifests or client" ;;
  esac
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# put FILE [MODE]: puts standard input in the place of FILE, whole or not at all, also when the power goes. What is mounted is written in place.
put() {
  local temporary=${1%/*}/.${1##*/}.kubernetes-ha
  cat >"$temporary"
  chmod "${2:-0644}" "$temporary"
  sync "$temporary"
  mv -f "$temporary" "$1" 2>/dev/null || {
    cat "$temporary" >"$1"
    rm -f "$temporary"
  }
  sync "${1%/*}"
}

# The kubelet refuses to start on swap. On a machine that is shared (a container) swap of the machine is listed as well; its files are not there to be
# seen, and it is not ours to switch off.
swap() {
  local file unit changed=""
  while read -r file _; do
    [[ -e $file ]] || continue
    echo "swap $file: switched off"
    swapoff "$file" || die "swap $file cannot be switched off: see that this much memory is free, then run again"
  done < <(tail -n +2 /proc/swaps)
  if [[ -e /etc/fstab ]] && ! awk "$IS_SWAP {exit 1}" /etc/fstab; then
    awk "$IS_SWAP"' {$0 = "# switched off by kubernetes-ha: " $0} {print}' /etc/fstab | put /etc/fstab
    changed=yes
  fi
  for unit in /{etc,run,usr/lib,lib}/systemd/system/{*.swap,"${SWAP_MAKERS[@]/%/.service}"} /run/systemd/generator{,.early,.late}/*.swap; do
    if [[ -e $unit ]] && mask "${unit##*/}"; then changed=yes; fi
  done
  [[ -z $changed ]] || systemctl daemon-reload
}

# mask UNIT: as `systemctl mask`, which refuses where an administrator's own unit is in the place: that one is put aside. Fails when nothing was to do.
mask() {
  local link=/etc/systemd/system/$1
  [[ $(readlink "$link" 2>/dev/null) != /dev/null ]] || return 1
  if [[ -e $link && ! -L $link ]]; then mv -f "$link" "$link.before-kubernetes-ha"; fi
  ln -sfn /dev/null "$link"
  echo "unit $1: masked, it makes swap"
}

kernel() {
  load_modules
  apply_sysctls
}

load_modules() {
  local module
  [[ -e $MODULES ]] || return 0
  while read -r module; do
    modprobe --quiet "$module" 2>/dev/null || true
    works "$module" || die "kernel module $module: the kernel of this host, $(uname -r), neither loads it nor has it built in; use an image whose kernel has it"
  done < <(grep -v '^#' "$MODULES")
}

# Asks the kernel for what the module brings: one that is built in is listed nowhere.
works() {
  case $1 in
    overlay) grep -qw overlay /proc/filesystems ;;
    br_netfilter) [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] ;;
    nf_conntrack) [[ -e /proc/sys/net/netfilter/nf_conntrack_max ]] ;;
    ip_vs) [[ -e /proc/net/ip_vs ]] ;;
    nfnetlink_queue) [[ -e /proc/net/netfilter/nfnetlink_queue ]] ;;
    # Of a number that no network has: two devices of one number exclude each other, and a node has its own already.
    vxlan) ip link add kha-probe type vxlan id 16777215 dstport 0 && ip link delete kha-probe ;;
    *) [[ -e /sys/module/$1 ]] || grep -qs "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" ;;
  esac
}

# Writes only what differs: a host that shares its machine's kernel must not write what is as wanted. What is the kernel's
# as a whole and cannot be set from here is left as it is; the network's settings are this host's own.
apply_sysctls() {
  local key value now
  [[ -e $SYSCTLS ]] || return 0
  while IFS='=' read -r key value; do
    key=${key//[[:space:]]/} value=$(xargs <<<"$value")
    [[ -n $key && $key != \#* ]] || continue
    now=$(sysctl -n "${key#-}" 2>&1 | xargs)
    [[ $now != "$value" ]] || continue
    sysctl -q -w "${key#-}=$value" && continue
    [[ $key != net.* ]] || die "sysctl $key: is $now, cannot be set to $value"
    echo "sysctl ${key#-} stays $now, wanted $value"
  done <"$SYSCTLS"
}

# Keeps the cluster's part of /etc/hosts; its first and its last line mark it. A file that was lost has lost localhost, too.
names() {
  local begin end wanted
  [[ -s $NAMES ]] || return 0
  begin=$(head -n 1 "$NAMES")
  end=$(tail -n 1 "$NAMES")
  wanted=$(
    grep -qsw localhost /etc/hosts || echo "127.0.0.1 localhost"
    [[ ! -e /etc/hosts ]] || awk -v begin="$begin" -v end="$end" '$0 == begin {skip = 1} !skip {print} $0 == end {skip = 0}' /etc/hosts
    cat "$NAMES"
  )
  [[ ! -e /etc/hosts || $wanted != "$(cat /etc/hosts)" ]] || return 0
  echo "/etc/hosts: had not the names of the cluster"
  put /etc/hosts <<<"$wanted"
}

# kubeadm writes over a manifest, and waits for no disk: a loss of power leaves nothing of it, or a part. It ends as the one does that the last step
# to succeed has left; one that is not there was taken away, and stays so.
manifests() {
  local kept manifest
  for kept in "$KEPT_MANIFESTS"/*.yaml; do
    manifest=$MANIFESTS/${kept##*/}
    [[ -e $kept && -e $manifest ]] || continue
    ! cmp --silent <(tail -n 1 "$manifest") <(tail -n 1 "$kept") || continue
    echo "$manifest: was not whole, is again as the last step to succeed left it"
    put "$manifest" 0600 <"$kept"
  done
}

# The kubelet gets itself a new certificate, and waits for no disk, either. The one before it is good for a while yet, and without any it cannot ask.
client() {
  local current=$CLIENTS/kubelet-client-current.pem candidates index
  if [[ ! -L $current ]] || whole "$current"; then return 0; fi
  candidates=("$CLIENTS"/kubelet-client-[0-9]*.pem)
  for ((index = ${#candidates[@]} - 1; index >= 0; index--)); do
    whole "${candidates[index]}" || continue
    echo "$current: was not whole, is ${candidates[index]##*/} again"
    ln -sfn "${candidates[index]}" "$current"
    return 0
  done
  die "$current: is not whole, and no older one is; have the host replaced, or run its steps anew"
}

whole() {
  [[ -e $1 ]] && tail -n 1 "$1" | grep -q '^-----END .*-----$'
}

main "$@" </dev/null
