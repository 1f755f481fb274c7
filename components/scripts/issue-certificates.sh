# shellcheck shell=bash
# Issues certificates by kubeadm beside those that are in use, then puts them in their place. Sourced by renew-certificates.sh, after certificates.sh.

readonly ETCD_CLIENT_CONFIG=$KUBERNETES/etcd-client.yaml
# Of the same file system as what they are for, so that each file is put in place whole or not at all.
readonly STAGING=$KUBERNETES/.renewal

# stage CONFIG NAME AUTHORITY...: a directory for kubeadm to issue into, with these authorities and its configuration.
stage() {
  local directory=$STAGING/$2 authority
  for authority in "${@:3}"; do
    install -D -m 0600 "$authority.crt" "$directory/${authority#"$PKI/"}.crt"
    install -D -m 0600 "$authority.key" "$directory/${authority#"$PKI/"}.key"
  done
  sed "s|^certificatesDir: .*|certificatesDir: $directory|" "$1" >"$directory.yaml"
}

# into_new FROM TO: one that was issued, as what will be at TO below $KUBERNETES.
into_new() {
  install -D -m 0644 "$STAGING/$1.crt" "$STAGING/new/$2.crt"
  install -D -m 0600 "$STAGING/$1.key" "$STAGING/new/$2.key"
}

issue_etcd() {
  local kind
  stage "$KUBEADM_CONFIG" issued "$PKI/etcd/ca"
  for kind in server peer healthcheck-client; do
    kubeadm init phase certs "etcd-$kind" --config "$STAGING/issued.yaml" >/dev/null
    into_new "issued/etcd/$kind" "pki/etcd/$kind"
  done
}

issue_control_plane() {
  stage_kubernetes
  stage_front_proxy_client
  stage_etcd_client
}

# kubeadm writes the first authority alone into a kubeconfig.
stage_kubernetes() {
  local kind file
  stage "$KUBEADM_CONFIG" issued "$PKI/ca"
  for kind in apiserver apiserver-kubelet-client; do
    kubeadm init phase certs "$kind" --config "$STAGING/issued.yaml" >/dev/null
    into_new "issued/$kind" "pki/$kind"
  done
  while read -r file; do
    kubeadm init phase kubeconfig "${file%.conf}" --config "$STAGING/issued.yaml" --kubeconfig-dir "$STAGING/issued" >/dev/null
    # Where the former one leads.
    sed -E "s|^( *server:) .*|\1 $(sed -n 's/^ *server: //p' "$KUBERNETES/$file")|" "$STAGING/issued/$file" |
      with_authorities | install -D -m 0600 /dev/stdin "$STAGING/new/$file"
  done < <(kubeconfigs_of control-plane)
}

# Whoever runs takes up certificates by itself; who reads a kubeconfig once is started anew by restart_readers.
issue_kubernetes() {
  local name others=""
  while read -r name; do
    [[ $(authority_of "$name") == "$PKI/ca.crt" && -n $(pem "$name" 2>/dev/null) ]] || continue
    by_who_issues "$name" || others=yes
  done < <(everything_of control-plane)
  [[ -n $others ]] || return 0
  at_once "certificates and kubeconfigs: by another authority" stage_kubernetes
}

# By an authority of etcd's that vouches for clients alone, so no master holds the key of etcd's own: etcd is shown both certificates.
stage_etcd_client() {
  local directory=$STAGING/etcd-clients
  install -D -m 0600 "$ETCD_CLIENTS/etcd/ca.crt" "$directory/etcd/ca.crt"
  install -D -m 0600 "$ETCD_CLIENTS/etcd/ca.key" "$directory/etcd/ca.key"
  sed "s|^certificatesDir: .*|certificatesDir: $directory|" "$ETCD_CLIENT_CONFIG" >"$directory.yaml"
  kubeadm init phase certs apiserver-etcd-client --config "$directory.yaml" >/dev/null
  cat "$directory/etcd/ca.crt" >>"$directory/apiserver-etcd-client.crt"
  into_new etcd-clients/apiserver-etcd-client pki/apiserver-etcd-client
}

issue_etcd_client() {
  ! good pki/apiserver-etcd-client || ! by_who_issues pki/apiserver-etcd-client || return 0
  at_once "apiserver's client certificate for etcd" stage_etcd_client
}

# by_who_issues NAME: kubeadm issues by the first authority of a file, keeps what is there, and ends where that one has not issued it.
by_who_issues() {
  vouched_for "$1" <(openssl x509 -in "$(authority_of "$1")")
}

# Who serves with it reads it at every handshake.
issue_etcd_member() {
  local name others=""
  while read -r name; do
    [[ ! -e $KUBERNETES/$name.crt ]] || by_who_issues "$name" || others=yes
  done < <(certificates_of etcd)
  [[ -n $others ]] || return 0
  at_once "certificates: by another authority" issue_etcd
}

# The apiserver that runs takes up the new one by itself.
issue_front_proxy_client() {
  [[ -e $PKI/front-proxy-client.crt ]] && ! by_who_issues pki/front-proxy-client || return 0
  at_once "front-proxy-client: by another authority" stage_front_proxy_client
}

stage_front_proxy_client() {
  stage "$KUBEADM_CONFIG" issued "$PKI/front-proxy-ca"
  kubeadm init phase certs front-proxy-client --config "$STAGING/issued.yaml" >/dev/null
  into_new issued/front-proxy-client pki/front-proxy-client
}

# at_once WHAT COMMAND: puts what it issues in place, whatever is healthy.
at_once() {
  phase "$1"
  rm -rf "$STAGING"
  "$2"
  put_in_place new
  rm -rf "$STAGING"
}

# put_in_place new|former: of those of `new`, the ones before them are kept as `former`.
put_in_place() {
  local file
  while read -r file; do
    if [[ $1 == new && -e $KUBERNETES/$file ]]; then
      install -D -m 0600 "$KUBERNETES/$file" "$STAGING/former/$file"
      chmod --reference "$KUBERNETES/$file" "$STAGING/former/$file"
    fi
    sync "$STAGING/$1/$file"
    mv -f "$STAGING/$1/$file" "$KUBERNETES/$file"
    # Whoever has begun before this has read the one before.
    touch "$KUBERNETES/$file"
  done < <(cd "$STAGING/$1" && find . -type f -printf '%P\n')
  sync "$PKI" "$KUBERNETES"
}
