#!/usr/bin/env bash
# Fetches binaries from the artifact server, side by side, and puts them in place once their sha256 is right.
#
# usage:   fetch-artifacts.sh BASE-URL "PATH TARGET [SHA256]"...    (no SHA256 = BASE-URL/PATH.sha256 says it)
# effects: a target is replaced whole or not at all, and left alone when it came from the same path and sum before. A kubelet of another release than the
#          one that runs is put beside it, as TARGET.next, until it is this host's turn (kubelet-release.sh).
set -euo pipefail

readonly APPLIED=/var/lib/kubernetes-ha/applied KUBERNETES=/etc/kubernetes

main() {
  local base=$1 line failed=0 job jobs=()
  shift
  install -d -m 0755 "$APPLIED"
  for line in "$@"; do
    # shellcheck disable=SC2086 # path, target and sum, none of which holds a blank
    fetch "$base" $line &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  return "$failed"
}

fetch() {
  local base=$1 path=$2 target=$3 wanted=${4:-} record got temporary
  record=$APPLIED/artifact.$(basename "$target")
  if there; then
    # What waits beside it was wanted by a change that has been taken back.
    rm -f "$target.next" "$record.next"
    return 0
  fi
  if waits; then
    target=$target.next record=$record.next
    if there; then return 0; fi
  fi
  install -d -m 0755 "$(dirname "$target")"
  temporary=$target.fetching
  download "$base/$path" "$temporary"
  local expected=$wanted
  if [[ -z $expected ]]; then
    download "$base/$path.sha256" "$temporary.sha256"
    expected=$(cut -d' ' -f1 "$temporary.sha256")
    rm -f "$temporary.sha256"
  fi
  got=$(sha256sum "$temporary" | cut -d' ' -f1)
  if [[ $got != "$expected" ]]; then
    rm -f "$temporary"
    echo "error: $base/$path has sha256 $got, must be $expected: fetch it into the mirror anew, or correct artifacts.checksums" >&2
    return 1
  fi
  chmod 0755 "$temporary"
  # On the disk before it counts as fetched, or a loss of power would leave the record of a program that is not there.
  sync "$temporary"
  mv -f "$temporary" "$target"
  sync "$(dirname "$target")"
  printf '%s %s\n' "$path" "$wanted" >"$record"
  echo "fetched $path"
}

# Whether the target is what is wanted, from where it is wanted.
there() {
  [[ -x $target && -s $target && $(cat "$record" 2>/dev/null) == "$path $wanted" ]]
}

# Whether the target is the kubelet of a host that lives, of another release than is wanted: a crash or a reboot would start the new one at once, before any
# apiserver of its release is there, and on all hosts alike.
waits() {
  [[ ${target##*/} == kubelet && -x $target && $(cut -d' ' -f1 "$record" 2>/dev/null) != "$path" ]] &&
    { [[ -s $KUBERNETES/kubelet.conf ]] || compgen -G "$KUBERNETES/manifests/*.yaml" >/dev/null; }
}

download() {
  curl --fail --silent --show-error --location --connect-timeout 5 --max-time 240 \
    --retry 5 --retry-connrefused --retry-delay 1 --output "$2" "$1" || {
    echo "error: $1 cannot be fetched: look whether the mirror of artifacts.baseUrl runs, has it, and is reached from this host" >&2
    return 1
  }
}

main "$@" </dev/null
