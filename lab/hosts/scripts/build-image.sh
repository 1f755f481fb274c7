#!/usr/bin/env bash
# Makes the root file system every lab host boots from: Debian 12 as a CVM's public image has it (systemd, OpenSSH,
# cloud-init, Python, the usual tools, the usual traps) and nothing of Kubernetes.
#
# Usage: build-image.sh <directory> <package cache directory>
# Writes progress to stdout. <directory> appears complete or not at all; when it is there, there is nothing to do. Started by image.ts
# under a lock and in a mount namespace of its own, so that debootstrap's mounts end with it however it ends.
set -euo pipefail

final=${1:?directory}
target=$final.partial
cache=${2:?package cache directory}
suite=bookworm
source=http://deb.debian.org/debian
here=$(cd "$(dirname "$0")" && pwd)

packages=(
  systemd systemd-sysv dbus openssh-server cloud-init sudo python3 curl ca-certificates
  iproute2 iptables nftables kmod procps e2fsprogs util-linux iputils-ping iputils-arping
  netcat-openbsd tcpdump less gpg lsb-release vim-tiny
  # debootstrap does not resolve virtual packages: this one is what cloud-init's dependencies mean.
  python3-cffi-backend
)

say() { printf '%s\n' "image: $*"; }

include=$(IFS=,; echo "${packages[*]}")
mkdir -p "$cache"

if [[ -d $final ]]; then
  say "$final is there"
  exit 0
fi
rm -rf --one-file-system "${target:?}"
# dpkg syncs after each package; on a tree that is thrown away when anything fails that buys nothing.
install -d "$target/etc/dpkg/dpkg.cfg.d"
echo force-unsafe-io >"$target/etc/dpkg/dpkg.cfg.d/unsafe-io"

say "debootstrap $suite from $source"
debootstrap --variant=minbase --cache-dir="$cache" --include="$include" \
  "$suite" "$target" "$source" |
  awk '/^I: (Retrieving|Validating|Extracting|Unpacking|Configuring)/ { n++; if (n % 100 == 0) print "image: " n " package steps done"; next } { print "image: " $0 }'

say "settings"
rm "$target/etc/dpkg/dpkg.cfg.d/unsafe-io"
# A host of the lab has no way to the internet; its packages come from the mirror the cluster is configured with.
printf '# No package source of its own: see /etc/apt/sources.list.d\n' >"$target/etc/apt/sources.list"
rm -rf "${target:?}/var/lib/apt/lists/"* "$target/var/cache/apt/archives/"*.deb
# The resolvers of the real cloud's private DNS. Not a loopback address: pods get this file, and CoreDNS would ask itself.
printf 'nameserver 183.60.83.19\noptions timeout:1 attempts:1\n' >"$target/etc/resolv.conf"
rm -f "$target/var/lib/dbus/machine-id" "$target/etc/ssh/"ssh_host_*
rm -f "$target/usr/sbin/policy-rc.d" "$target/etc/hostname"

# What public images bring that is in the way of a cluster. The product has to get along with it, at first and at every boot: a machine id that all
# hosts have, a late file with kernel settings, a line for swap that is not of the usual form, timers and a first boot that run apt. cloud.cfg has more.
echo 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e >"$target/etc/machine-id"
printf 'net.ipv4.ip_forward=0\n' >>"$target/etc/sysctl.conf"
printf '\t/swapfile none swap\n' >"$target/etc/fstab"
install -m 0755 -D "$here/image/first-boot-updates.py" "$target/usr/local/lib/lab/first-boot-updates"
install -m 0644 "$here/image/first-boot-updates.service" "$target/etc/systemd/system/first-boot-updates.service"
ln -sfn /etc/systemd/system/first-boot-updates.service "$target/etc/systemd/system/multi-user.target.wants/first-boot-updates.service"

# What a machine without consoles, seats, timers of its own and udev does not need. systemd-networkd would wait for
# udev for ever; the lab gives the host its address before systemd starts.
mask=(
  getty@.service console-getty.service container-getty@.service serial-getty@.service getty.target
  systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service networking.service ifupdown-pre.service
  systemd-logind.service dbus-org.freedesktop.login1.service systemd-timesyncd.service systemd-resolved.service systemd-pstore.service
  systemd-firstboot.service systemd-update-utmp.service systemd-update-utmp-runlevel.service
  systemd-hwdb-update.service systemd-udevd.service systemd-udev-trigger.service
  dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
  cloud-init-hotplugd.socket cloud-init-local.service cloud-config.service cloud-final.service
  modprobe@.service systemd-remount-fs.service
  systemd-ask-password-console.path systemd-ask-password-wall.path sys-fs-fuse-connections.mount
)
for unit in "${mask[@]}"; do ln -sfn /dev/null "$target/etc/systemd/system/$unit"; done
# Generators that look for what a host never has, each a process at every boot and reload.
install -d "$target/etc/systemd/system-generators"
for generator in cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local system-update veritysetup; do
  ln -sfn /dev/null "$target/etc/systemd/system-generators/systemd-$generator-generator"
done
ln -sfn /lib/systemd/system/multi-user.target "$target/etc/systemd/system/default.target"

# cloud-init: the real one, its data source known, its stages in one process (each start of Python costs as much as
# the work), only the modules that user data for a server uses.
install -d "$target/usr/local/lib/lab"
ln -sfn /dev/null "$target/etc/systemd/system-generators/cloud-init-generator"
install -m 0755 "$here/image/cloud-init-stages.py" "$target/usr/local/lib/lab/cloud-init-stages"
install -m 0644 "$here/image/cloud.cfg" "$target/etc/cloud/cloud.cfg"
rm -f "$target/etc/cloud/cloud.cfg.d/"*
install -m 0644 "$here/image/cloud-init.service" "$target/etc/systemd/system/cloud-init.service"
ln -sfn /etc/systemd/system/cloud-init.service "$target/etc/systemd/system/multi-user.target.wants/cloud-init.service"

# Nobody logs in by password, as on a CVM made with a key pair.
printf 'PasswordAuthentication no\nPermitRootLogin prohibit-password\nUseDNS no\n' >"$target/etc/ssh/sshd_config.d/50-lab.conf"
# Without udev there is no device event to wait for, and a boot must never ask.
printf '[Manager]\nDefaultTimeoutStartSec=60s\nDefaultTimeoutStopSec=20s\nShowStatus=no\n' \
  | install -D -m 0644 /dev/stdin "$target/etc/systemd/system.conf.d/50-lab.conf"

# shellcheck disable=SC2016 # the fields are dpkg's
chroot "$target" dpkg-query -W -f '${Package} ${Version}\n' >"$target/usr/local/lib/lab/packages"
chroot "$target" cloud-init --version
say "done: $(du -sm "$target" | cut -f1) MB, $(wc -l <"$target/usr/local/lib/lab/packages") packages"
mv "$target" "$final"
