#!/usr/bin/env bash
# Makes a plain Debian host ready for its role: machine id, swap, kernel, packages, binaries, time, names, data disk, runtime, images. Then looks
# whether it is fit for it, before anything of Kubernetes is on it.
#
# inputs:  NODE_NAME      what this host must be called
#          HOSTS_BLOCK    our part of /etc/hosts, marked by its first and last line
#          API_URL        the API by its one name; empty for a host that does not ask it
#          PROXY          environment of what downloads, "name=value"; empty = no proxy. containerd has it in its unit
#          PACKAGES       Debian packages
#          ARTIFACTS      programs, as fetch-artifacts.sh takes them
#          APT_SOURCES    file with our sources; empty = those of the image
#          CA_FILES       where the certificate of the cluster's CA is wanted; it is ca.crt in the archive
#          CA_GENERATIONS which are in it; absent = the first. For whoever reviews a plan, and for the step to run again
#          SERVICES       units to run, "unit file... [-- file...]": restarted when one of the first files changes, reloaded for the others
#          LATER_SERVICES units that a later step runs here, which then takes this host to another way to the API; empty = this step does
#          REGISTRIES     registries that containerd is told something of
#          IMAGES         images to have before they are needed
#          CNI_PLUGINS    plugins of the pod network, each followed by the version of CNI it has to know
#          PEERS          who it talks to, "name address [port...]"
#          PACKET_QUEUES  queues of the kernel that programs of this host decide on, once it is prepared
#          DIRECT_ROUTING what LVS by direct routing must reach from here, "vip real-server..."
#          SKEW_MS, FDATASYNC_MS  limits
#          DISK_ID, DISK_DIR, DISK_GIB  the data disk, where its unit mounts it, and its size; an empty id = there is none
#          LOGIN_USER     who steps log in as
#          OPERATOR_KEYS  public keys that open it; none = those that it was born with
#          FORMER_OPERATOR_KEYS   those that open nobody any more
#          DATA_DIR               where etcd's data is, which is measured; empty = nowhere
# effects: only what differs is touched; a service restarts only when its own files changed. A file system on a blank data disk, its mount, and its growth to the size of the disk.
# guard:   a script of the pool's own that failed at the first boot is refused; releases that what runs here is not taken to are refused before anything is changed. Every phase looks first. A disk that holds etcd's data is not measured; a peer that is down is told and waited for no longer than a minute.
#
# $STEP_DIR/preflight.py imports $STEP_DIR/icmp.py, $STEP_DIR/direct_routing.py, $STEP_DIR/image.py, $STEP_DIR/packet_queue.py and $STEP_DIR/finding.py,
# which count as part of this step then
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"

# Ten hosts take 2.5 GB of programs and 3 GB of images in all: over one way out of 100 Mbit/s 200 s and 250 s.
readonly FIRST_BOOT_SECONDS=300 PACKAGES_SECONDS=600 ARTIFACTS_SECONDS=600 IMAGES_SECONDS=600
# The script has 600 s from when it begins, which cloud-init has it do last.
readonly OWN_SCRIPT=/var/lib/kubernetes-ha/first-boot OWN_SCRIPT_SECONDS=700
# Until another way to the API answers: that may take all masters, one after another.
readonly WAY_SECONDS=900

main() {
  trap leave EXIT
  phase "releases"
  bash "$STEP_DIR/refuse-versions.sh" "${ARTIFACTS[@]}"
  # At once: a containerd that runs may have been told of it with this step's files.
  local file
  for file in "${CA_FILES[@]}"; do
    cmp --silent "$STEP_DIR/ca.crt" "$file" || replace "$file" <"$STEP_DIR/ca.crt"
  done
  first_boot_over
  own_script_done
  own_machine_id
  operator_keys
  # What is done again at every boot.
  keep_programs boot.sh data-disk.sh
  phase "swap"
  bash "$STEP_DIR/boot.sh" swap
  phase "kernel"
  # Its name before it had to be the last one.
  rm -f /etc/sysctl.d/90-kubernetes-ha.conf
  bash "$STEP_DIR/boot.sh" kernel
  phase "packages and binaries"
  local packages artifacts
  timeout "$PACKAGES_SECONDS" env "${PROXY[@]}" bash "$STEP_DIR/install-packages.sh" "$APT_SOURCES" "${PACKAGES[@]}" &
  packages=$!
  timeout "$ARTIFACTS_SECONDS" env "${PROXY[@]}" bash "$STEP_DIR/fetch-artifacts.sh" "${ARTIFACTS[@]}" &
  artifacts=$!
  wait "$packages" || die "packages: not installed (${PACKAGES[*]})"
  wait "$artifacts" || die "artifacts: not all of them were fetched (above)"
  local service
  forget_registries
  # Before containerd, whose directory it may hold.
  mount_data_disk
  remember wanted-services "$(printf '%s\n' "${SERVICES[@]%% *}" "${LATER_SERVICES[@]}")"
  # Where the way stays what it is, another service is to answer at the same address.
  if mapped "$HOSTS_BLOCK"; then stop_unwanted; fi
  for service in "${SERVICES[@]}"; do
    # shellcheck disable=SC2086 # a unit and its files, none of which holds a blank
    run_service $service
  done
  # Once what a name stands for is there: the way to the API may have become one that this host has itself.
  phase "names"
  if ((${#LATER_SERVICES[@]} > 0)); then
    bash "$STEP_DIR/names.sh" "$HOSTS_BLOCK" "$API_URL" 0
  else
    bash "$STEP_DIR/names.sh" "$HOSTS_BLOCK" "$API_URL" "$WAY_SECONDS"
  fi
  if mapped "$HOSTS_BLOCK"; then stop_unwanted; fi
  # For the next boot: all it does has just been done.
  systemctl --quiet --no-reload enable kubernetes-ha-boot.service
  pull_images
  # From here on there may be rules that hand packets to them (forget-network-policies.sh).
  if ((${#PACKET_QUEUES[@]} > 0)); then remember packet-queues "${PACKET_QUEUES[*]}"; fi
  phase "looking"
  # -B: what root would compile here the login user could not remove with the rest.
  python3 -B "$STEP_DIR/preflight.py" "$NODE_NAME" "$SKEW_MS" "$DATA_DIR" "$FDATASYNC_MS" "${DIRECT_ROUTING[*]}" "${CNI_PLUGINS[*]}" \
    "${PACKET_QUEUES[*]}" "${PEERS[@]}" ||
    die "$NODE_NAME is not fit for its role: see the lines with FAILED"
  [[ -z $API_URL ]] || tell "done" "$API_URL" || true
}

# A node that waits for this one to go to another release need not wait until its time is over.
leave() {
  local status=$?
  ((status == 0)) || [[ -z $API_URL ]] || tell failed "$API_URL" 2>&1 || true
}

# cloud-init and what the image does at its first boot run packages and write files of their own: what they make comes first. One that hangs is not
# waited for; whether the host is fit is looked at in the end.
first_boot_over() {
  [[ -e /run/cloud-init/enabled && ! -e /run/cloud-init/result.json ]] || return 0
  phase "waiting for cloud-init"
  (wait_until "$FIRST_BOOT_SECONDS" "cloud-init has ended" test -e /run/cloud-init/result.json) || true
}

# What user data has left here and run for the pool (firstBootScript). A host whose script has failed is not what its pool is to be.
own_script_done() {
  local ended
  [[ -e $OWN_SCRIPT/script ]] || return 0
  wait_until "$OWN_SCRIPT_SECONDS" "the pool's firstBootScript has ended" test -e "$OWN_SCRIPT/status"
  ended=$(<"$OWN_SCRIPT/status")
  [[ $ended != 0 ]] || return 0
  tail -n 20 "$OWN_SCRIPT/log" >&2 || true
  die "$NODE_NAME: its pool's firstBootScript has ended with $ended (124: it took too long); what it said is above, and in $OWN_SCRIPT/log. Set it right and have" \
    "this worker made anew (generations); or mend what it was to do, then: echo 0 >$OWN_SCRIPT/status"
}

# An image may carry a machine id, which all its hosts would have then; systemd makes one from what the platform knows of this machine. Once, before
# anything goes by it.
own_machine_id() {
  local old new logs
  [[ -z $(recall machine-id)$(recall services) ]] || return 0
  phase "machine id"
  old=$(cat /etc/machine-id 2>/dev/null || true)
  # systemd would take over D-Bus's, where that is a file of its own.
  if [[ -e /var/lib/dbus/machine-id ]]; then ln -sfn /etc/machine-id /var/lib/dbus/machine-id; fi
  rm -f /etc/machine-id
  systemd-machine-id-setup
  new=$(cat /etc/machine-id)
  if [[ $new != "$old" ]]; then
    for logs in /run/log/journal /var/log/journal; do
      [[ -z $old || ! -d $logs/$old || -e $logs/$new ]] || mv "$logs/$old" "$logs/$new"
    done
    systemctl restart systemd-journald
  fi
  remember machine-id "$new"
}

# Every key of the operator's that is accepted opens the login user, and none that was opens anybody: the platform and the image may have given one to root
# as well. Keys of others stay. Whoever runs this has come in by one that is accepted.
operator_keys() {
  ((${#OPERATOR_KEYS[@]} > 0)) || return 0
  phase "operator's keys"
  local user home file key former missing=()
  if ((${#FORMER_OPERATOR_KEYS[@]} > 0)); then
    former=$(printf '%s\n' "${FORMER_OPERATOR_KEYS[@]}")
    while IFS=: read -r user _ _ _ _ home _; do
      file=$home/.ssh/authorized_keys
      if [[ ! -f $file ]] || ! grep -qF "$former" "$file"; then continue; fi
      authorize "$user" "$file" < <(grep -vF "$former" "$file")
    done < <(getent passwd)
  fi
  home=$(getent passwd "$LOGIN_USER" | cut -d : -f 6)
  file=$home/.ssh/authorized_keys
  for key in "${OPERATOR_KEYS[@]}"; do
    grep -qsF "$key" "$file" || missing+=("$key")
  done
  ((${#missing[@]} > 0)) || return 0
  # The last line of a file that people have written may have no end.
  authorize "$LOGIN_USER" "$file" < <([[ ! -f $file ]] || sed "\$a\\" "$file"; printf '%s\n' "${missing[@]}")
}

# authorize USER FILE: has standard input as the keys that open a user, whole or not at all.
authorize() {
  install -d -m 0700 -o "$1" -g "$(id -g "$1")" "${2%/*}"
  local temporary=${2%/*}/.${2##*/}.new
  install -m 0600 -o "$1" -g "$(id -g "$1")" /dev/null "$temporary"
  cat >"$temporary"
  sync "$temporary"
  mv -f "$temporary" "$2"
  sync "${2%/*}"
}

mount_data_disk() {
  [[ -n $DISK_ID ]] || return 0
  phase "data disk"
  bash "$STEP_DIR/data-disk.sh" format "$DISK_ID"
  run_service kubernetes-ha-data-disk.service /etc/systemd/system/kubernetes-ha-data-disk.service
  bash "$STEP_DIR/data-disk.sh" grow "$DISK_ID" "$DISK_DIR" "$DISK_GIB"
  # Whoever has the directory complains about what he does not know; fsck makes a new one when it needs it.
  rmdir "$DISK_DIR/lost+found" 2>/dev/null || true
  [[ -z $DATA_DIR ]] || chmod 0700 "$DATA_DIR"
}

# Takes back what containerd was told of registries that are named no more: it would go on asking their mirrors.
forget_registries() {
  local registry now
  now=$(printf '%s\n' "${REGISTRIES[@]}")
  while read -r registry; do
    if [[ -z $registry ]] || grep -qxF "$registry" <<<"$now"; then continue; fi
    rm -rf /etc/containerd/certs.d/"$registry"
  done < <(recall registries)
  remember registries "$now"
}

# Images come early and side by side, while other hosts are still being prepared: a pull never stands between two phases later on.
pull_images() {
  ((${#IMAGES[@]} > 0)) || return 0
  phase "images"
  local image missing=() present
  present=$(ctr --namespace k8s.io images list --quiet)
  for image in "${IMAGES[@]}"; do
    grep -qxF "$image" <<<"$present" || missing+=("$image")
  done
  ((${#missing[@]} > 0)) || return 0
  printf '%s\n' "${missing[@]}" |
    timeout "$IMAGES_SECONDS" xargs -n 1 -P 3 ctr --namespace k8s.io images pull --hosts-dir /etc/containerd/certs.d >/dev/null ||
    die "images: not all of them could be pulled: ${missing[*]}"
}

main "$@" </dev/null
