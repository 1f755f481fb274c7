# shellcheck shell=bash
# What the steps share. Sourced by every step script; needs PARAMS and STEP_DIR from run-locked.sh.

# shellcheck source=/dev/null
source "$PARAMS"

readonly STATE_DIR=/var/lib/kubernetes-ha PODS_DIR=/var/lib/kubelet/pods

# Who etcdctl is: the client that every host of a member has.
export ETCDCTL_CACERT=/etc/kubernetes/pki/etcd/ca.crt
export ETCDCTL_CERT=/etc/kubernetes/pki/etcd/healthcheck-client.crt ETCDCTL_KEY=/etc/kubernetes/pki/etcd/healthcheck-client.key

# Seconds since boot. Not bash's SECONDS, which follows the clock: a host's clock may be set while a step runs.
now() {
  local up
  read -r up _ </proc/uptime
  echo "${up%.*}"
}

# A step that runs another one counts on.
STEP_BEGAN=${STEP_BEGAN:-$(now)}
readonly STEP_BEGAN
export STEP_BEGAN

# phase TEXT: a line with the seconds since the step began, so that a log shows where the time went.
phase() {
  printf '[%4ds] %s\n' "$(($(now) - STEP_BEGAN))" "$*"
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# wait_until SECONDS WHAT COMMAND...: runs the command until it succeeds; after SECONDS fails with what it last printed.
wait_until() {
  local seconds=$1 what=$2 last="" began pause=0.1
  began=$(now)
  shift 2
  until last=$("$@" 2>&1); do
    if (($(now) - began >= seconds)); then
      die "$what: not so after ${seconds} s; last seen: ${last:-nothing}"
    fi
    sleep "$pause"
    pause=$(next_pause "$pause")
  done
}

# Polls quickly at first, then once a second: starting is what most waits are for.
next_pause() {
  case $1 in
    0.1) echo 0.2 ;;
    0.2) echo 0.5 ;;
    *) echo 1 ;;
  esac
}

# fingerprint FILE...: one hash over names and contents; a file that is not there counts as such.
fingerprint() {
  local file
  for file in "$@"; do
    if [[ -e $file ]]; then sha256sum "$file"; else echo "absent $file"; fi
  done | sha256sum | cut -d' ' -f1
}

# certificates_in: of standard input, a line each, in its order, however its PEM is broken into lines.
certificates_in() {
  tr -d '\n' | grep -o 'BEGIN CERTIFICATE-----[^-]*'
}

# replace FILE [MODE]: puts standard input in the place of FILE, whole or not at all, also when the power goes.
replace() {
  local temporary=${1%/*}/.${1##*/}.new
  install -d -m 0755 "${1%/*}"
  cat >"$temporary"
  chmod "${2:-0644}" "$temporary"
  sync "$temporary"
  mv -f "$temporary" "$1"
  sync "${1%/*}"
}

# keep_programs SCRIPT...: has scripts of the steps on this host for good, for its units. One that runs goes on with the file it has read.
keep_programs() {
  local program kept
  for program in "$@"; do
    kept=/usr/local/lib/kubernetes-ha/$program
    cmp --silent "$STEP_DIR/$program" "$kept" || replace "$kept" 0755 <"$STEP_DIR/$program"
  done
}

# remember NAME VALUE / recall NAME: small facts about what has been carried out on this host, kept over reboots.
remember() {
  replace "$STATE_DIR/applied/$1" <<<"$2"
}

recall() {
  cat "$STATE_DIR/applied/$1" 2>/dev/null || true
}

# run_service UNIT FILE... [-- FILE...]: enables the unit and has it run with these files as they are now. Restarts it only when one of
# the first differs from what it was last (re)started with, also if that run of the step never got so far; reloads it when one
# of those after -- does.
run_service() {
  local unit=$1 had had_reloaded now now_reloaded
  local -a restarting=() reloading=()
  shift
  while (($# > 0)) && [[ $1 != -- ]]; do
    restarting+=("$1")
    shift
  done
  reloading=("${@:2}")
  now=$(fingerprint "${restarting[@]}")
  now_reloaded=$(fingerprint "${reloading[@]}")
  read -r had had_reloaded <<<"$(recall "$unit")"
  if [[ $had == "$now" ]] && systemctl --quiet is-active "$unit"; then
    ((${#reloading[@]} > 0)) && [[ $had_reloaded != "$now_reloaded" ]] || return 0
    phase "reloading $unit"
    systemctl reload "$unit" || service_failed "$unit" "does not take its changed files"
    remember "$unit" "$now $now_reloaded"
    return 0
  fi
  phase "starting $unit"
  systemctl daemon-reload
  # Packages come enabled; saying so again runs the compatibility script of old init systems, which takes seconds.
  systemctl --quiet is-enabled "$unit" 2>/dev/null || systemctl --quiet enable "$unit"
  systemctl restart "$unit" || service_failed "$unit" "does not start"
  remember "$unit" "$now $now_reloaded"
}

service_failed() {
  systemctl --no-pager --full status "$1" >&2 || true
  journalctl --no-pager -n 30 -u "$1" >&2 || true
  die "$1 $2"
}

# with_block BLOCK FILE: a hosts file with our part in it; the first and the last line of BLOCK mark it.
with_block() {
  local block=$1 begin end
  begin=$(head -n 1 <<<"$block")
  end=$(tail -n 1 <<<"$block")
  awk -v begin="$begin" -v end="$end" '$0 == begin {skip = 1} !skip {print} $0 == end {skip = 0}' "$2"
  printf '%s\n' "$block"
}

# mapped BLOCK: whether /etc/hosts has it as it is.
mapped() {
  [[ $(with_block "$1" /etc/hosts) == "$(cat /etc/hosts)" ]]
}

# map_names BLOCK: keeps the cluster's part of /etc/hosts, at every boot as well, and of the copies that pods in the host's network have.
map_names() {
  local wanted copy begin
  replace /etc/kubernetes-ha/hosts <<<"$1"
  bash "$STEP_DIR/boot.sh" names
  # The kubelet copies it when it starts a container, and mounts the copy: only what is written in place is seen there.
  begin=$(head -n 1 <<<"$1")
  for copy in "$PODS_DIR"/*/etc-hosts; do
    grep --quiet --line-regexp --fixed-strings "$begin" "$copy" 2>/dev/null || continue
    wanted=$(with_block "$1" "$copy")
    printf '%s\n' "$wanted" >"$copy"
  done
}

# stop_unwanted: ends services that this host had until now (`services`) and is to have no more (`wanted-services`), as another way to
# the API has others.
stop_unwanted() {
  local unit wanted
  wanted=$(recall wanted-services)
  while read -r unit; do
    if [[ -z $unit ]] || grep -qxF "$unit" <<<"$wanted"; then continue; fi
    phase "stopping $unit"
    systemctl --quiet disable --now "$unit"
  done < <(recall services)
  remember services "$wanted"
}
