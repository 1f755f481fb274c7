#!/usr/bin/env bash
# Installs what is missing or damaged of some Debian packages, and holds them all: their upgrade restarts what runs, so it comes when somebody means
# it, not on all hosts at six in the morning.
#
# usage:   install-packages.sh SOURCES-FILE PACKAGE...    (empty SOURCES-FILE = the sources of the image)
# effects: reads the package lists once and only if something is to be installed; settings files that are there stay as they are. Waits for other
#          package runs, such as the image's own updates at first boot.
set -euo pipefail

readonly LOCK_SECONDS=300
# Whose upgrade restarts units that run binaries of ours, where an image has one of them.
readonly NAMESAKES=(containerd containerd.io docker.io docker-ce kubeadm kubectl kubelet)

main() {
  local sources=$1 needed
  shift
  needed=$(to_install "$@")
  # shellcheck disable=SC2086 # names, none of which holds a blank
  [[ -z $needed ]] || install $needed
  hold "$@" "${NAMESAKES[@]}"
}

# Names of those that are not wholly there. After a loss of power dpkg may know as installed what the disk does not have.
to_install() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && whole "$package" || echo "$package"
  done
}

# Settings are anybody's to change, and images leave documentation out.
whole() {
  { dpkg --verify "$1" || true; } | awk '
    $2 == "c" || $NF ~ "^/usr/share/(doc|doc-base|info|lintian|locale|man)/" {next}
    $1 == "missing" || substr($1, 3, 1) == "5" {print "damaged: " $NF > "/dev/stderr"; damaged = 1}
    END {exit damaged}
  '
}

install() {
  local options=()
  if [[ -n $sources ]]; then
    # Only the configured mirror: the image's own sources may not be reachable from here.
    options+=(-o "Dir::Etc::SourceList=$sources" -o Dir::Etc::SourceParts=-)
  fi
  options+=(-q -o "DPkg::Lock::Timeout=$LOCK_SECONDS" -o Acquire::Retries=3 -o Acquire::Languages=none)
  alone apt-get "${options[@]}" update
  alone apt-get "${options[@]}" install -y --no-install-recommends --reinstall --allow-change-held-packages \
    -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@"
}

# alone COMMAND...: runs it again and again while another package run is in the way. apt itself waits for dpkg's locks, but for those of the lists and of
# downloads it does not.
alone() {
  local errors in_the_way tried=0 pause=1
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C
  errors=$(mktemp)
  # A run that was cut off has left packages that apt-get refuses to go on over. Where another one holds the lock, that one is at work.
  until { dpkg --force-confold --configure -a || true; } >/dev/null 2>&1 && "$@" 2>"$errors"; do
    in_the_way=$(grep -Em1 'Could not get lock|[Uu]nable to (lock|acquire)|lock was locked|dpkg was interrupted' "$errors") || true
    if [[ -z $in_the_way ]] || ((tried++ >= LOCK_SECONDS)); then
      cat "$errors" >&2
      return 1
    fi
    ((tried % 15 != 1)) || echo "waiting for another package run: $in_the_way"
    sleep "$pause"
  done
  cat "$errors" >&2
  rm -f "$errors"
}

hold() {
  local selections
  selections=$(dpkg-query -W -f '${binary:Package} ${db:Status-Status} ${db:Status-Want}\n' "$@" 2>/dev/null |
    awk '$2 == "installed" && $3 != "hold" {print $1, "hold"}') || true
  [[ -z $selections ]] || alone select_all "$selections"
}

select_all() {
  dpkg --set-selections <<<"$1"
}

main "$@" </dev/null
