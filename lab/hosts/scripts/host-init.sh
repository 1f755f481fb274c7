#!/bin/sh
# First program of a lab host, where firmware and kernel would be: makes what the shared kernel shows look like the
# host's own machine, then becomes systemd.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Controllers of cgroup v1 arrive read-only; kubelet and containerd make their groups in them. Only this mount is
# changed ("bind"): without that word the machine's own would be remounted.
for controller in /sys/fs/cgroup/*; do
  if mountpoint -q "$controller"; then mount -o remount,bind,rw "$controller"; fi
done
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -o remount,bind,rw /sys/fs/cgroup; fi

# Settings of the kernel that have no namespace are the machine's and stay as they are: the host writes to copies.
own=/run/lab-own
mkdir -p $own
mount -t tmpfs -o mode=0755,size=8m tmpfs $own
for area in kernel vm fs; do
  cp -r "/proc/sys/$area" $own/ 2>/dev/null || true
done
# These have a namespace, or mean something only when read from the kernel.
for live in kernel/random kernel/hostname kernel/domainname kernel/ns_last_pid fs/file-nr fs/mqueue; do
  if [ -e "/proc/sys/$live" ] && [ -e "$own/$live" ]; then mount --rbind "/proc/sys/$live" "$own/$live"; fi
done
for area in kernel vm fs; do mount --rbind "$own/$area" "/proc/sys/$area"; done

# A CVM has no swap; the machine's own must be neither seen nor switched off.
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' >$own/swaps
mount --bind $own/swaps /proc/swaps

# modprobe of what is built into the shared kernel succeeds, as it does where it is a module.
release=$(uname -r)
if [ ! -e "/lib/modules/$release/modules.builtin.bin" ]; then
  mkdir -p "/lib/modules/$release/kernel"
  if [ -r /proc/config.gz ]; then
    zcat /proc/config.gz >$own/config
    while read -r option module; do
      if grep -q "^CONFIG_$option=y" $own/config; then echo "kernel/$module.ko"; fi
    done <<LIST >"/lib/modules/$release/modules.builtin"
OVERLAY_FS overlay
BRIDGE_NETFILTER br_netfilter
BRIDGE bridge
VXLAN vxlan
VETH veth
TUN tun
NF_CONNTRACK nf_conntrack
NF_TABLES nf_tables
NF_NAT nf_nat
IP_NF_IPTABLES ip_tables
IP_VS ip_vs
IP_VS_RR ip_vs_rr
IP_VS_WRR ip_vs_wrr
IP_VS_SH ip_vs_sh
LIST
  fi
  for index in modules.order modules.builtin.modinfo; do : >"/lib/modules/$release/$index"; done
  depmod "$release" || true
fi

/run/lab/devices.sh
exec /lib/systemd/systemd
