#!/usr/bin/env bash
# Looks whether this host is fit for its role, before anything of Kubernetes is on it. On an etcd host it mounts the data disk first.
#
# inputs:  NODE_NAME              what this host must be called
#          PEERS                  who it talks to, "name address [port...]"
#          SKEW_MS, FDATASYNC_MS  limits
#          DISK_ID, DATA_DIR      etcd's data disk and where its unit mounts it; empty = none
# effects: file system on a blank data disk, and its mount. Everything else only looks.
# guard:   a disk that holds etcd's data is not measured; a peer that is down is told and waited for no longer than a minute.
#
# $STEP_DIR/preflight.py imports $STEP_DIR/icmp.py, which counts as part of this step then
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

main() {
  if [[ -n $DISK_ID ]]; then
    phase "data disk"
    bash "$STEP_DIR/format-data-disk.sh" "$DISK_ID"
    run_service kubernetes-ha-data-disk.service /etc/systemd/system/kubernetes-ha-data-disk.service
    mountpoint -q "$DATA_DIR" || die "data disk $DISK_ID is not mounted at $DATA_DIR"
    chmod 0700 "$DATA_DIR"
    # etcd complains about what it does not know; fsck makes a new one when it needs it.
    rmdir "$DATA_DIR/lost+found" 2>/dev/null || true
  fi
  phase "looking"
  # -B: what root would compile here the login user could not remove with the rest.
  python3 -B "$STEP_DIR/preflight.py" "$NODE_NAME" "$SKEW_MS" "$DATA_DIR" "$FDATASYNC_MS" "${PEERS[@]}" ||
    die "$NODE_NAME is not fit for its role: see the lines with FAILED"
}

main "$@" </dev/null
