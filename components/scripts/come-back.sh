#!/usr/bin/env bash
# Brings the node of this host back whose departure was begun and then taken back. Nothing to do for any other.
#
# usage:   come-back.sh NODE API-URL
# effects: a node that was removed is registered again, one that was cordoned takes pods again.
# guard:   LEAVING, which leave-node.sh puts on the node: who was cordoned by people stays so.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly CA=/etc/kubernetes/pki/ca.crt CLIENT=/var/lib/kubelet/pki/kubelet-client-current.pem
readonly LEAVING=kubernetes-ha/leaving ANSWER_SECONDS=60

main() {
  local url=$2/api/v1/nodes/$1
  # One that has never been a node has nothing to come back to.
  [[ -s $CLIENT ]] || return 0
  wait_until "$ANSWER_SECONDS" "$url" answered "$url"
  case $(ask "$url" --output /dev/null --write-out '%{http_code}') in
    404)
      # A kubelet registers its node when it starts, and never again.
      phase "node $1 was removed: registering it"
      systemctl restart kubelet
      ;;
    200)
      ask "$url" | grep -q "\"$LEAVING\"" || return 0
      phase "node $1 was to leave, and stays"
      ask "$url" --fail --output /dev/null --request PATCH --header "Content-Type: application/merge-patch+json" \
        --data "{\"metadata\":{\"annotations\":{\"$LEAVING\":null}},\"spec\":{\"unschedulable\":null}}"
      ;;
  esac
}

answered() {
  ask "$1" --output /dev/null
}

ask() {
  curl --silent --show-error --cacert "$CA" --cert "$CLIENT" --key "$CLIENT" --max-time 5 "$@"
}

main "$@" </dev/null
