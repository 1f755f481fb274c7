#!/usr/bin/env bash
# Installs what is missing of some Debian packages.
#
# usage:   install-packages.sh SOURCES-FILE PACKAGE...    (empty SOURCES-FILE = the sources of the image)
# effects: reads the package lists once and only if something is missing; settings files that are there stay as they are.
set -euo pipefail

main() {
  local sources=$1 package missing=() options=()
  shift
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  if [[ -n $sources ]]; then
    # Only the configured mirror: the image's own sources may not be reachable from here.
    options+=(-o "Dir::Etc::SourceList=$sources" -o Dir::Etc::SourceParts=-)
  fi
  export DEBIAN_FRONTEND=noninteractive
  # Another package run, such as the image's own updates at first boot, is waited for.
  options+=(-q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Acquire::Languages=none)
  # A run that was cut off in the middle of an installation has left packages that apt-get refuses to go on over. Where another package run holds
  # the lock, that one is at work, and apt-get waits for it.
  dpkg --force-confold --force-unsafe-io --configure -a || true
  apt-get "${options[@]}" update
  apt-get "${options[@]}" install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Use-Pty=0 "${missing[@]}"
}

main "$@" </dev/null
