#!/usr/bin/env bash
# Makes the modules of hosts' own kernel: Debian's User-mode Linux as it is, but for nf_tables, which Debian builds for it without the families
# ip, ip6 and inet. kube-proxy, flannel and network policies need them. Built from the same version's source with the same configuration.
#
# Usage: build-kernel-modules.sh <directory>
# <directory>/<kernel release> is there then, and beside it uml-registers.so, which that kernel is run with. Writes progress to stdout; <directory> appears complete or not at all.
set -euo pipefail

final=${1:?directory}
work=$final.partial
source=$work/source
families=(NF_TABLES_IPV4 NF_TABLES_IPV6 NF_TABLES_INET)
expressions=(NFT_NAT NFT_FIB_IPV4 NFT_FIB_IPV6 NFT_FIB_INET NFT_DUP_IPV4)

say() { printf '%s\n' "kernel modules: $*"; }

# apt has checked the package against the archive's signatures.
unpack() {
  local package=linux-source-${release%.*} version
  version=$(apt-cache madison "$package" | awk -v release="$release-" 'index($3, release) == 1 { print $3; exit }')
  if [[ -z $version ]]; then
    say "Debian's archive has no $package of version $release, which $(command -v linux.uml) is: apt-get update && apt-get install user-mode-linux"
    exit 1
  fi
  say "source of Linux $version"
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package=$version")
  mkdir "$source"
  dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" |
    tar -xJ -C "$source" --strip-components=1 --exclude='*/Documentation/*/*' --exclude='*/tools/*' \
      --exclude='*/arch/[a-tv-w]*.[chS]' --exclude='*.dts*' --exclude='*/drivers/*.[ch]' --exclude='*/fs/*.[ch]' --exclude='*/sound/*.[ch]'
}

build() {
  local log=$work/make.log directory
  kernel_make() {
    make -C "$source" ARCH=um "$@" >>"$log" 2>&1 && return
    tail -n 20 "$log"
    return 1
  }
  # Of two lines for one option the later counts.
  { linux.uml --showconfig && printf 'CONFIG_%s=y\n' "${families[@]}" && printf 'CONFIG_%s=m\n' "${expressions[@]}"; } >"$source/.config"
  kernel_make olddefconfig
  kernel_make "-j$(nproc)" modules_prepare
  # This file says what is built, autoconf.h how: what Debian's build has right is left out.
  sed -i -E '/=m$/{/^CONFIG_(NF_TABLES|NFT_|NF_NAT=)/!d}' "$source/include/config/auto.conf"
  for directory in net/netfilter net/ipv4/netfilter net/ipv6/netfilter; do
    say "building $directory"
    # Symbols of the kernel itself are not known here: it is Debian's.
    kernel_make "-j$(nproc)" KBUILD_MODPOST_WARN=1 "M=$directory" modules
    cp "$source/$directory"/*.ko "$modules/kernel/$directory/"
  done
}

if [[ -d $final ]]; then
  say "$final is there"
  exit 0
fi
rm -rf --one-file-system "${work:?}"
mkdir -p "$work/lib/modules"
release=$(linux.uml --version)
modules=$work/lib/modules/$release
cp -r "/usr/lib/uml/modules/$release" "$modules"
unpack
build
depmod -b "$work" "$release"
cc -shared -fPIC -O2 -Wall -Werror -o "$work/lib/modules/uml-registers.so" "${BASH_SOURCE[0]%/*}/uml-registers.c" -ldl
mv "$work/lib/modules" "$work.done"
rm -rf --one-file-system "${work:?}"
mv "$work.done" "$final"
say "done"
