#!/usr/bin/env bash
# Is one lab host with a kernel of its own, powered on: makes its network link and becomes User-mode Linux. Started detached by the world,
# so that a host outlives the daemon, in a mount namespace of its own, with which all that it mounts goes. Lies in the host's directory as run.sh.
#
# A reboot is this script once more: User-mode Linux then executes its own argv[0], which is set to it. So the new kernel gets the disks the
# host has by then.
#
# Usage: run.sh <host directory>     reads <host directory>/host.env
#        run.sh linked               in the fabric's network namespace
#        run.sh mem=...              with the arguments of the kernel that has gone down for a reboot
set -euo pipefail

self=$(realpath "$0")
dir=${self%/*}
set -a
# shellcheck disable=SC1091 # written by the world next to the host's disks
. "$dir/host.env"
set +a

# What the kernel starts from: the image, with the machine's files at /mnt; uml-init.sh makes the root file system of it.
assemble() {
  mount --bind "$IMAGE" "$dir/root"
  mount -o remount,bind,ro "$dir/root"
  mount --bind "$dir/machine" "$dir/root/mnt"
  mount --bind "$KERNEL_MODULES" "$dir/root/mnt/modules"
  # The machine's /dev/shm may be too small; what is in use of this one counts as the host's.
  mount -t tmpfs -o "size=$((MEMORY_MIB + 16))m,mode=0700" tmpfs "$dir/memory"
}

link() {
  ip link del "$LINK" 2>/dev/null || true
  ip tuntap add dev "$LINK" mode tap
  "$dir/link.sh"
}

boot() {
  local disks=() name major minor disk
  while read -r name major minor disk; do
    disks+=("ubd${name#vd}=$DISKS/$disk.img")
  done <"$dir/machine/devices"
  : "$major" "$minor"
  export TMPDIR=$dir/memory
  # Debian's own modules have it not beside them.
  if [[ -e $KERNEL_MODULES/uml-registers.so ]]; then export LD_PRELOAD=$KERNEL_MODULES/uml-registers.so; fi
  # A socket's path holds 107 characters: the control socket's is relative, as for uml-control.pl.
  cd "$dir"
  [[ -p orders ]] || mkfifo --mode=0600 orders
  : >answers
  exec 3<>orders 4>>answers
  exec -a "$self" linux.uml "mem=${MEMORY_MIB}M" root=/dev/root rootfstype=hostfs "hostfs=$dir/root" ro init=/mnt/init \
    "ubda=$dir/disk.img" "${disks[@]}" "vec0:transport=tap,ifname=$LINK,depth=128,gro=1,mac=$MAC" \
    con0=null,fd:1 con1=null con=null ssl0=fd:3,fd:4 ssl=null uml_dir=uml umid=host loglevel=4 panic=1 ipv6.disable_ipv6=1 "systemd.machine_id=${UUID//-/}"
}

# What the kernel that went down has left open: the link, disks. 255 is bash's own, this script.
close_files() {
  local file descriptor
  for file in "/proc/$$/fd/"*; do
    descriptor=${file##*/}
    if ((descriptor > 2 && descriptor != 255)); then exec {descriptor}>&-; fi
  done
}

case ${1:-} in
  mem=*) close_files ;;
  linked)
    for cgroup in $MACHINE_CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
    link
    ;;
  *)
    for cgroup in $LAUNCHER_CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
    assemble
    exec nsenter --net="/run/netns/$FABRIC" -- "$self" linked
    ;;
esac
boot
