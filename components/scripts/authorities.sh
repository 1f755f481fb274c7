#!/usr/bin/env bash
# Has this host know the API by every authority of Kubernetes that is accepted, and its kubelet known by the one that issues. Which they are, ca.crt says: the one
# that issues comes first.
#
# usage:   authorities.sh trust KIND...          kubeconfigs (KIND: kubelet, admin, super-admin, ...) hold all that are accepted, where they are there
#          authorities.sh kubelet NODE API-URL   that of the kubelet as well; it asks for another certificate where its own is by another authority, and is
#                                                started anew when any of this has changed: it reads both once
# effects: /etc/kubernetes/KIND.conf, the kubelet's certificate, a restart of the kubelet; containers go on
# guard:   what is as wanted stays as it is. A kubelet that was not started anew after a change is, by the next run.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=certificates.sh
source "$STEP_DIR/certificates.sh"

readonly KUBELET_PKI=/var/lib/kubelet/pki CLIENT=/var/lib/kubelet/pki/kubelet-client-current.pem
# The controller-manager that signs may be one that has yet to take up the authority that issues: all masters may take their turns before.
readonly SIGNED_SECONDS=3600 HEALTHY_SECONDS=90
WORK=""

main() {
  case ${1:-} in
    trust) trust "${@:2}" ;;
    kubelet) kubelet "$2" "$3" ;;
    *) die "usage: authorities.sh trust KIND..., kubelet NODE API-URL" ;;
  esac
}

trust() {
  local kind
  for kind in "$@"; do
    if [[ ! -e $KUBERNETES/$kind.conf ]] || trusts "$kind"; then continue; fi
    phase "$kind.conf: authorities that are accepted"
    with_authorities "$KUBERNETES/$kind.conf" | replace "$KUBERNETES/$kind.conf" 0600
  done
}

trusts() {
  [[ $(embedded "$1.conf" certificate-authority-data | certificates_in) == "$(certificates_in <"$PKI/ca.crt")" ]]
}

kubelet() {
  local node=$1 url=$2 accepted had
  accepted=$(fingerprint "$PKI/ca.crt")
  had=$(recall kubelet-authorities)
  if trusts kubelet && by_who_issues; then
    # One that has joined just now, or before anything of this was remembered, began with what is there.
    [[ -n $had ]] || remember kubelet-authorities "$accepted"
    [[ -n $had && $had != "$accepted" ]] || return 0
  fi
  remember kubelet-authorities "begun $accepted"
  trust kubelet
  if ! by_who_issues; then
    phase "kubelet: a certificate by the authority that issues"
    WORK=$(mktemp -d -p /run/kubernetes-ha authorities.XXXXXX)
    trap 'rm -rf "$WORK"' EXIT
    wait_until "$SIGNED_SECONDS" "certificate of $node" signed "$node" "$url"
    take_certificate
  fi
  phase "kubelet: starting it anew"
  systemctl restart kubelet
  wait_until "$HEALTHY_SECONDS" "kubelet healthy" curl --silent --show-error --fail --max-time 2 http://127.0.0.1:10248/healthz
  remember kubelet-authorities "$accepted"
}

# by_who_issues [CERTIFICATE]: the kubelet's, where none is named. One that has ended is another matter: nobody signs for it.
by_who_issues() {
  local certificate=${1:-$CLIENT}
  openssl verify -no_check_time -CAfile <(openssl x509 -in "$PKI/ca.crt") "$certificate" >/dev/null 2>&1
}

# signed NODE URL: one request, by the kubelet's certificate of before: what it asks for in its own name is approved at once.
signed() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$WORK/key" -subj "/O=system:nodes/CN=system:node:$1" -out "$WORK/request" || return 1
  python3 -B "$STEP_DIR/kubelet-certificate.py" "$2" "$PKI/ca.crt" "$CLIENT" "$1" "$WORK/request" >"$WORK/certificate" || return 1
  by_who_issues "$WORK/certificate" || {
    echo "it was signed by the authority of before: the controller-manager that signs has yet to take up the new one"
    return 1
  }
}

# As the kubelet keeps its own: a file by its time, and a link to the one that is used.
take_certificate() {
  local file
  file=$KUBELET_PKI/kubelet-client-$(date -u +%F-%H-%M-%S).pem
  cat "$WORK/certificate" "$WORK/key" | replace "$file" 0600
  ln -sfn "$file" "$CLIENT.new"
  mv -fT "$CLIENT.new" "$CLIENT"
  sync "$KUBELET_PKI"
}

main "$@" </dev/null
