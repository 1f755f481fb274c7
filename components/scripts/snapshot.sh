# shellcheck shell=bash
# What a snapshot of etcd is, and whether it is good. Sourced by who takes and who restores one, after lib.sh.
#
# A snapshot is NAME.db; beside it are NAME.db.sha256, as sha256sum writes it, and NAME.db.status, what `etcdutl snapshot status` says of it.

# unchanged FILE: it is, byte for byte, what was kept under its checksum.
unchanged() {
  (cd "${1%/*}" && sha256sum --check --status --strict "${1##*/}.sha256")
}

# restored FILE DIRECTORY [ARGUMENT...]: makes a member's data of it there. etcd's own hash over it is compared; what else is wrong shows in what is made.
restored() {
  local file=$1 directory=$2
  shift 2
  etcdutl snapshot restore "$file" --data-dir "$directory" "$@" >/dev/null && [[ -s $directory/member/snap/db ]]
}

# bytes_free DIRECTORY / bytes_total DIRECTORY: of the disk that it is on.
bytes_free() {
  df --block-size=1 --output=avail "$1" | tail -n 1
}

bytes_total() {
  df --block-size=1 --output=size "$1" | tail -n 1
}
