#!/usr/bin/env bash
# Makes this host a master. Every master runs the same `kubeadm init`, side by side with the others: they share CAs, keys
# and etcd, so there is no first one, no join, no token and no certificate key.
#
# inputs:  NODE_NAME, NODE_ADDRESS, API_PORT, KUBERNETES_VERSION
#          KUBEADM_CONFIG            kubeadm's configuration; CAs and keys are placed beside it
#          API_CERTIFICATE_NAMES     names and addresses the serving certificate must hold
#          ADDONS_DIR                manifests the cluster needs to be Ready
#          DNS_MANIFEST, COREFILE    the DNS server, and its configuration
#          NODE_SETTINGS             labels and taints of the nodes of each pool
# effects: certificates, kubeconfigs, static pods, kubelet; the cluster-wide settings, which all masters write alike.
# guard:   with the same inputs as last time only readiness is waited for; what was begun and not finished counts as other inputs. A master
#          that already serves waits for its turn before anything of it changes, and gives it on when it is Ready again: a change
#          that a master does not come back from reaches no other one. Another version is refused.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly PKI=/etc/kubernetes/pki
readonly APISERVER=/etc/kubernetes/manifests/kube-apiserver.yaml
readonly INIT_ATTEMPTS=3 TURN_SECONDS=600 APPLY_SECONDS=120 READY_SECONDS=180
export KUBECONFIG=/etc/kubernetes/admin.conf

main() {
  local wanted had
  had=$(recall control-plane)
  wanted=$(fingerprint "$KUBEADM_CONFIG" "$PKI"/{ca,front-proxy-ca,sa}.key "$PKI/etcd-clients/etcd/ca.crt" "$PKI/etcd/ca.crt" \
    /etc/kubernetes/patches/* /etc/kubernetes/{apiserver,audit,encryption}/*)
  systemctl --quiet enable kubelet
  if [[ $had != "$wanted" ]]; then
    same_version
    take_turn
    # Whatever becomes of this run: what is here from now on is no longer what it was, so that the former inputs are a change as well.
    remember control-plane "begun $wanted"
    renew_serving_certificate
    bash "$STEP_DIR/renew-certificates.sh" etcd-client
    bash "$STEP_DIR/local-kubeconfigs.sh" "$KUBEADM_CONFIG" "https://$NODE_ADDRESS:$API_PORT" kubelet admin super-admin
    local server before
    server=$(pgrep -x kube-apiserver || true)
    before=$(fingerprint "$APISERVER")
    initialise "$had"
    # The old one answers until the kubelet has seen its new manifest.
    if [[ -n $server && $(fingerprint "$APISERVER") != "$before" ]]; then
      phase "waiting for the new apiserver"
      wait_until "$READY_SECONDS" "apiserver follows its manifest" succeeded "$server"
    fi
    # It is root in the cluster whatever its roles say, and of use to no-one but the first `init`.
    rm -f /etc/kubernetes/super-admin.conf
    remember control-plane "$wanted"
  else
    systemctl start kubelet
  fi
  phase "addons"
  wait_until "$APPLY_SECONDS" "addons applied" kubectl apply --server-side --force-conflicts -f "$ADDONS_DIR"
  bash "$STEP_DIR/come-back.sh" "$NODE_NAME" "https://$NODE_ADDRESS:$API_PORT"
  phase "waiting for the node"
  wait_until "$READY_SECONDS" "node $NODE_NAME Ready" ready
  bash "$STEP_DIR/node-settings.sh"
  phase "DNS"
  # A DNS server that starts before Services are translated hangs on its first connection to the API for half a minute.
  wait_until "$READY_SECONDS" "kube-proxy has written its rules" \
    curl --silent --show-error --fail --max-time 2 http://127.0.0.1:10256/healthz
  wait_until "$APPLY_SECONDS" "Corefile applied, or somebody else's" corefile_settled
  apply_corefile --dry-run=server >/dev/null 2>&1 ||
    phase "the Corefile has been changed by somebody else, so it stays as it is (kube-system/configmap/coredns)"
  wait_until "$APPLY_SECONDS" "DNS applied" kubectl apply --server-side --force-conflicts -f "$DNS_MANIFEST"
  bash "$STEP_DIR/certificate-renewal.sh" control-plane
  bash "$STEP_DIR/departures.sh"
  give_turn
}

# kubeadm init would take all masters to another version at once, which is not how an upgrade goes.
same_version() {
  if [[ -e $APISERVER ]] && ! grep -q "image: .*:$KUBERNETES_VERSION\$" "$APISERVER"; then
    die "this master runs $(grep -o 'image: .*' "$APISERVER" | head -n 1), configured is $KUBERNETES_VERSION: a running cluster" \
      "is not upgraded by changing versions.kubernetes; set it back"
  fi
}

# Whoever made this object has its turn: of the apiservers that serve, one at a time is changed.
take_turn() {
  # A new master, or one that does not serve, has nothing to lose.
  [[ -n $(recall control-plane) ]] || return 0
  own_apiserver_ready >/dev/null 2>&1 || return 0
  phase "waiting for this master's turn"
  wait_until "$TURN_SECONDS" "turn of $NODE_NAME (kube-system/configmap/kubernetes-ha-turn)" has_turn
}

has_turn() {
  local holder
  claim_turn && return 0
  holder=$(turn_holder)
  # A run of ours that was cut off.
  [[ $holder != "$NODE_NAME" ]] || return 0
  if [[ -n $holder && " ${API_CERTIFICATE_NAMES[*]} " != *" $holder "* ]]; then
    echo "held by $holder, which is no longer a master"
    kubectl --namespace kube-system delete configmap kubernetes-ha-turn --ignore-not-found
    claim_turn && return 0
  else
    echo "held by $holder until it is Ready with its own change; this master stays as it is. See what $holder says:" \
      "/var/log/kubernetes-ha/control-plane.log there"
  fi
  return 1
}

claim_turn() {
  kubectl --namespace kube-system create configmap kubernetes-ha-turn "--from-literal=holder=$NODE_NAME"
}

give_turn() {
  [[ $(turn_holder) == "$NODE_NAME" ]] || return 0
  kubectl --namespace kube-system delete configmap kubernetes-ha-turn --ignore-not-found
}

turn_holder() {
  kubectl --namespace kube-system get configmap kubernetes-ha-turn --ignore-not-found -o 'jsonpath={.data.holder}'
}

# kubeadm keeps a certificate that is there, also when a name has been added.
renew_serving_certificate() {
  local names="${API_CERTIFICATE_NAMES[*]}"
  if [[ -e $PKI/apiserver.crt && $(recall apiserver-names) != "$names" ]]; then
    phase "serving certificate: names have changed"
    rm -f "$PKI/apiserver.crt" "$PKI/apiserver.key"
  fi
  remember apiserver-names "$names"
}

# Preflight is left out: it takes a half-done host for a foreign one. Tokens and uploaded certificates are not needed, and a member of
# etcd that is here was made by etcd.sh, which knows whether it begins or joins.
#
# initialise HAD: once more when uploads of two masters have met, but not when an apiserver that has served (HAD) does not come back.
initialise() {
  local attempt
  for ((attempt = 1; attempt <= INIT_ATTEMPTS; attempt++)); do
    phase "kubeadm init, attempt $attempt"
    if kubeadm init --config "$KUBEADM_CONFIG" --skip-phases preflight,etcd,upload-certs,bootstrap-token,addon/coredns,show-join-command; then
      # kubeadm leaves it readable to all.
      chmod 0600 /var/lib/kubelet/config.yaml
      return 0
    fi
    [[ -z $1 ]] || own_apiserver_ready >/dev/null 2>&1 || break
  done
  kubectl get nodes 2>&1 | tail -n 5 >&2 || true
  journalctl --no-pager -n 30 -u kubelet >&2 || true
  die "kubeadm init failed, $((attempt > INIT_ATTEMPTS ? INIT_ATTEMPTS : attempt)) times"
}

# Under a name of our own and without force: what people have changed is theirs then, and the API refuses to overwrite it.
apply_corefile() {
  kubectl apply --server-side --field-manager=kubernetes-ha "$@" -f "$COREFILE"
}

corefile_settled() {
  local answer
  answer=$(apply_corefile 2>&1) && return 0
  echo "$answer"
  grep -q conflict <<<"$answer"
}

# succeeded PID: another apiserver than this one serves.
succeeded() {
  [[ $(pgrep -x kube-apiserver) != "$1" ]] && own_apiserver_ready
}

# By its address: the API's name may lead to another master while this one is not ready.
own_apiserver_ready() {
  kubectl --server "https://$NODE_ADDRESS:$API_PORT" get --raw /readyz
}

ready() {
  local status
  status=$(kubectl get node "$NODE_NAME" -o 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}')
  [[ $status == True* ]] || {
    echo "$status"
    return 1
  }
}

main "$@" </dev/null
