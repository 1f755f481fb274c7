#!/bin/sh
# Makes the host's disks (/dev/vdb ... and /dev/disk/by-id/virtio-<disk>) what /run/lab/devices says, one line a disk:
# "<name> <major> <minor> <disk id>". Runs in the host at boot and whenever a disk comes or goes.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

mkdir -p /dev/disk/by-id
for node in /dev/vd[b-z]; do
  if [ ! -b "$node" ]; then continue; fi
  name=${node#/dev/}
  # 0x of stat: major and minor in hexadecimal.
  numbers=$(($(printf '0x%s' "$(stat -c %t "$node")"))) numbers="$numbers $(($(printf '0x%s' "$(stat -c %T "$node")")))"
  if ! grep -q "^$name $numbers " /run/lab/devices; then
    # Pulled out while mounted: gone at once for whoever opens it next.
    while umount -l "$node" 2>/dev/null; do :; done
    rm -f "$node"
  fi
done
for link in /dev/disk/by-id/virtio-*; do
  if [ -L "$link" ] && ! grep -q " ${link##*/virtio-}\$" /run/lab/devices; then rm -f "$link"; fi
done
while read -r name major minor disk; do
  if [ ! -b "/dev/$name" ]; then
    # Not `mknod -m`: it changes the mode through /proc/self, which is another namespace's when a disk comes later.
    mknod "/dev/$name" b "$major" "$minor"
    chmod 0660 "/dev/$name"
    chgrp disk "/dev/$name"
  fi
  ln -sfn "../../$name" "/dev/disk/by-id/virtio-$disk"
done </run/lab/devices
