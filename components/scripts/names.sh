#!/usr/bin/env bash
# Keeps the cluster's part of /etc/hosts. Takes a living host to another way to the API only once that way works from here.
#
# usage:   names.sh BLOCK API_URL SECONDS
#          BLOCK    our part of /etc/hosts, marked by its first and last line
#          API_URL  the API by its name; empty = this host does not ask for it
#          SECONDS  how long another way may take until it answers; 0 = the old one stays if it does not answer now
# effects: /etc/hosts, and the copies of it that pods in the host's network have got. Connections along the old way are cut once the name leads
#          along the new one: their owners come back at once, and find nothing amiss when the old way goes.
# guard:   what is as wanted is left alone. A host that has no way yet gets its own at once.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly BLOCK=$1 API_URL=$2 SECONDS_TO_ANSWER=$3
# So often in a row: a way that has only just come into being may go again.
readonly STEADY=3

main() {
  local name port before after
  if mapped "$BLOCK"; then
    # A host that an earlier release prepared has no copy for its next boot.
    [[ -s /etc/kubernetes-ha/hosts ]] || replace /etc/kubernetes-ha/hosts <<<"$BLOCK"
    return 0
  fi
  name=${API_URL#https://}
  port=${name##*:} name=${name%%:*}
  before=$(address_of "$name" </etc/hosts)
  after=$(address_of "$name" <<<"$BLOCK")
  if [[ -z $API_URL || -z $before || -z $after || $before == "$after" ]]; then
    map_names "$BLOCK"
    return 0
  fi
  if ((SECONDS_TO_ANSWER == 0)) && ! answers "$name" "$port" "$after" >/dev/null 2>&1; then
    phase "$name stays at $before: $after does not answer yet"
    return 0
  fi
  phase "waiting for $name at $after"
  wait_until "$SECONDS_TO_ANSWER" "$name at $after, while it stays at $before" steady "$name" "$port" "$after"
  phase "$name moves from $before to $after"
  map_names "$BLOCK"
  cut_connections "$before" "$port"
}

# address_of NAME: what our part of a hosts file, on standard input, has for it.
address_of() {
  awk -v name="$1" -v begin="$(head -n 1 <<<"$BLOCK")" -v end="$(tail -n 1 <<<"$BLOCK")" '
    $0 == begin {ours = 1}
    $0 == end {ours = 0}
    ours {for (i = 2; i <= NF; i++) if ($i == name) print $1}'
}

# answers NAME PORT ADDRESS: the API answers there, by its name and certificate.
answers() {
  curl --silent --show-error --fail --max-time 3 --output /dev/null --cacert "$STEP_DIR/ca.crt" --resolve "$1:$2:$3" "https://$1:$2/readyz"
}

steady() {
  local count
  for ((count = 1; count <= STEADY; count++)); do
    answers "$@" || return 1
    ((count == STEADY)) || sleep 0.2
  done
}

# cut_connections ADDRESS PORT. An address of this host's own has what listens there to end them; a kernel that cannot cut leaves it to
# the old way's end.
cut_connections() {
  [[ -z $(ip -4 -o address show to "$1/32") ]] || return 0
  ss --kill --no-header --tcp dst "$1" dport = ":$2" >/dev/null 2>&1 || true
}

main "$@" </dev/null
