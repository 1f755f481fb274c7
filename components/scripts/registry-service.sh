# shellcheck shell=bash
# How a registry's host runs Distribution. Sourced after lib.sh.

readonly REGISTRY=/etc/kubernetes-ha/registry PROGRAM=/var/lib/kubernetes-ha/applied/artifact.registry
# HAProxy takes a server back after two checks, a second apart.
readonly SEEN_SECONDS=4

# answers URL
answers() {
  curl --silent --show-error --fail --max-time 2 --noproxy '*' --output /dev/null "$1"
}

# seen SECONDS WHAT URL: waits until it answers, and has done so without a break for as long as HAProxy takes to see it.
seen() {
  wait_until "$1" "$2 answers without a break" answers_on "$3"
}

answers_on() {
  local began pause=0.5
  began=$(now)
  while (($(now) - began < SEEN_SECONDS)); do
    answers "$1" || return 1
    sleep "$pause"
  done
}

# serve UNIT URL FILE...
serve() {
  local unit=$1 url=$2 had
  shift 2
  had=$(recall "$unit")
  phase "$unit"
  run_service "$unit" "/etc/systemd/system/$unit.service" "$REGISTRY/secret.env" "$REGISTRY/keys.conf" "$PROGRAM" "$@"
  wait_until 60 "$unit answers" answers "$url"
  [[ $(recall "$unit") == "$had" ]] || seen 60 "$unit" "$url"
}
