# shellcheck shell=bash
# What a master does when a key of the cluster is replaced, old and new side by side. Sourced by control-plane.sh, after lib.sh; needs ROTATIONS, NODE_NAME,
# OWN_URL, PKI, KUBECONFIG. A phase changes what files and manifests say; this is what has to be so before, and done after.

# Of a key that has never been replaced.
readonly FIRST_ROTATION="1 retire"

# may_rotate: ends this run, before anything of this master changes, when a phase would be skipped (what this master is to use, or to accept alone, others may
# not know of; `up` refuses it in its preview), when Secrets hold tokens that would be accepted no more, and when a Secret cannot be written with a key that is to
# be the only one: the apiserver that runs still reads the one to be retired.
may_rotate() {
  local rotation key had way
  for rotation in "${ROTATIONS[@]}"; do
    key=${rotation%% *}
    had=$(had_rotation "$key")
    way=$(($(place_of "${rotation#* }") - $(place_of "$had")))
    ((way >= -1 && way <= 1)) ||
      die "pki.rotation.$key is \"${rotation#* }\" (generation, phase), and $NODE_NAME is at \"$had\": set it to the phase between, and run again at once"
  done
  ! retires serviceAccountKey || secrets known "$PKI/sa.pub"
  ! retires encryptionKey || rewrite_secrets
}

# after_use: whoever is the last to use a new key finds all others writing with it.
after_use() {
  ! comes_to encryptionKey use || rewrite_secrets
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
