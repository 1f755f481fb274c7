#!/usr/bin/env bash
# Runs a command that takes a free loop device. Where /dev is a container's own, nobody makes the node of a device that the kernel has just
# made: it is made here, and the command run again.
#
# Usage: with-loop.sh <command> [argument...]
set -euo pipefail

until "$@"; do
  made=
  for block in /sys/block/loop*; do
    node=/dev/${block##*/}
    [[ ! -e $node ]] || continue
    IFS=: read -r major minor <"$block/dev"
    mknod --mode=0600 "$node" b "$major" "$minor"
    made=yes
  done
  [[ -n $made ]] || exit 1
done
