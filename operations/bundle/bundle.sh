#!/bin/bash
# Sets up a deploy node without any way out: the first thing in the archive that `npm run bundle` makes, under the name `bundle`. It needs what a bare Debian
# has. docs/offline.md tells the whole way.
set -euo pipefail
export LC_ALL=C
umask 022

readonly BASE=/opt/kubernetes-ha STATE=/var/lib/kubernetes-ha
readonly MIRROR_SETTINGS=/etc/kubernetes-ha/mirror UNIT=kubernetes-ha-mirror.service READY=/run/kubernetes-ha-mirror/pid
# Who a signature is by, and what for: `npm run bundle -- --sign` says the same.
readonly SIGNATURE_NAME=kubernetes-ha-bundle
# What the script runs, all of it of packages that Debian calls required or important.
readonly PROGRAMS=(cmp find flock sed setpriv sha256sum systemctl tar)
# MiB that the host keeps for its own.
readonly SPARE_MIB=512
# Seconds the mirror has to answer.
readonly MIRROR_SECONDS=120

usage() {
  cat <<'END'
usage: bundle install ARCHIVE [--address IP] [--allowed-signers FILE]
       bundle verify
       bundle settings

install   checks the archive, unpacks it below /opt/kubernetes-ha, and starts the mirror that hosts install from (artifacts
          and packages on port 80, images on port 5000). Run it again at any time: after an interruption, or with a newer
          archive. As root.
            --address          address of this host that the others reach it at; default: its first IPv4 address
            --allowed-signers  file of public keys as ssh-keygen -Y verify reads it (kubernetes-ha-bundle KEY); the archive
                               must be signed by one of them
verify    reads every file that was installed and compares its SHA-256
settings  prints what the stack's configuration says to have hosts install from this mirror
END
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

say() {
  printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

# step TEXT COMMAND...: runs a program, and tells every 15 s that it goes on.
step() {
  local text=$1 began=$SECONDS status=0 ticker
  shift
  say "$text"
  (
    # Not to be outlived by what it waits for, which would hold the lock and the terminal.
    trap 'kill "$!"' TERM
    while sleep 15 & wait "$!"; do say "$text: for $((SECONDS - began)) s now"; done
  ) 9>&- &
  ticker=$!
  "$@" || status=$?
  kill "$ticker"
  wait "$ticker" 2>/dev/null || true
  return "$status"
}

# fact FILE NAME: a text or number on the first level of a bundle's manifest.
fact() {
  sed -n "s/^  \"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1"
}

get_again="copy it again from where it was made, with its .sha256 beside it; \`sha256sum --check\` of that says whether all of it has come"
readonly get_again

install_bundle() {
  local archive=${1:-} address="" signers=""
  shift || true
  while (($# > 0)); do
    case $1 in
      --address) address=${2:?"--address takes an address"} ;;
      --allowed-signers) signers=${2:?"--allowed-signers takes a file"} ;;
      *) die "there is no option $1; see bundle --help" ;;
    esac
    shift 2
  done
  [[ -f $archive ]] || die "there is no file ${archive:-named}: bundle install ARCHIVE"
  [[ -z $signers || -r $signers ]] || die "$signers cannot be read: --allowed-signers takes a file of public keys"
  ((EUID == 0)) || die "this changes the system: run it as root"
  local program
  for program in "${PROGRAMS[@]}"; do
    command -v "$program" >/dev/null || die "this host has no $program: the deploy node is a Debian 12 with systemd, or alike"
  done
  mkdir -p "$BASE" "${MIRROR_SETTINGS%/*}"
  exec 9>"$BASE/.lock"
  flock --nonblock 9 || die "another \`bundle install\` is at work here: wait for its end"

  local manifest=$BASE/.manifest id
  read_manifest "$archive" "$manifest"
  id=$(fact "$manifest" id)
  if [[ -d $BASE/$id && -z $signers ]] && sums_hold "$BASE/$id"; then
    say "$id is unpacked already"
  else
    unpack "$archive" "$manifest" "$signers"
  fi
  [[ ! -d $BASE/current ]] || keep_configuration "$BASE/current" "$BASE/$id"
  ln -sfn "$id" "$BASE/.current"
  mv -T "$BASE/.current" "$BASE/current"
  rm -f "$manifest"
  set_up_programs "$id"
  start_mirror "$address"
  say "done"
  settings
  cat >&2 <<END

Into a new shell, or after \`. /etc/profile.d/kubernetes-ha.sh\`: cd $BASE/current/program, where Pulumi.<stack>.yaml goes, with
the settings above in it. State is kept in $STATE/state (PULUMI_BACKEND_URL). docs/offline.md there goes on from here.
END
}

# read_manifest ARCHIVE FILE: what the archive says of itself, before it takes any room; refuses what this host cannot run.
read_manifest() {
  local archive=$1 manifest=$2 machine
  tar --extract --to-stdout --occurrence=1 --file "$archive" manifest.json >"$manifest" 2>/dev/null \
    || die "$archive is no bundle, or is damaged at its beginning: $get_again"
  [[ $(fact "$manifest" format) == 1 ]] || die "$archive has another format than this script knows: take the script out of that archive, tar -xf $archive bundle"
  machine=$(fact "$manifest" machine)
  [[ $(uname -m) == "$machine" ]] || die "the programs in $archive are for $machine, and this host is $(uname -m): make the deploy node a host with $machine"
}

# unpack ARCHIVE MANIFEST SIGNERS: it appears below its name whole and right, or not at all.
unpack() {
  local archive=$1 manifest=$2 signers=$3 staging=$BASE/.unpacking id need free
  id=$(fact "$manifest" id)
  # What an interrupted run has left is of no use.
  rm -rf "$staging"
  need=$(($(fact "$manifest" unpackedMiB) + SPARE_MIB))
  free=$(($(stat --file-system --format='%a * %S' "$BASE") / 1048576))
  ((free >= need)) || die "$BASE has $free MiB free, and the bundle takes $need MiB: free $((need - free)) MiB, or mount a larger disk there; what is below it besides current can go"
  mkdir "$staging"
  step "unpacking $id" tar --extract --no-same-owner --file "$archive" --directory "$staging" \
    || die "$archive is damaged or cut off: $get_again"
  verify_signature "$staging" "$signers"
  verify_whole "$staging"
  sums_hold "$staging" || die "$archive is damaged: $get_again"
  cmp --silent "$0" "$staging/bundle" \
    || die "this script is not the one in $archive: tar -xf $archive bundle, and run that"
  [[ ! -d $BASE/$id ]] || keep_configuration "$BASE/$id" "$staging"
  rm -rf "${BASE:?}/$id"
  mv "$staging" "$BASE/$id"
}

# verify_signature DIRECTORY SIGNERS: the sums are those that somebody who may has signed, if anybody is named who may.
verify_signature() {
  local directory=$1 signers=$2
  if [[ -z $signers ]]; then
    [[ ! -e $directory/SHA256SUMS.sig ]] || say "the bundle is signed; who by was not looked at: --allowed-signers does"
    return
  fi
  [[ -e $directory/SHA256SUMS.sig ]] || die "the bundle is not signed: npm run bundle -- --sign KEY makes one that is"
  command -v ssh-keygen >/dev/null || die "this host has no ssh-keygen (package openssh-client), which verifies signatures"
  ssh-keygen -Y verify -f "$signers" -I "$SIGNATURE_NAME" -n "$SIGNATURE_NAME" \
    -s "$directory/SHA256SUMS.sig" <"$directory/SHA256SUMS" >&2 \
    || die "the bundle is not signed by anybody in $signers: do not use it, and ask who made it"
}

# verify_whole DIRECTORY: nothing is in it that has no sum.
verify_whole() {
  local directory=$1 other files
  other=$(find "$directory" ! -type f ! -type d -print -quit)
  [[ -z $other ]] || die "the archive has ${other#"$directory"/}, which is neither file nor directory: $get_again"
  files=$(find "$directory" -type f ! -path "$directory/SHA256SUMS" ! -path "$directory/SHA256SUMS.sig" | wc -l)
  [[ $files == "$(wc -l <"$directory/SHA256SUMS")" ]] || die "the archive has $files files, and sums of $(wc -l <"$directory/SHA256SUMS"): $get_again"
}

# sums_hold DIRECTORY: whether every file is what it was when the bundle was made; names those that are not.
sums_hold() {
  local directory=$1 wrong=$BASE/.wrong
  if step "reading every file of it" sums_of "$directory" "$wrong"; then
    rm -f "$wrong"
    return 0
  fi
  sed 's/^/  /' "$wrong" >&2
  return 1
}

sums_of() (
  cd "$1" && exec sha256sum --check --quiet --strict SHA256SUMS >"$2" 2>/dev/null
)

# keep_configuration FROM TO: one version goes on with the stacks' configuration of another. No bundle brings any.
keep_configuration() {
  local from=$1/program to=$2/program file
  [[ ! $from -ef $to ]] || return 0
  for file in "$from"/Pulumi.*.yaml; do
    [[ ! -e $file ]] || cp --preserve "$file" "$to/"
  done
}

set_up_programs() {
  local id=$1 release
  release=$(fact "$BASE/$id/manifest.json" kubernetes)
  ln -sf "../mirror/artifacts/kubernetes/$release/amd64/kubectl" "$BASE/$id/engine/kubectl"
  # State has the cluster's keys, encrypted.
  mkdir -p "$STATE/state"
  chmod 700 "$STATE/state"
  install --mode=644 "$BASE/$id/program/operations/bundle/profile.sh" /etc/profile.d/kubernetes-ha.sh
  install --mode=644 "$BASE/$id/program/operations/bundle/$UNIT" "/etc/systemd/system/$UNIT"
}

# start_mirror ADDRESS: waits until it answers requests.
start_mirror() {
  local address=$1 began=$SECONDS
  [[ -n $address ]] || address=$(configured_address)
  [[ -n $address ]] || address=$(hostname --all-ip-addresses | tr ' ' '\n' | grep --max-count=1 '\.' || true)
  [[ -n $address ]] || die "this host has no IPv4 address: name one with --address"
  printf 'ADDRESS=%s\n' "$address" >"$MIRROR_SETTINGS"
  systemctl daemon-reload
  systemctl enable --quiet "$UNIT"
  systemctl stop "$UNIT"
  rm -f "$READY"
  systemctl start "$UNIT"
  say "the mirror at $address"
  until [[ -e $READY ]]; do
    ((SECONDS - began < MIRROR_SECONDS)) || die "the mirror does not answer after $MIRROR_SECONDS s: journalctl -u $UNIT says why; then run the same again"
    sleep 0.5
  done
}

configured_address() {
  [[ ! -e $MIRROR_SETTINGS ]] || sed -n 's/^ADDRESS=//p' "$MIRROR_SETTINGS"
}

installed() {
  [[ -e $BASE/current/SHA256SUMS ]] || die "nothing is installed here: bundle install ARCHIVE"
  printf '%s/%s\n' "$BASE" "$(readlink "$BASE/current")"
}

verify() {
  local directory
  directory=$(installed)
  ((EUID == 0)) || die "run it as root"
  sums_hold "$directory" || die "${directory##*/} is damaged: \`bundle install\` of its archive puts it right"
  say "${directory##*/}: every file has its recorded SHA-256"
}

settings() {
  local directory address
  directory=$(installed)
  address=$(configured_address)
  printf '# Below tencentcloud-kubernetes-ha:cluster in Pulumi.<stack>.yaml:\n'
  sed "s/@ADDRESS@/$address/g" "$directory/settings.yaml"
}

main() {
  case ${1:-} in
    install) shift && install_bundle "$@" ;;
    verify) verify ;;
    settings) settings ;;
    help | -h | --help) usage ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}

main "$@" </dev/null
