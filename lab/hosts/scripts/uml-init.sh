#!/bin/sh
# First program of a host with a kernel of its own: what firmware, initrd and hypervisor do on a CVM. Starts on the image, which is read-only,
# with the machine's files at /mnt; makes the host's root file system of the image and its system disk, then becomes systemd there.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=/srv

mount -t proc proc /proc
mount -t sysfs sysfs /sys
insmod "/mnt/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
# barrier=0: what this kernel has written is in the machine's, which does not go down with the host.
mount -t ext4 -o barrier=0,noinit_itable,errors=remount-ro /dev/ubda /media
mount -t overlay overlay -o lowerdir=/,upperdir=/media/upper,workdir=/media/work $root
mkdir -p $root/var/lib/containerd $root/var/lib/cloud/seed/nocloud $root/lib/modules
mount --bind /media/containerd $root/var/lib/containerd
mount -t hostfs -o /mnt/modules hostfs $root/lib/modules

# A copy: this kernel does not notice what the world changes in the machine's files.
mount -t tmpfs -o mode=0755 tmpfs $root/run
mkdir $root/run/lab
cp -r /mnt/agent /mnt/devices /mnt/devices.sh /mnt/seed $root/run/lab/
mount --bind $root/run/lab/seed $root/var/lib/cloud/seed/nocloud
mkdir -p $root/run/systemd/system/sysinit.target.wants
cp /mnt/agent.service $root/run/systemd/system/lab-agent.service
ln -s ../lab-agent.service $root/run/systemd/system/sysinit.target.wants/

# kubelet reads the clock rate from here, which this kernel does not tell.
{ cat /proc/cpuinfo && printf 'cpu MHz\t\t: 2500.000\n\n'; } >$root/run/lab/cpuinfo
mount --bind $root/run/lab/cpuinfo /proc/cpuinfo

# The image's file capabilities do not come through hostfs, and ping has no other way for people who are not root.
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range

# shellcheck disable=SC1091 # written by the world
. /mnt/network
ip link set lo up
ip link set vec0 name host0
ip addr add "$ADDRESS/$PREFIX" dev host0
ip link set host0 up
ip route add default via "$GATEWAY"

for mounted in dev proc sys; do mount -n --move /$mounted $root/$mounted; done
chroot $root /run/lab/devices.sh
echo "booted" >$root/dev/ttyS0
exec switch_root $root /lib/systemd/systemd
