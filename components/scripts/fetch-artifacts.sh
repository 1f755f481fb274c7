#!/usr/bin/env bash
# Fetches programs, side by side, and puts them in place once the sha256 of what was downloaded is right.
#
# usage:   fetch-artifacts.sh "PROGRAM TARGET URL SUM [MEMBER]"...
#            PROGRAM  what it is, wherever it comes from: kubernetes/v1.36.3/amd64/kubelet
#            SUM      sha256 of what URL has, or the address of a file that says it: the sum alone, or a line with the file's name, as sha256sum writes
#            MEMBER   path of the program in the archive that URL has; absent = URL has the program itself
# effects: a target is replaced whole or not at all, and left alone when it came as the same program with the same pinned sum before. An archive is downloaded
#          once for all that is wanted of it. A kubelet of another release than the one that runs is put beside it, as TARGET.next, until it is this host's
#          turn (kubelet-release.sh).
set -euo pipefail

readonly APPLIED=/var/lib/kubernetes-ha/applied KUBERNETES=/etc/kubernetes
# A slow line may take its time, one that stands still for half a minute is given up.
readonly DOWNLOAD_SECONDS=600 STALLED_SECONDS=30

main() {
  local line url failed=0 job jobs=()
  local -A lines=()
  install -d -m 0755 "$APPLIED"
  for line in "$@"; do
    url=$(cut -d' ' -f3 <<<"$line")
    lines[$url]+=$line$'\n'
  done
  for url in "${!lines[@]}"; do
    fetch "$url" "${lines[$url]}" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  return "$failed"
}

# fetch URL LINES: what of these is not there yet, from one download.
fetch() {
  local url=$1 missing program record target sum member file
  missing=$(missing_of "$2")
  [[ -n $missing ]] || return 0
  read -r program record target sum member <<<"$missing"
  install -d -m 0755 "$(dirname "$target")"
  file=$target.download
  download "$url" "$file"
  check
  while read -r program record target sum member; do
    place
    echo "fetched $program"
  done <<<"$missing"
  rm -f "$file"
}

# missing_of LINES: "program record target sum [member]" of those that are neither there nor beside the kubelet that runs.
missing_of() {
  local program record target sum member
  while read -r program target _ sum member; do
    [[ -n $program ]] || continue
    record=$APPLIED/artifact.${target##*/}
    if there; then
      # What waits beside it was wanted by a change that has been taken back.
      rm -f "$target.next" "$record.next"
      continue
    fi
    if waits; then
      target=$target.next record=$record.next
      if there; then continue; fi
    fi
    echo "$program $record $target $sum $member"
  done <<<"$1"
}

# The sum, unless it is for others to say.
pinned() {
  [[ $sum == */* ]] || echo "$sum"
}

# Whether the target is what is wanted.
there() {
  [[ -x $target && -s $target && $(cat "$record" 2>/dev/null) == "$program $(pinned)" ]]
}

# Whether the target is the kubelet of a host that lives, of another release than is wanted: a crash or a reboot would start the new one at once, before any
# apiserver of its release is there, and on all hosts alike.
waits() {
  [[ ${target##*/} == kubelet && -x $target && $(cut -d' ' -f1 "$record" 2>/dev/null) != "$program" ]] &&
    { [[ -s $KUBERNETES/kubelet.conf ]] || compgen -G "$KUBERNETES/manifests/*.yaml" >/dev/null; }
}

# Ends, without the download, when that is not what it must be.
check() {
  local got expected
  expected=$(pinned)
  if [[ -z $expected ]]; then
    download "$sum" "$file.sums"
    expected=$(sum_of "${url##*/}" "$file.sums")
    rm -f "$file.sums"
  fi
  got=$(sha256sum "$file" | cut -d' ' -f1)
  [[ $got != "$expected" ]] || return 0
  rm -f "$file"
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "$sum says no sha256 of ${url##*/}: correct sources, or pin it in sources.checksums"
  fail "$url has sha256 $got, must be $expected: fetch it into the mirror anew, or correct sources.checksums"
}

# sum_of NAME FILE: what FILE says of NAME; a file of one line is about nothing else.
sum_of() {
  awk -v name="$1" '
    {last = $1; sub(/^[*]?([.]\/)?/, "", $2)}
    $2 == name {found = $1}
    END {print found != "" ? found : NR == 1 ? last : ""}
  ' "$2"
}

# Puts the program where it is wanted.
place() {
  local new=$target.fetching
  if [[ -z $member ]]; then
    mv -f "$file" "$new"
  else
    # Its content alone: nothing in the archive says where it goes, or whose it is.
    tar --extract --file "$file" --to-stdout "$member" >"$new" || fail "$url has no $member"
    [[ -s $new ]] || fail "$member of $url is empty"
  fi
  chmod 0755 "$new"
  # On the disk before it counts as fetched, or a loss of power would leave the record of a program that is not there.
  sync "$new"
  mv -f "$new" "$target"
  sync "$(dirname "$target")"
  printf '%s %s\n' "$program" "$(pinned)" >"$record"
}

# download URL FILE
download() {
  curl --fail --silent --show-error --location --connect-timeout 5 --max-time "$DOWNLOAD_SECONDS" \
    --speed-limit 1024 --speed-time "$STALLED_SECONDS" \
    --retry 5 --retry-all-errors --retry-delay 1 --output "$2" "$1" ||
    fail "$1 cannot be fetched: look whether it is there (sources), and whether this host gets there (network.nat makes a way out of the VPC)"
}

fail() {
  echo "error: $*" >&2
  exit 1
}

main "$@" </dev/null
