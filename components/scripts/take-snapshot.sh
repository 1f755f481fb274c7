#!/usr/bin/env bash
# Takes a snapshot of etcd from the member of this host, proves that a cluster can be had from it again, and keeps it.
#
# usage:   take-snapshot.sh    what kubernetes-ha-etcd-snapshot.timer runs; by hand: systemctl start kubernetes-ha-etcd-snapshot
# inputs:  MEMBER_NAME, MEMBER_ADDRESS
#          DATA_DIR            where the member has its data
#          DIRECTORY           where snapshots are kept, see snapshot.sh
#          KEEP, KEEP_DAYS     how many are kept, and for how long
#          STORE_URL           where each goes as well; empty = nowhere. With STORE_REGION, and STORE_ROLE, which this instance has
#          RECIPIENT           file with whom those are sealed for: the host cannot open them
# effects: DIRECTORY has one more. Those beyond KEEP or older than KEEP_DAYS go, and the oldest where the disk has no room for another. METRICS says
#          how it went. One that cannot be stored is kept here all the same.
# guard:   none is kept that was not restored into a scratch directory. The newest good one stays until there is a newer one.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=snapshot.sh
source "$(dirname "${BASH_SOURCE[0]}")/snapshot.sh"

# Where Debian's prometheus-node-exporter looks.
readonly METRICS=/var/lib/prometheus/node-exporter/kubernetes-ha-etcd-snapshots.prom
readonly METADATA=http://metadata.tencentyun.com/latest/meta-data
readonly SCRATCH=$DIRECTORY/.scratch
readonly BEGAN=$EPOCHSECONDS ANSWER_SECONDS=300

FAILED=1

main() {
  local name
  trap leave EXIT
  install -d -m 0700 "$DIRECTORY"
  # What a run that was cut off has left.
  rm -rf "$SCRATCH"
  make_room
  mkdir "$SCRATCH"
  # One whose turn came while its host was off is made up for at boot, where etcd may not be there yet.
  wait_until "$ANSWER_SECONDS" "this member of etcd answers" own endpoint status
  name=etcd-$(date -u +%Y%m%dT%H%M%SZ)-$MEMBER_NAME.db
  phase "taking $name"
  own snapshot save "$SCRATCH/$name" >/dev/null
  etcdutl snapshot status "$SCRATCH/$name" -w json >"$SCRATCH/$name.status"
  (cd "$SCRATCH" && sha256sum "$name" >"$name.sha256")
  phase "restoring it into a scratch directory"
  restored "$SCRATCH/$name" "$SCRATCH/restored" || die "$name cannot be restored: it is not kept"
  rm -rf "$SCRATCH/restored"
  keep "$name"
  drop_old
  [[ -z $STORE_URL ]] || store "$name"
  FAILED=0
  phase "kept: $(cat "$DIRECTORY/$name.status")"
}

own() {
  etcdctl --dial-timeout 5s --endpoints "https://$MEMBER_ADDRESS:2379" "$@"
}

leave() {
  rm -rf "$SCRATCH"
  publish
}

# The snapshot itself goes last: with it, all of it is there, over a loss of power too.
keep() {
  chmod 0600 "$SCRATCH/$1"*
  sync "$SCRATCH/$1"*
  mv "$SCRATCH/$1.sha256" "$SCRATCH/$1.status" "$DIRECTORY"
  mv "$SCRATCH/$1" "$DIRECTORY"
  sync "$DIRECTORY"
}

# Names of all snapshots, the newest first: the time is in the name.
kept() {
  find "$DIRECTORY" -maxdepth 1 -name 'etcd-*.db' -printf '%f\n' | sort -r
}

drop() {
  phase "dropping $1"
  rm -f "$DIRECTORY/$1" "$DIRECTORY/$1.sha256" "$DIRECTORY/$1.status"
}

drop_old() {
  local name count=0
  while read -r name; do
    count=$((count + 1))
    ((count > 1)) || continue
    if ((count > KEEP)) || [[ -n $(find "$DIRECTORY/$name" -mmin "+$((KEEP_DAYS * 24 * 60))") ]]; then drop "$name"; fi
  done < <(kept)
}

# Room for a snapshot and what is restored of it, with a tenth of the disk left to the host.
make_room() {
  local oldest newest
  newest=$(kept | head -n 1)
  until has_room; do
    oldest=$(kept | tail -n 1)
    [[ -n $oldest && $oldest != "$newest" ]] || die "no room for a snapshot in $DIRECTORY: $(($(bytes_free "$DIRECTORY") >> 20)) MiB are free, the database has $(($(database_bytes) >> 20)) MiB; it takes twice that and a tenth of the disk"
    drop "$oldest"
  done
}

has_room() {
  (($(bytes_free "$DIRECTORY") - 2 * $(database_bytes) > $(bytes_total "$DIRECTORY") / 10))
}

database_bytes() {
  stat -c %s "$DATA_DIR/member/snap/db"
}

# Seals a snapshot and puts it into the object storage, with keys that the platform gives this instance for a while.
store() {
  local sealed=$SCRATCH/$1.gz.age keys
  phase "storing it at $STORE_URL"
  keys=$(curl --silent --show-error --fail --max-time 10 --noproxy '*' "$METADATA/cam/security-credentials/$STORE_ROLE") ||
    die "no keys of the role $STORE_ROLE: this instance does not have it; $1 is kept here"
  gzip -c "$DIRECTORY/$1" | age --recipients-file "$RECIPIENT" --output "$sealed"
  # On standard input: neither keys nor token are seen in the list of processes.
  curl --config - --silent --show-error --fail-with-body --retry 3 --max-time 1200 --output "$SCRATCH/answer" <<END ||
url = "$STORE_URL/${sealed##*/}"
upload-file = "$sealed"
aws-sigv4 = "aws:amz:$STORE_REGION:s3"
user = "$(key_of TmpSecretId "$keys"):$(key_of TmpSecretKey "$keys")"
header = "x-amz-security-token: $(key_of Token "$keys")"
header = "x-amz-content-sha256: $(sha256sum "$sealed" | cut -d' ' -f1)"
header = "Content-MD5: $(openssl md5 -binary "$sealed" | base64)"
END
    die "the object storage does not take $1, which is kept here: $(head -c 2000 "$SCRATCH/answer" 2>/dev/null)"
  remember snapshot-stored "$BEGAN"
}

stored() {
  local time
  time=$(recall snapshot-stored)
  echo "${time:-0}"
}

# key_of NAME JSON
key_of() {
  sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$2"
}

# For those who watch hosts.
publish() {
  local newest taken=0
  newest=$(kept | head -n 1)
  [[ -z $newest ]] || taken=$(stat -c %Y "$DIRECTORY/$newest")
  replace "$METRICS" <<END
# HELP kubernetes_ha_etcd_snapshot_failed Whether the last attempt to take a snapshot failed.
# TYPE kubernetes_ha_etcd_snapshot_failed gauge
kubernetes_ha_etcd_snapshot_failed $FAILED
# HELP kubernetes_ha_etcd_snapshot_attempt_seconds When that began, in seconds of the epoch.
# TYPE kubernetes_ha_etcd_snapshot_attempt_seconds gauge
kubernetes_ha_etcd_snapshot_attempt_seconds $BEGAN
# HELP kubernetes_ha_etcd_snapshot_newest_seconds When the newest snapshot that is kept was taken, in seconds of the epoch; 0 where there is none.
# TYPE kubernetes_ha_etcd_snapshot_newest_seconds gauge
kubernetes_ha_etcd_snapshot_newest_seconds $taken
# HELP kubernetes_ha_etcd_snapshots How many are kept.
# TYPE kubernetes_ha_etcd_snapshots gauge
kubernetes_ha_etcd_snapshots $(kept | grep -c . || true)
# HELP kubernetes_ha_etcd_snapshot_stored_seconds When the newest one was taken that is in the object storage, in seconds of the epoch; 0 where there is none.
# TYPE kubernetes_ha_etcd_snapshot_stored_seconds gauge
kubernetes_ha_etcd_snapshot_stored_seconds $(stored)
END
}

main "$@" </dev/null
