#!/usr/bin/env bash
# Removes a named network namespace, whatever has been mounted over its name meanwhile. Run by namespaces.ts in a mount namespace of its
# own, where nobody notices what is unmounted.
#
# `ip netns add`, of whichever program, binds /run/netns over itself the first time, so that every name is mounted twice, and `ip netns del` sees
# the upper one only: the name stays busy. Here the layers are taken away one by one. Unlinking a file on which nothing is mounted in the
# caller's mount namespace takes the mounts on it away in all others.
#
# Usage: remove-namespace.sh <name>
set -euo pipefail

directory=/run/netns
file=$directory/${1:?name of the namespace}
problem=
while :; do
  while umount --lazy "$file" 2>/dev/null; do :; done
  problem=$(rm -f -- "$file" 2>&1) || true
  umount --lazy "$directory" 2>/dev/null || break
done
if [[ -n $problem ]]; then
  echo "$problem" >&2
  exit 1
fi
