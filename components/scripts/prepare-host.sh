#!/usr/bin/env bash
# Makes a plain Debian or Ubuntu host ready for its role: names, swap, kernel, packages, binaries, time, data disk, runtime, images. Then looks
# whether it is fit for it, before anything of Kubernetes is on it.
#
# inputs:  NODE_NAME      what this host must be called
#          HOSTS_BLOCK    our part of /etc/hosts, marked by its first and last line
#          PACKAGES       Debian packages
#          ARTIFACTS      binaries, "path-below-base target [sha256]"
#          ARTIFACT_BASE_URL, APT_SOURCES (file with our sources; empty = those of the image)
#          CA_FILES       where the certificate of the cluster's CA is wanted; it is ca.crt in the archive
#          SERVICES       units to run, "unit file... [-- file...]": restarted when one of the first files changes, reloaded for the others
#          IMAGES         images to have before they are needed
#          PEERS          who it talks to, "name address [port...]"
#          DIRECT_ROUTING what LVS by direct routing must reach from here, "vip real-server..."
#          SKEW_MS, FDATASYNC_MS  limits
#          DISK_ID, DATA_DIR      etcd's data disk and where its unit mounts it; empty = none
# effects: only what differs is touched; a service restarts only when its own files changed. A file system on a blank data disk, and its mount.
# guard:   releases that what runs here is not taken to are refused before anything is changed. Every phase looks first. A disk that holds etcd's data is not measured; a peer that is down is told and waited for no longer than a minute.
#
# $STEP_DIR/preflight.py imports $STEP_DIR/icmp.py and $STEP_DIR/direct_routing.py, which count as part of this step then
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly PACKAGES_SECONDS=300 ARTIFACTS_SECONDS=300 IMAGES_SECONDS=300

main() {
  phase "releases"
  bash "$STEP_DIR/refuse-versions.sh" "${ARTIFACTS[@]}"
  phase "swap"
  swap_off
  phase "kernel"
  load_modules
  apply_sysctls /etc/sysctl.d/90-kubernetes-ha.conf
  phase "packages and binaries"
  local packages artifacts
  timeout "$PACKAGES_SECONDS" bash "$STEP_DIR/install-packages.sh" "$APT_SOURCES" "${PACKAGES[@]}" &
  packages=$!
  timeout "$ARTIFACTS_SECONDS" bash "$STEP_DIR/fetch-artifacts.sh" "$ARTIFACT_BASE_URL" "${ARTIFACTS[@]}" &
  artifacts=$!
  wait "$packages" || die "packages: not installed (${PACKAGES[*]})"
  wait "$artifacts" || die "artifacts: not fetched from $ARTIFACT_BASE_URL"
  stop_unwanted
  local service file
  for file in "${CA_FILES[@]}"; do
    cmp --silent "$STEP_DIR/ca.crt" "$file" || install -D -m 0644 "$STEP_DIR/ca.crt" "$file"
  done
  for service in "${SERVICES[@]}"; do
    # shellcheck disable=SC2086 # a unit and its files, none of which holds a blank
    run_service $service
  done
  # Once what a name stands for is there: the way to the API may have become one that this host has itself.
  phase "names"
  map_names "$HOSTS_BLOCK"
  mount_data_disk
  pull_images
  phase "looking"
  # -B: what root would compile here the login user could not remove with the rest.
  python3 -B "$STEP_DIR/preflight.py" "$NODE_NAME" "$SKEW_MS" "$DATA_DIR" "$FDATASYNC_MS" "${DIRECT_ROUTING[*]}" "${PEERS[@]}" ||
    die "$NODE_NAME is not fit for its role: see the lines with FAILED"
}

# Services that this host was to run before and is not now, as another kind of entry has others at the same address.
stop_unwanted() {
  local unit wanted
  wanted=$(printf '%s\n' "${SERVICES[@]%% *}")
  while read -r unit; do
    if [[ -z $unit ]] || grep -qxF "$unit" <<<"$wanted"; then continue; fi
    phase "stopping $unit"
    systemctl --quiet disable --now "$unit"
  done < <(recall services)
  remember services "$wanted"
}

mount_data_disk() {
  [[ -n $DISK_ID ]] || return 0
  phase "data disk"
  bash "$STEP_DIR/format-data-disk.sh" "$DISK_ID"
  run_service kubernetes-ha-data-disk.service /etc/systemd/system/kubernetes-ha-data-disk.service
  mountpoint -q "$DATA_DIR" || die "data disk $DISK_ID is not mounted at $DATA_DIR"
  chmod 0700 "$DATA_DIR"
  # etcd complains about what it does not know; fsck makes a new one when it needs it.
  rmdir "$DATA_DIR/lost+found" 2>/dev/null || true
}

# Swap that this host has switched on itself. On a machine that is shared (a container), swap of the machine is listed as
# well; its files are not there to be seen, and it is not ours to switch off.
swap_off() {
  local file
  while read -r file _; do
    [[ -e $file ]] || continue
    swapoff "$file"
  done < <(tail -n +2 /proc/swaps)
  if grep -Eq '^[^#]\S*\s+\S+\s+swap\s' /etc/fstab 2>/dev/null; then
    sed -i -E 's/^([^#]\S*\s+\S+\s+swap\s.*)$/# switched off by kubernetes-ha: \1/' /etc/fstab
    systemctl daemon-reload
  fi
}

load_modules() {
  local module
  [[ -e /etc/modules-load.d/kubernetes-ha.conf ]] || return 0
  while read -r module; do
    modprobe --quiet "$module" 2>/dev/null || true
    works "$module" || die "kernel module $module: the kernel of this host, $(uname -r), neither loads it nor has it built in; use an image whose kernel has it"
  done < <(grep -v '^#' /etc/modules-load.d/kubernetes-ha.conf)
}

# Asks the kernel for what the module brings: one that is built in is listed nowhere.
works() {
  case $1 in
    overlay) grep -qw overlay /proc/filesystems ;;
    br_netfilter) [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] ;;
    nf_conntrack) [[ -e /proc/sys/net/netfilter/nf_conntrack_max ]] ;;
    ip_vs) [[ -e /proc/net/ip_vs ]] ;;
    # Of a number that no network has: two devices of one number exclude each other, and a node has its own already.
    vxlan) ip link add kha-probe type vxlan id 16777215 dstport 0 && ip link delete kha-probe ;;
    *) [[ -e /sys/module/$1 ]] || grep -qs "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" ;;
  esac
}

# Writes only what differs: a host that shares its machine's kernel must not write what is as wanted. What is the kernel's
# as a whole and cannot be set from here is left as it is; the network's settings are this host's own.
apply_sysctls() {
  local key value now
  [[ -e $1 ]] || return 0
  while IFS='=' read -r key value; do
    key=${key//[[:space:]]/} value=$(xargs <<<"$value")
    [[ -n $key && $key != \#* ]] || continue
    now=$(sysctl -n "${key#-}" 2>&1 | xargs)
    [[ $now != "$value" ]] || continue
    sysctl -q -w "${key#-}=$value" && continue
    [[ $key != net.* ]] || die "sysctl $key: is $now, cannot be set to $value"
    phase "sysctl ${key#-} stays $now, wanted $value"
  done <"$1"
}

# Images come early and side by side, while other hosts are still being prepared: a pull never stands between two phases later on.
pull_images() {
  ((${#IMAGES[@]} > 0)) || return 0
  phase "images"
  local image missing=() present
  present=$(ctr --namespace k8s.io images list --quiet)
  for image in "${IMAGES[@]}"; do
    grep -qxF "$image" <<<"$present" || missing+=("$image")
  done
  ((${#missing[@]} > 0)) || return 0
  printf '%s\n' "${missing[@]}" |
    timeout "$IMAGES_SECONDS" xargs -n 1 -P 3 ctr --namespace k8s.io images pull --hosts-dir /etc/containerd/certs.d >/dev/null ||
    die "images: not all of them could be pulled: ${missing[*]}"
}

main "$@" </dev/null
