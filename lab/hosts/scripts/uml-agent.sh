#!/bin/sh
# Carries out the world's orders in a host with a kernel of its own, as a hypervisor's guest agent does; they come over the serial line:
#   devices <token> [<name>,<major>,<minor>,<disk id>]...   these are the disks now; answers "<token> <exit code>"
#   off                                                     the power button
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

exec </dev/ttyS0 >/dev/ttyS0
stty raw -echo
while read -r order token disks; do
  case $order in
    devices)
      for disk in $disks; do echo "$disk" | tr , ' '; done >/run/lab/devices
      code=0
      /run/lab/devices.sh 1>&2 || code=$?
      echo "$token $code"
      ;;
    off) systemctl --no-block poweroff ;;
  esac
done
