#!/usr/bin/env bash
# A cloud disk that holds data: its file system, made once, and its mount, at every boot.
#
# usage:   data-disk.sh format DISK-ID
#          data-disk.sh mount DISK-ID DIRECTORY
#          data-disk.sh grow DISK-ID DIRECTORY GIB
# effects: waits for the disk. format makes ext4 on it only if there is nothing on it at all; mount has what a loss of power leaves mended before; grow waits
#          for the disk to have its size, and has the mounted file system fill it.
# guard:   a disk that holds ext4 is left alone; one that holds anything else, or traces of something, is refused. One that cannot be mended by itself
#          is not mounted: that is one member that is down, until somebody has looked.
set -euo pipefail

readonly DISK_SECONDS=120 GROWTH_SECONDS=60 FORMATTING=/var/lib/kubernetes-ha/formatting

main() {
  local device
  device=$(wait_for "$2")
  case $1 in
    format) format "$2" "$device" ;;
    mount) mounted "$2" "$device" "$3" ;;
    grow) grown "$2" "$device" "$3" "$4" ;;
    *) die "$1: must be format, mount or grow" ;;
  esac
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

wait_for() {
  local tries=$((DISK_SECONDS * 5))
  until device_of "$1"; do
    ((tries-- > 0)) || die "disk $1: no device has this serial after ${DISK_SECONDS} s; there are: $(echo /dev/disk/by-id/* /sys/block/*)"
    sleep 0.2
  done
}

# By the link that udev makes, or, as that is missing now and then, by the serial that the kernel read: 20 characters of the id.
device_of() {
  local serial device
  if [[ -b /dev/disk/by-id/virtio-$1 ]]; then
    echo "/dev/disk/by-id/virtio-$1"
    return 0
  fi
  for serial in /sys/block/*/serial /sys/block/*/device/serial; do
    [[ -r $serial && $(tr -d '\0[:space:]' <"$serial") == "${1:0:20}" ]] || continue
    device=${serial#/sys/block/}
    device=/dev/${device%%/*}
    [[ -b $device ]] || continue
    echo "$device"
    return 0
  done
  return 1
}

format() {
  local found trace
  # File systems, partition tables, anything with a signature counts.
  found=$(wipefs --noheadings --output TYPE "$2" | sort -u | xargs)
  case $found in
    ext4) return 0 ;;
    "") ;;
    *) die "disk $1: holds $found, must be blank or ext4; wipe it by hand if it may be lost" ;;
  esac
  # One that was blank and whose formatting was cut off has traces of that.
  if [[ ! -e $FORMATTING.$1 ]]; then
    trace=$(traces "$2")
    [[ -z $trace ]] || die "disk $1: has no file system, but is not blank either: byte $trace and what follows. If it was ext4," \
      "e2fsck -b 32768 $(readlink -f "$2") may bring it back; if it may be lost, blkdiscard -z wipes it"
  fi
  mkdir -p "${FORMATTING%/*}"
  : >"$FORMATTING.$1"
  sync "$FORMATTING.$1" "${FORMATTING%/*}"
  mkfs.ext4 -q -F -L data -E nodiscard "$2"
  rm -f "$FORMATTING.$1"
}

# Where something is in the places a file system leaves when its first block is lost: what lies behind that, copies of ext's superblock for each of its
# block sizes, btrfs's second one, what ends a partition table. Nothing where the disk is as new.
traces() {
  local size place bytes block group
  size=$(blockdev --getsize64 "$1")
  {
    echo "0 16777216"
    echo "67108864 4096"
    echo "$((size - 1048576)) 1048576"
    for block in 1024 2048 4096; do
      for group in 1 3 5 7 9 25 27 49; do
        echo "$((group * 8 * block * block + (block == 1024 ? 1024 : 0))) 4096"
      done
    done
  } | while read -r place bytes; do
    ((place >= 0 && place < size)) || continue
    ((place + bytes <= size)) || bytes=$((size - place))
    cmp --silent --bytes="$bytes" --ignore-initial="$place:0" "$1" /dev/zero && continue
    echo "$place"
    break
  done
}

mounted() {
  local code=0
  mkdir -p "$3"
  ! holds "$2" "$3" || return 0
  # 1: mended.
  e2fsck -p "$2" || code=$?
  ((code <= 1)) || die "disk $1: e2fsck -p ends with $code, it cannot be mended by itself and is not mounted; run e2fsck $2, or have the member replaced"
  # A disk that fails must stop whoever writes, not feed him.
  mount -o noatime,errors=remount-ro "$2" "$3"
}

# Whether what is mounted at a directory is the disk: something else may be.
holds() {
  local number
  number=$(mountpoint --devno "$1") && [[ $(mountpoint --fs-devno "$2") == "$number" ]]
}

grown() {
  local bytes tries=$((GROWTH_SECONDS * 5))
  holds "$2" "$3" || die "disk $1: is not mounted at $3"
  until bytes=$(blockdev --getsize64 "$2") && ((bytes >= $4 << 30)); do
    ((tries-- > 0)) || die "disk $1: has $4 GiB, but this host sees $((bytes >> 30)) of them after $GROWTH_SECONDS s; restart it"
    sleep 0.2
  done
  resize2fs "$2" || die "disk $1: its file system at $3 does not fill it, for the reason above"
}

main "$@" </dev/null
