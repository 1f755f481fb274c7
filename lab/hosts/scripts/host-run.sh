#!/usr/bin/env bash
# Is one lab host, powered on: makes its network link, boots it in systemd-nspawn, boots it again when it asks for a
# reboot, and ends when it is powered off. Started detached by the world, so that a host outlives the daemon, in a mount namespace of its
# own, with which all that it mounts goes.
#
# Usage: host-run.sh <host directory>     reads <host directory>/host.env
#        host-run.sh boot <host directory> one boot, in the network namespace it is started in
set -euo pipefail

# What a virtual machine may do to itself. Not CAP_SYS_TIME (the clock is the machine's), not CAP_SYS_MODULE.
readonly capabilities=CAP_AUDIT_CONTROL,CAP_AUDIT_WRITE,CAP_BPF,CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_DAC_READ_SEARCH,CAP_FOWNER,CAP_FSETID,CAP_IPC_LOCK,CAP_IPC_OWNER,CAP_KILL,CAP_LEASE,CAP_LINUX_IMMUTABLE,CAP_MKNOD,CAP_NET_ADMIN,CAP_NET_BIND_SERVICE,CAP_NET_BROADCAST,CAP_NET_RAW,CAP_PERFMON,CAP_SETFCAP,CAP_SETGID,CAP_SETPCAP,CAP_SETUID,CAP_SYSLOG,CAP_SYS_ADMIN,CAP_SYS_BOOT,CAP_SYS_CHROOT,CAP_SYS_NICE,CAP_SYS_PTRACE,CAP_SYS_TTY_CONFIG

# barrier=0: a host loses its power, but never the kernel, which is the machine's, so that what it has synced need not be on the
# machine's disk. Hosts sync all the time (dpkg, containerd, journald), and all of them on one disk. noinit_itable: what was never
# written of a sparse file is zero; the kernel need not write 1.6 % of each disk to make it so.
readonly disk_options=loop,barrier=0,noinit_itable,errors=remount-ro

# Exit status with which systemd-nspawn --keep-unit asks to be started again.
readonly reboot=133

load() {
  # shellcheck disable=SC1091 # written by the world next to the host's disks
  . "$1/host.env"
}

link() {
  ip -n "$FABRIC" link del "$LINK" 2>/dev/null || true
  ip link set lo up
  ip link add host0 address "$MAC" type veth peer name "$LINK" netns "$FABRIC"
  ip addr add "$ADDRESS/$PREFIX" dev host0
  nsenter --net="/run/netns/$FABRIC" -- "${0%/*}/link.sh"
  ip link set host0 up
  ip route add default via "$GATEWAY"
  printf 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  printf 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
}

boot() {
  load "$1"
  export BRIDGE LINK GATEWAY GATEWAY_MAC ADDRESS MAC
  link
  local cgroup
  for cgroup in $MACHINE_CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
  export SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes SYSTEMD_NSPAWN_LOCK=0
  exec systemd-nspawn --quiet --directory="$1/root" --machine="$MACHINE" --hostname="$HOST_NAME" --uuid="$UUID" \
    --register=no --keep-unit --kill-signal=SIGRTMIN+3 --console=pipe \
    --network-namespace-path="/proc/$$/ns/net" --resolv-conf=off --timezone=off --link-journal=no \
    --capability="$capabilities" --drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE \
    --system-call-filter='@keyring bpf @mount @raw-io' \
    --bind=/dev/kmsg --bind=/dev/fuse \
    --bind="$1/disk/containerd:/var/lib/containerd" --bind-ro="$1/machine:/run/lab" \
    --bind-ro="$1/machine/seed:/var/lib/cloud/seed/nocloud" \
    /run/lab/init
}

main() {
  if [[ ${1:-} == boot ]]; then boot "$2"; fi # does not return
  local dir=${1:?host directory} code
  load "$dir"
  local cgroup
  for cgroup in $LAUNCHER_CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
  "$dir/with-loop.sh" mount -o "$disk_options" "$dir/disk.img" "$dir/disk"
  # Image and disk are two file systems; xino=on gives what is on them the one device number of the host's root.
  mount -t overlay "overlay-$MACHINE" -o "lowerdir=$IMAGE,upperdir=$dir/disk/upper,workdir=$dir/disk/work,xino=on" "$dir/root"
  while :; do
    code=0
    unshare --net -- "$0" boot "$dir" || code=$?
    echo "host-run: systemd-nspawn ended with $code"
    [[ $code == "$reboot" ]] || break
  done
  ip -n "$FABRIC" link del "$LINK" 2>/dev/null || true
  exit "$code"
}

main "$@"
