#!/usr/bin/env bash
# Renews the certificates that this host has issued itself, long before they end, without anybody's doing.
#
# usage:   renew-certificates.sh renew DUTY    what kubernetes-ha-certificates-DUTY.timer runs; DUTY is etcd or control-plane
#          renew-certificates.sh etcd-client   issues the apiserver's client certificate for etcd where there is none that is good, and by the authority that issues now
#          renew-certificates.sh front-proxy-client, etcd-member, kubernetes   issues what is there anew, where another authority issues now: the apiserver's client
#                                              certificate for extension apiservers; those of a member of etcd; those of a master by the cluster's CA
#          renew-certificates.sh readers       starts anew what has read a kubeconfig that has been replaced since
#          renew-certificates.sh list          when each certificate of this host ends, the soonest first
# inputs:  (renew) VALIDITY_SECONDS            for how long certificates are issued
#          MEMBERS, PORT                       addresses of all members, and where their etcd or apiserver serves
#          ADDRESS, SLOT_SECONDS               this member's; its turn is every so-manieth slot of the clock, by its place among them
#          KUBEADM_CONFIG
# effects: all certificates of the duty are issued anew once half of one's validity is over. etcd reads them at every handshake and the
#          apiserver watches the files, so neither is restarted; controller-manager and scheduler, which read theirs once, are. When the end of each
#          is goes to METRICS.
# guard:   nothing is touched out of turn, while a step holds this host's lock, or while a member is not healthy; but what has ended, or is of
#          no use as it is, waits for nobody. Where the service is not healthy with the new ones, the former are put back.
set -euo pipefail
export PARAMS=${PARAMS:-/dev/null}
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=certificates.sh
source "$(dirname "${BASH_SOURCE[0]}")/certificates.sh"
# shellcheck source=issue-certificates.sh
source "$(dirname "${BASH_SOURCE[0]}")/issue-certificates.sh"

readonly HEALTHY_SECONDS=30

main() {
  case ${1:-} in
    renew) renew "$2" ;;
    etcd-client) issue_etcd_client ;;
    front-proxy-client) issue_front_proxy_client ;;
    etcd-member) issue_etcd_member ;;
    kubernetes) issue_kubernetes ;;
    readers) restart_readers control-plane ;;
    list) list ;;
    *) die "usage: renew-certificates.sh renew etcd|control-plane, etcd-client, front-proxy-client, etcd-member, kubernetes, readers, list" ;;
  esac
}

renew() {
  local duty=$1 WHY LEAST
  publish
  judge "$duty"
  # A run that was cut off leaves what it replaced, keys included, and what has yet to be read.
  [[ -n $WHY || -e $STAGING ]] || behind "$duty" || return 0
  # Over, or of no use: nothing is lost by it.
  if ((LEAST > 0)); then
    in_turn || return 0
  fi
  # Gone with every boot.
  install -d -m 0755 /run/kubernetes-ha
  exec 9>/run/kubernetes-ha/lock
  flock --nonblock 9 || {
    phase "a step works on this host: later"
    return 0
  }
  echo "renewal of certificates since $(date -u +%FT%TZ)" >/run/kubernetes-ha/holder
  if ((LEAST > 0)) && ! all_healthy "$duty"; then
    # A member that is gone for good must not keep the others from theirs.
    ((LEAST < VALIDITY_SECONDS / 4)) || return 0
    phase "$((LEAST / 60)) minutes are left: renewing all the same"
  fi
  if [[ -z $WHY ]]; then
    phase "finishing a run that was cut off"
    restart_readers "$duty"
    rm -rf "$STAGING"
    return
  fi
  phase "renewing: $WHY"
  rm -rf "$STAGING"
  "issue_${duty/-/_}"
  local new=()
  mapfile -t new < <(cd "$STAGING/new" && find . -type f -printf '%P\n')
  put_in_place new
  if ! (wait_until "$HEALTHY_SECONDS" "$duty healthy with them" "serves_${duty/-/_}"); then
    put_in_place former
    die "$duty is not healthy with new certificates; the former are back, $((LEAST / 60)) minutes are left"
  fi
  restart_readers "$duty"
  rm -rf "$STAGING"
  publish
  phase "renewed: ${new[*]}"
}

# Turns need no talk: each member has every so-manieth slot of the clock, and begins in the first half of it.
in_turn() {
  local time
  time=$(date +%s)
  [[ ${MEMBERS[time / SLOT_SECONDS % ${#MEMBERS[@]}]} == "$ADDRESS" ]] && ((time % SLOT_SECONDS < SLOT_SECONDS / 2))
}

# What has to be done, and how long there is for it: WHY certificates are issued anew, empty while all are good, and the seconds that LEAST of them
# has left, 0 when one is of no use.
judge() {
  local name left
  WHY="" LEAST=$VALIDITY_SECONDS
  while read -r name left; do
    ((left >= LEAST)) || LEAST=$left
    if ((left <= 0)); then
      WHY="$name is not there, has ended, or is not what its key or its authority says"
    elif ((left < VALIDITY_SECONDS / 2)); then
      WHY="$name has $((left / 60)) minutes left"
    elif ((left > VALIDITY_SECONDS)); then
      WHY="$name was issued for longer than certificates are now"
    fi
  done < <(seconds_left "$1")
}

all_healthy() {
  local address
  for address in "${MEMBERS[@]}"; do
    "healthy_${1/-/_}" "$address" >/dev/null 2>&1 || {
      phase "$address is not healthy: later"
      return 1
    }
  done
}

healthy_etcd() {
  etcdctl --dial-timeout 2s --command-timeout 5s --endpoints "https://$1:$PORT" endpoint health
}

healthy_control_plane() {
  curl --silent --show-error --fail --max-time 5 --cacert "$PKI/ca.crt" "https://$1:$PORT/readyz"
}

serves_etcd() {
  healthy_etcd "$ADDRESS" && serves "$PKI/etcd/server.crt"
}

serves_control_plane() {
  healthy_control_plane "$ADDRESS" && serves "$PKI/apiserver.crt"
}

serves() {
  local shown
  # It ends the handshake for want of a client's certificate; its own it has shown by then.
  shown=$(openssl s_client -connect "$ADDRESS:$PORT" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint)
  [[ $shown == "$(openssl x509 -noout -fingerprint -in "$1")" ]]
}

# What reads its certificate once, and where it tells of its health.
declare -rA PORTS=([controller-manager]=10257 [scheduler]=10259)

# behind DUTY: something runs with a certificate that has been replaced since, as a run that was cut off leaves it.
behind() {
  [[ $1 == control-plane ]] || return 1
  ! follows controller-manager || ! follows scheduler
}

follows() {
  local process runs
  process=$(process_of "$1") || return 0
  runs=$(ps -o etimes= -p "$process") || return 0
  (($(date +%s) - runs >= $(stat -c %Y "$KUBERNETES/$1.conf")))
}

# A name in the table of processes has 15 characters.
process_of() {
  local name=kube-$1
  pgrep -o -x "${name:0:15}"
}

# One after the other. Their kubelet starts a static pod again that has ended.
restart_readers() {
  [[ $1 == control-plane ]] || return 0
  local component
  for component in controller-manager scheduler; do
    ! follows "$component" || continue
    phase "restarting $component"
    kill "$(process_of "$component")"
    wait_until "$HEALTHY_SECONDS" "$component with its new certificate" has_followed "$component"
  done
}

has_followed() {
  process_of "$1" && follows "$1" && curl --silent --fail --insecure --max-time 2 --output /dev/null "https://127.0.0.1:${PORTS[$1]}/healthz"
}

main "$@" </dev/null
