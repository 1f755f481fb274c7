#!/usr/bin/env bash
# Makes this host a master. Every master runs the same `kubeadm init`, side by side with the others: they share CAs, keys
# and etcd, so there is no first one, no join, no token and no certificate key.
#
# inputs:  NODE_NAME, NODE_ADDRESS, API_PORT, KUBERNETES_VERSION
#          MASTERS                   all masters as configured, "name=address"
#          DRAIN_SECONDS, DRAIN_ON_TIMEOUT  how long pods may take to make room for another release of the kubelet, and what then: fail or force
#          KUBEADM_CONFIG            kubeadm's configuration; CAs and keys are placed beside it
#          API_CERTIFICATE_NAMES     names and addresses the serving certificate must hold
#          ADDONS_DIR, ADDONS        manifests the cluster needs to be Ready, and the names of those that are wanted: what came of any other is deleted
#          ROTATIONS                 how far the replacement of each key is, "key generation phase"
#          PACKET_QUEUES             queues of the kernel that programs of this host decide on; empty = network policies are enforced by nobody
#          DNS_MANIFEST, COREFILE    the DNS server, and its configuration
#          NODE_SETTINGS             labels and taints of the nodes of each pool
# effects: certificates, kubeconfigs, static pods, kubelet; the cluster-wide settings, which all masters write alike.
# guard:   with the same inputs as last time only readiness is waited for; what was begun and not finished counts as other inputs. A master
#          that already serves waits for its turn before anything of it changes, and gives it on when it is Ready again: a change
#          that a master does not come back from reaches no other one.
#          Another release takes two turns: first the apiserver of every master, then, once all of them serve it, the rest of each. An apiserver that does not
#          come up with it is put back, and so are all static pods when one of them does not come up with other settings. Who has failed says so at its Node, and all who wait end and stay as they are.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"
# shellcheck source=rotation.sh
source "$STEP_DIR/rotation.sh"

readonly PKI=/etc/kubernetes/pki MANIFESTS=/etc/kubernetes/manifests
readonly APISERVER=$MANIFESTS/kube-apiserver.yaml
readonly COMPONENTS=(apiserver controller-manager scheduler)
readonly INIT_ATTEMPTS=3 ANSWER_SECONDS=120 APPLY_SECONDS=120 READY_SECONDS=180
# For one master, beside what pods may take to make room.
readonly TURN_SECONDS=300
export KUBECONFIG=/etc/kubernetes/admin.conf
# By its address: the API's name may lead to another master while this one is not ready.
readonly OWN_URL=https://$NODE_ADDRESS:$API_PORT

KNOWN_FAILURES=""

main() {
  local wanted had upgrades=""
  trap leave EXIT
  had=$(recall control-plane)
  wanted=$(fingerprint "$KUBEADM_CONFIG" "$PKI"/{ca,front-proxy-ca,sa}.key "$PKI"/{ca,front-proxy-ca}.crt "$PKI/etcd-clients/etcd/ca.crt" "$PKI/etcd/ca.crt" \
    /etc/kubernetes/patches/* /etc/kubernetes/{apiserver,audit,encryption}/*)
  systemctl --quiet enable kubelet
  if [[ $had != "$wanted" ]]; then
    [[ -z $had ]] || may_rotate
    if another_release; then
      upgrades=yes
      # What is not known now would count as new later.
      wait_until "$ANSWER_SECONDS" "the API tells of its nodes" failures
    fi
    KNOWN_FAILURES=$(failures 2>/dev/null || true)
    [[ -z $upgrades ]] || all_apiservers_first "$wanted"
    take_turn
    # Whatever becomes of this run: what is here from now on is no longer what it was, so that the former inputs are a change as well.
    remember control-plane "begun $wanted"
    renew_serving_certificate
    bash "$STEP_DIR/renew-certificates.sh" etcd-client
    bash "$STEP_DIR/renew-certificates.sh" front-proxy-client
    bash "$STEP_DIR/renew-certificates.sh" kubernetes
    bash "$STEP_DIR/local-kubeconfigs.sh" "$KUBEADM_CONFIG" "https://$NODE_ADDRESS:$API_PORT" kubelet admin super-admin
    # kubeadm ends at a kubeconfig whose first authority is not the one that issues.
    know_authorities
    if kubelet_waits; then
      drain "$OWN_URL"
      swap_kubelet
    fi
    change "$had" "$upgrades"
    know_authorities
    bash "$STEP_DIR/renew-certificates.sh" readers
    bash "$STEP_DIR/authorities.sh" kubelet "$NODE_NAME" "$OWN_URL"
    rotated
    # It is root in the cluster whatever its roles say, and of use to no-one but the first `init`.
    rm -f /etc/kubernetes/super-admin.conf
    if [[ -n $upgrades ]]; then
      phase "waiting for all of $KUBERNETES_VERSION"
      wait_until "$READY_SECONDS" "all of $NODE_NAME of $KUBERNETES_VERSION" follows_release
    fi
    keep_kubelet
    remember_rotations
    remember control-plane "$wanted"
  else
    systemctl start kubelet
  fi
  phase "addons"
  delete_unwanted_addons
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
  pods_back "$OWN_URL"
  bash "$STEP_DIR/forget-network-policies.sh"
  give_turn
  tell "done" "$OWN_URL"
}

know_authorities() {
  bash "$STEP_DIR/authorities.sh" trust kubelet admin super-admin controller-manager scheduler
}

# A manifest that this master has applied, and that is configured no more, tells what to take away.
delete_unwanted_addons() {
  local manifest name
  for manifest in "$ADDONS_DIR"/*.yaml; do
    name=${manifest##*/}
    if [[ ! -e $manifest || " ${ADDONS[*]} " == *" ${name%.yaml} "* ]]; then continue; fi
    wait_until "$APPLY_SECONDS" "${name%.yaml} is deleted" kubectl delete --ignore-not-found --timeout 60s -f "$manifest"
    rm -f "$manifest"
  done
}

# Whoever waits for this master need not wait until its time is over.
leave() {
  local status=$? master
  ((status != 0)) || return 0
  local urls=()
  for master in "${MASTERS[@]}"; do urls+=("https://${master#*=}:$API_PORT"); done
  (pods_back "$OWN_URL") || true
  tell failed "${urls[@]}" 2>&1 || true
}

# Whether a static pod or the kubelet of this master is of another release than is wanted. One that is made now has none.
another_release() {
  local component
  [[ -e $APISERVER ]] || return 1
  for component in "${COMPONENTS[@]}"; do
    is_of_release "$component" || return 0
  done
  kubelet_waits
}

is_of_release() {
  [[ ! -e $MANIFESTS/kube-$1.yaml ]] || grep -q "image: .*:$KUBERNETES_VERSION\$" "$MANIFESTS/kube-$1.yaml"
}

# all_apiservers_first WANTED: nothing may be newer than any apiserver it talks to, and controller-manager and scheduler talk to all in turn, by what
# these keep.
all_apiservers_first() {
  no_node_behind
  if ! is_of_release apiserver; then
    take_turn
    remember control-plane "begun $1"
    replace_apiserver
    give_turn
  fi
  phase "waiting for all apiservers"
  wait_until "$((${#MASTERS[@]} * TURN_SECONDS))" "all apiservers of $KUBERNETES_VERSION" all_serve_or_failed
  stay_if_failed
}

# A node that an upgrade has not reached would be two minor releases behind: that one is finished first.
no_node_behind() {
  local nodes name release
  nodes=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}')
  while read -r name release; do
    (($(minor "$KUBERNETES_VERSION") - $(minor "$release") <= 1)) ||
      die "versions.kubernetes is $KUBERNETES_VERSION, but node $name still runs $release: bring it to the release between first, or take it away"
  done <<<"$nodes"
}

minor() {
  cut -d. -f2 <<<"$1"
}

# The kubelet ends the one and starts the other as the manifest changes. What it needs has been there since this host was prepared.
replace_apiserver() {
  local former
  former=$(cat "$APISERVER")
  phase "apiserver: $KUBERNETES_VERSION"
  kubeadm init phase control-plane apiserver --config "$KUBEADM_CONFIG"
  (wait_until "$READY_SECONDS" "apiserver of $KUBERNETES_VERSION serves" serves "$NODE_ADDRESS") && return 0
  phase "the apiserver of before comes back"
  replace "$APISERVER" 0600 <<<"$former"
  wait_until "$READY_SECONDS" "apiserver of before serves" own_apiserver_ready
  die "$NODE_NAME: no apiserver of $KUBERNETES_VERSION comes up here (journalctl -u kubelet, crictl logs); the one of before is back"
}

# serves ADDRESS: the apiserver there is ready, and of the release.
serves() {
  local server=https://$1:$API_PORT
  kubectl --server "$server" --request-timeout 5s get --raw /readyz >/dev/null || return 1
  kubectl --server "$server" --request-timeout 5s get --raw /version | grep -q "\"gitVersion\": *\"$KUBERNETES_VERSION\"" || {
    echo "$1 serves another release"
    return 1
  }
}

# A master that has yet to join is waited for by nobody.
all_serve_or_failed() {
  local master
  ! failed_elsewhere || return 0
  for master in "${MASTERS[@]}"; do
    [[ -z $(kubectl get node "${master%%=*}" --ignore-not-found -o name) ]] || serves "${master#*=}" || return 1
  done
}

# Those who say that they have failed, and when.
failures() {
  local nodes
  nodes=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.metadata.annotations.kubernetes-ha/upgrade-failed}{"\n"}{end}') || return
  grep -v '=$' <<<"$nodes" || true
}

# failed_elsewhere: another master has said so since this run began.
failed_elsewhere() {
  local listed failure master
  # Who does not answer now is asked again by whoever waits.
  listed=$(failures 2>/dev/null) || return 1
  while read -r failure; do
    for master in "${MASTERS[@]%%=*}"; do
      [[ $master == "$NODE_NAME" || ${failure%%=*} != "$master" ]] || return 0
    done
  done < <(grep -vxF "${KNOWN_FAILURES:-none}" <<<"$listed")
  return 1
}

stay_if_failed() {
  ! failed_elsewhere || die "another master has failed, so $NODE_NAME stays as it is. See there: /var/log/kubernetes-ha (kubectl get nodes -o yaml | grep upgrade-failed)"
}

# By what the kubelet tells of it: a manifest is not yet a pod.
follows_release() {
  local component image
  for component in "${COMPONENTS[@]}"; do
    image=$(kubectl --namespace kube-system get pod "kube-$component-$NODE_NAME" \
      -o 'jsonpath={.spec.containers[0].image} {.status.conditions[?(@.type=="Ready")].status}')
    [[ $image == *":$KUBERNETES_VERSION True" ]] || {
      echo "$component: $image"
      return 1
    }
  done
  image=$(kubectl get node "$NODE_NAME" -o 'jsonpath={.status.nodeInfo.kubeletVersion}')
  [[ $image == "$KUBERNETES_VERSION" ]] || {
    echo "kubelet: $image"
    return 1
  }
}

# Whoever made this object has its turn: of the apiservers that serve, one at a time is changed.
take_turn() {
  # A new master, or one that does not serve, has nothing to lose.
  [[ -n $(recall control-plane) ]] || return 0
  own_apiserver_ready >/dev/null 2>&1 || return 0
  phase "waiting for this master's turn"
  wait_until "$(((${#MASTERS[@]} - 1) * (TURN_SECONDS + DRAIN_SECONDS)))" "turn of $NODE_NAME (kube-system/configmap/kubernetes-ha-turn)" has_turn_or_failed
  has_turn >/dev/null || {
    stay_if_failed
    die "$NODE_NAME has lost its turn, and stays as it is"
  }
}

has_turn_or_failed() {
  has_turn || failed_elsewhere
}

has_turn() {
  local holder
  claim_turn && return 0
  holder=$(turn_holder)
  # A run of ours that was cut off.
  [[ $holder != "$NODE_NAME" ]] || return 0
  if [[ -n $holder && " ${MASTERS[*]%%=*} " != *" $holder "* ]]; then
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

# change HAD UPGRADES: has kubeadm write everything anew, and the static pods follow. Those of a master that has served (HAD) come back when one of them does
# not come up as it is configured: a flag that its release does not have. Another release has its own way back, and none once all apiservers have it.
change() {
  local component served=""
  local -A former=() processes=()
  if own_apiserver_ready >/dev/null 2>&1; then served=yes; fi
  for component in "${COMPONENTS[@]}"; do
    former[$component]=$(manifest "$component")
    processes[$component]=$(process "$component")
  done
  (initialise "$1" && followed) && return 0
  [[ -n $1 && -z $2 && -n $served ]] || exit 1
  phase "the static pods of before come back"
  for component in "${COMPONENTS[@]}"; do
    [[ -z ${former[$component]} ]] || replace "$MANIFESTS/kube-$component.yaml" 0600 <<<"${former[$component]}"
  done
  wait_until "$READY_SECONDS" "apiserver of before serves" own_apiserver_ready
  die "$NODE_NAME: static pods do not come up as they are configured (journalctl -u kubelet, crictl logs); those of before are back." \
    "Set right what has changed (controlPlane.*), and run again"
}

# Whether each static pod whose manifest has changed runs by it: the one of before answers until the kubelet has seen its new manifest.
followed() {
  local component
  for component in "${COMPONENTS[@]}"; do
    [[ -n ${processes[$component]} && $(manifest "$component") != "${former[$component]}" ]] || continue
    phase "waiting for the new $component"
    wait_until "$READY_SECONDS" "$component follows its manifest" succeeded "$component" "${processes[$component]}"
  done
}

manifest() {
  cat "$MANIFESTS/kube-$1.yaml" 2>/dev/null || true
}

# process COMPONENT: its number. The kernel keeps 15 characters of a name.
process() {
  local name=kube-$1
  pgrep -x "${name:0:15}" || true
}

# Preflight is left out: it takes a half-done host for a foreign one. Tokens and uploaded certificates are not needed, and a member of
# etcd that is here was made by etcd.sh, which knows whether it begins or joins.
#
# initialise HAD: once more when uploads of two masters have met, but not when a master that has served (HAD) is not well.
initialise() {
  local attempt
  for ((attempt = 1; attempt <= INIT_ATTEMPTS; attempt++)); do
    phase "kubeadm init, attempt $attempt"
    if kubeadm init --config "$KUBEADM_CONFIG" --skip-phases preflight,etcd,upload-certs,bootstrap-token,addon/coredns,show-join-command; then
      # kubeadm leaves it readable to all.
      chmod 0600 /var/lib/kubelet/config.yaml
      return 0
    fi
    [[ -z $1 ]] || all_well >/dev/null 2>&1 || break
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

# succeeded COMPONENT PID: another process than this one serves as it.
succeeded() {
  [[ $(process "$1") != "$2" ]] && well "$1"
}

all_well() {
  local component
  for component in "${COMPONENTS[@]}"; do well "$component" || return 1; done
}

# well COMPONENT: what it says of itself.
well() {
  case $1 in
    apiserver) own_apiserver_ready ;;
    controller-manager) healthy 10257 ;;
    scheduler) healthy 10259 ;;
  esac
}

# By a certificate that it has made for itself.
healthy() {
  curl --silent --show-error --fail --insecure --max-time 2 "https://127.0.0.1:$1/healthz"
}

own_apiserver_ready() {
  kubectl --server "$OWN_URL" get --raw /readyz
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
