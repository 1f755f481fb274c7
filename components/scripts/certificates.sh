# shellcheck shell=bash
# The certificates of a host: which there are, when they end, whether they are good. Sourced by renew-certificates.sh, after lib.sh.

readonly KUBERNETES=/etc/kubernetes PKI=/etc/kubernetes/pki ETCD_CLIENTS=/etc/kubernetes/pki/etcd-clients
# Where Debian's prometheus-node-exporter looks.
readonly METRICS=/var/lib/prometheus/node-exporter/kubernetes-ha-certificates.prom

# What a duty has, below $KUBERNETES: certificates without their ending, and kubeconfigs.
certificates_of() {
  case $1 in
    etcd) printf 'pki/etcd/%s\n' server peer healthcheck-client ;;
    control-plane) printf 'pki/%s\n' apiserver apiserver-kubelet-client front-proxy-client apiserver-etcd-client ;;
    *) die "no duty $1: etcd, control-plane" ;;
  esac
}

kubeconfigs_of() {
  [[ $1 != control-plane ]] || printf '%s\n' admin.conf controller-manager.conf scheduler.conf
}

everything_of() {
  certificates_of "$1"
  kubeconfigs_of "$1"
}

# pem NAME: certificate of a file, with those that it is vouched for by.
pem() {
  case $1 in
    *.conf) embedded "$1" client-certificate-data ;;
    *) cat "$KUBERNETES/$1.crt" ;;
  esac
}

key_of() {
  case $1 in
    *.conf) embedded "$1" client-key-data ;;
    *) cat "$KUBERNETES/$1.key" ;;
  esac
}

embedded() {
  sed -n "s/^ *$2: //p" "$KUBERNETES/$1" | base64 -d
}

# with_authorities [FILE]: a kubeconfig, of standard input where no file is named, that knows the API by all authorities that are accepted.
with_authorities() {
  sed -E "s|^( *certificate-authority-data:) .*|\1 $(base64 -w0 "$PKI/ca.crt")|" "$@"
}

authority_of() {
  case $1 in
    pki/etcd/* | pki/apiserver-etcd-client) echo "$PKI/etcd/ca.crt" ;;
    pki/front-proxy-client) echo "$PKI/front-proxy-ca.crt" ;;
    *) echo "$PKI/ca.crt" ;;
  esac
}

# good NAME: it is there, valid, belongs to its key, and the authority of the day vouches for it. A power loss leaves halves of pairs.
good() {
  local certificate
  certificate=$(pem "$1" 2>/dev/null) || return 1
  [[ $(openssl x509 -noout -pubkey <<<"$certificate" 2>/dev/null) == "$(key_of "$1" 2>/dev/null | openssl pkey -pubout 2>/dev/null)" ]] || return 1
  vouched_for "$1" "$(authority_of "$1")"
}

# vouched_for NAME FILE: by one of the authorities in it.
vouched_for() {
  openssl verify -CAfile "$2" -untrusted <(pem "$1") <(pem "$1") >/dev/null 2>&1
}

# seconds_left DUTY: each of its certificates by name, and how long it has; 0 for one that is of no use.
seconds_left() {
  local name left now
  now=$(date +%s)
  while read -r name; do
    left=0
    ! good "$name" || left=$(($(ends <(pem "$name")) - now))
    echo "$name $left"
  done < <(everything_of "$1")
}

# ends FILE: when its first certificate does, in seconds of the epoch; 0 where there is none.
ends() {
  local end
  end=$(openssl x509 -noout -enddate -in "$1" 2>/dev/null) || {
    echo 0
    return
  }
  date -d "${end#*=}" +%s
}

# Every certificate of this host, authorities and the kubelet's included: its end and its path.
all_certificates() {
  local file name
  for file in "$PKI"/*.crt "$PKI"/etcd/*.crt "$ETCD_CLIENTS"/etcd/*.crt /var/lib/kubelet/pki/*-current.pem /var/lib/kubelet/pki/*.crt; do
    [[ ! -e $file ]] || echo "$(ends "$file") $file"
  done
  for name in admin controller-manager scheduler super-admin; do
    [[ ! -e $KUBERNETES/$name.conf ]] || echo "$(ends <(pem "$name.conf")) $KUBERNETES/$name.conf"
  done
}

# For those who watch hosts: the end of each certificate, told anew when there is another one.
publish() {
  if [[ -e $METRICS && -z $(find "$KUBERNETES" /var/lib/kubelet/pki -newer "$METRICS" -print -quit 2>/dev/null) ]]; then return 0; fi
  install -d -m 0755 "${METRICS%/*}"
  {
    echo "# HELP kubernetes_ha_certificate_end_seconds When a certificate ends, in seconds of the epoch."
    echo "# TYPE kubernetes_ha_certificate_end_seconds gauge"
    all_certificates | awk '{printf "kubernetes_ha_certificate_end_seconds{path=\"%s\"} %s\n", $2, $1}'
  } >"$METRICS.$$"
  chmod 0644 "$METRICS.$$"
  mv -f "$METRICS.$$" "$METRICS"
}

list() {
  local end path
  all_certificates | sort -n | while read -r end path; do
    printf '%6d days  %s  %s\n' "$(((end - $(date +%s)) / 86400))" "$(date -u -d "@$end" +%FT%RZ)" "$path"
  done
}
