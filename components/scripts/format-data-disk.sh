#!/usr/bin/env bash
# Makes a file system on a cloud disk that is blank.
#
# usage:   format-data-disk.sh DISK-ID
# effects: waits for /dev/disk/by-id/virtio-DISK-ID; makes ext4 on it only if there is nothing on it at all.
# guard:   a disk that holds ext4 is left alone; one that holds anything else is refused.
set -euo pipefail

readonly DISK_SECONDS=120

main() {
  local device=/dev/disk/by-id/virtio-$1 tries=$((DISK_SECONDS * 5)) found
  until [[ -b $device ]]; do
    if ((tries-- == 0)); then
      echo "error: disk $1: no $device after ${DISK_SECONDS} s; there are: $(echo /dev/disk/by-id/*)" >&2
      exit 1
    fi
    sleep 0.2
  done
  # File systems, partition tables, anything with a signature counts.
  found=$(wipefs --noheadings --output TYPE "$device" | sort -u | xargs)
  case $found in
    ext4) ;;
    "") mkfs.ext4 -q -L data -E nodiscard "$device" ;;
    *)
      echo "error: disk $1: holds $found, must be blank or ext4; wipe it by hand if it may be lost" >&2
      exit 1
      ;;
  esac
}

main "$@" </dev/null
