# shellcheck shell=bash
# What a host does when a key of the cluster is replaced, old and new side by side. Sourced by etcd.sh and control-plane.sh, after lib.sh; needs ROTATIONS, and of
# masters NODE_ADDRESS, API_PORT, OWN_URL, PKI, KUBECONFIG, ADDONS_DIR, DNS_MANIFEST. A phase changes what files and manifests say; this is what has to be so before,
# and done after.

# Programs in pods begin anew one node after another.
readonly ROLLOUT_SECONDS=3600
# Where extension apiservers, and pods, find the authorities they are told of: a ConfigMap of kube-system, and its key.
readonly FRONT_PROXIES=(extension-apiserver-authentication requestheader-client-ca-file) ROOTS_OF_PODS=(kube-root-ca.crt 'ca\.crt')
# Of a key that has never been replaced.
readonly FIRST_ROTATION="1 retire"
# An apiserver looks at a file of authorities when it is told of a change, and once a minute.
readonly RELOAD_SECONDS=120

# may_rotate: of a master. Ends this run, before anything changes, when a phase would be skipped, when Secrets hold tokens that would be accepted no more, when
# a Secret cannot be written with a key that is to be the only one (the apiserver that runs still reads the one to be retired), and when extension apiservers, or
# pods, are not told of an authority that is to be used.
may_rotate() {
  no_phase_skipped
  ! retires serviceAccountKey || secrets known "$PKI/sa.pub"
  ! retires encryptionKey || rewrite_secrets
  ! comes_to kubernetesCa use || pods_know_authority
  ! comes_to frontProxyCa use || wait_until "$RELOAD_SECONDS" "extension apiservers are told of the new front proxy" told_all front-proxy-ca.crt "${FRONT_PROXIES[@]}"
}

# What this host is to use, or to accept alone, others may not know of. `up` refuses it in its preview.
no_phase_skipped() {
  local rotation key had way
  for rotation in "${ROTATIONS[@]}"; do
    key=${rotation%% *}
    had=$(had_rotation "$key")
    way=$(($(place_of "${rotation#* }") - $(place_of "$had")))
    ((way >= -1 && way <= 1)) ||
      die "pki.rotation.$key is \"${rotation#* }\" (generation, phase), and this host is at \"$had\": set it to the phase between, and run again at once"
  done
}

# Programs of ours in pods may read the authorities of the API once: they begin anew, before an apiserver shows a certificate by the new one. kube-proxy reads them
# again.
pods_know_authority() {
  local generation workloads namespace workload
  wait_until "$RELOAD_SECONDS" "pods are told of the new authority" told_all ca.crt "${ROOTS_OF_PODS[@]}"
  phase "programs in pods begin anew, to know the new authority"
  generation=$(wanted_rotation kubernetesCa)
  workloads=$(our_workloads)
  while read -r namespace workload; do
    kubectl --namespace "$namespace" patch "$workload" --type merge \
      --patch "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"kubernetes-ha/authority\":\"${generation% *}\"}}}}}"
  done <<<"$workloads"
  while read -r namespace workload; do
    kubectl --namespace "$namespace" rollout status "$workload" --timeout "${ROLLOUT_SECONDS}s"
  done <<<"$workloads"
}

# Of what the masters apply, what has pods: "namespace kind/name".
our_workloads() {
  kubectl get --ignore-not-found -f "$ADDONS_DIR" -f "$DNS_MANIFEST" \
    -o 'jsonpath={range .items[?(@.spec.template)]}{.metadata.namespace} {.kind}/{.metadata.name}{"\n"}{end}'
}

# rotated: the rest of a phase, with all files of it in their places. Whoever is the last to use a new key finds all others writing with it; whoever is the last
# to retire one finds nobody else who would bring it back.
rotated() {
  ! comes_to encryptionKey use || rewrite_secrets
  ! comes_to frontProxyCa retire || forget_front_proxy
}

# Each apiserver adds what it accepts to what extension apiservers are told, and takes nothing away.
forget_front_proxy() {
  phase "front proxy: extension apiservers forget the former authority"
  wait_until "$RELOAD_SECONDS" "this apiserver accepts the new front proxy alone" accepts_front_proxies "$(certificates_in <"$PKI/front-proxy-ca.crt" | wc -l)"
  wait_until "$RELOAD_SECONDS" "extension apiservers are told of the new front proxy alone" tell_front_proxy
}

# accepts_front_proxies COUNT: by the names that it asks a client's certificate of; generations of an authority have the same.
accepts_front_proxies() {
  local count
  count=$(openssl s_client -connect "$NODE_ADDRESS:$API_PORT" </dev/null 2>/dev/null | grep -c '^CN *= *front-proxy-ca$' || true)
  [[ $count == "$1" ]] || {
    echo "it accepts $count"
    return 1
  }
}

tell_front_proxy() {
  { printf 'data:\n  requestheader-client-ca-file: |\n' && sed 's/^/    /' "$PKI/front-proxy-ca.crt"; } |
    kubectl --namespace kube-system patch configmap extension-apiserver-authentication --type merge --patch-file /dev/stdin || return
  [[ $(told "${FRONT_PROXIES[@]}" | certificates_in | sort) == "$(certificates_in <"$PKI/front-proxy-ca.crt" | sort)" ]]
}

# told_all FILE CONFIGMAP KEY: whether who reads that is told of every authority in a file of this master.
told_all() {
  local missing
  missing=$(comm -23 <(certificates_in <"$PKI/$1" | sort) <(told "$2" "$3" | certificates_in | sort) | wc -l)
  ((missing == 0)) || {
    echo "$missing of its authorities are not in kube-system/configmap/$2"
    return 1
  }
}

told() {
  kubectl --namespace kube-system get configmap "$1" -o "jsonpath={.data.$2}"
}

remember_rotations() {
  local rotation
  for rotation in "${ROTATIONS[@]}"; do
    # Its time is when that was come to.
    [[ $(recall "rotation-${rotation%% *}") == "${rotation#* }" ]] || remember "rotation-${rotation%% *}" "${rotation#* }"
  done
}

rewrite_secrets() {
  phase "writing Secrets anew"
  secrets rewrite
}

secrets() {
  python3 -B "$STEP_DIR/secrets.py" "$1" "$OWN_URL" "$PKI/ca.crt" "$KUBECONFIG" "${@:2}"
}

# retires KEY: whether an apiserver that serves here is to accept a generation of it no more.
retires() {
  comes_to "$1" retire && own_apiserver_ready >/dev/null 2>&1
}

# comes_to KEY PHASE: whether that is what this run brings.
comes_to() {
  local wanted
  wanted=$(wanted_rotation "$1")
  [[ $wanted == *" $2" && $wanted != "$(had_rotation "$1")" ]]
}

wanted_rotation() {
  local rotation
  for rotation in "${ROTATIONS[@]}"; do
    [[ ${rotation%% *} != "$1" ]] || echo "${rotation#* }"
  done
}

had_rotation() {
  local had
  had=$(recall "rotation-$1")
  echo "${had:-$FIRST_ROTATION}"
}

# place_of "GENERATION PHASE": phases of all generations in a row.
place_of() {
  local generation=${1% *}
  case ${1#* } in
    trust) echo $((generation * 3)) ;;
    use) echo $((generation * 3 + 1)) ;;
    retire) echo $((generation * 3 + 2)) ;;
    *) die "no phase \"$1\"" ;;
  esac
}
