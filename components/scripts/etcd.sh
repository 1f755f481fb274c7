#!/usr/bin/env bash
# Makes this host a member of etcd: a static pod that kubeadm writes, under a kubelet that serves nothing else, or that of a master.
#
# inputs:  DATA_DIR              where the data disk is mounted
#          MEMBER_NAME, MEMBER_ADDRESS
#          MEMBERS               all members as configured, "name=https://address:2380"
#          KUBEADM_CONFIG        kubeadm's configuration of a member that begins the cluster
#          NODE_CONFIG           kubeadm's configuration of the master that this host is as well; empty = it is none
#          API_PORT              where that one's apiserver will listen
# effects: certificates of this member, manifest, kubelet; a member that lost its data is replaced in the member list.
# guard:   whether this member begins the cluster, joins it or just goes on is decided from its own data directory and
#          from what the peers hold, never from its place in the list. Two blank members alone never begin a cluster that
#          a third one may still hold: a cluster begins only when every configured member says that it is blank.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

readonly PKI=/etc/kubernetes/pki/etcd MANIFEST=/etc/kubernetes/manifests/etcd.yaml
readonly STOP_SECONDS=60 AGREE_SECONDS=300 HEALTH_SECONDS=180 MEMBERSHIP_SECONDS=120

main() {
  mountpoint -q "$DATA_DIR" || die "the data disk is not mounted at $DATA_DIR"
  phase "certificates"
  local kind
  for kind in etcd-server etcd-peer etcd-healthcheck-client; do
    kubeadm init phase certs "$kind" --config "$KUBEADM_CONFIG" >/dev/null
  done
  if has_data; then
    phase "data is here: this member goes on"
    # It reads neither as long as the data is here. Should that be gone one day, one that is "new" finds that its peers know it, and
    # ends; one that is "existing" would take part with an empty log.
    [[ -e $MANIFEST ]] || write_manifest new "$(initial_cluster)"
  elif [[ -e $DATA_DIR/.begun ]]; then
    phase "beginning the cluster, as agreed before"
    write_manifest new "$(initial_cluster)"
  else
    decide
  fi
  run_kubelet
  phase "waiting for etcd"
  wait_until "$HEALTH_SECONDS" "etcd member $MEMBER_NAME in service" in_service
  rm -f "$DATA_DIR/.begun"
  bash "$STEP_DIR/certificate-renewal.sh" etcd
}

# What a member writes as the last thing of its first start. One that never got there, or that found its disk emptied and was refused by
# its peers, has no more than a new database.
has_data() {
  compgen -G "$DATA_DIR/member/wal/*.wal" >/dev/null
}

# One whose data is gone may still be started again and again, from a manifest of its first days. It must not meet its peers now.
stop_member() {
  [[ -e $MANIFEST ]] || return 0
  phase "stopping a member without data"
  rm -f "$MANIFEST"
  wait_until "$STOP_SECONDS" "etcd ended" ended
}

ended() {
  ! pgrep -x etcd
}

# The kubelet of a master is a node's from the start, as in `kubeadm init`: it runs static pods before there is an API to talk to. Who
# restarts it later, kubeadm included, leaves them running.
run_kubelet() {
  local config=/var/lib/kubelet/config.yaml
  if [[ -z $NODE_CONFIG ]]; then
    run_service kubelet /etc/systemd/system/kubelet.service "$config"
    return
  fi
  phase "kubelet"
  bash "$STEP_DIR/local-kubeconfigs.sh" "$NODE_CONFIG" "https://$MEMBER_ADDRESS:$API_PORT" kubelet
  systemctl --quiet enable kubelet
  if [[ -s $config ]]; then
    systemctl start kubelet
  else
    kubeadm init phase kubelet-start --config "$NODE_CONFIG" >/dev/null
  fi
}

# A blank member asks its peers. Answers: "new" (all are blank, or the peers wait for this one), "join" (they have a place
# for it), "replace ID" (they know it with data that is gone), "add" (they have never heard of it).
decide() {
  local answer
  stop_member
  phase "blank: asking the peers"
  answer=$(python3 "$STEP_DIR/etcd-agree.py" "$PKI" "$AGREE_SECONDS" "$MEMBER_NAME" "$MEMBER_ADDRESS" "${MEMBERS[@]}")
  phase "the peers say: $answer"
  rm -rf "$DATA_DIR/member"
  case $answer in
    new)
      touch "$DATA_DIR/.begun"
      write_manifest new "$(initial_cluster)"
      ;;
    join) write_manifest existing "$(known_cluster)" ;;
    add | replace*)
      # Removed first: its old data is gone, and three of four would be a higher bar than two of three.
      [[ $answer == add ]] || membership member remove "${answer#replace }"
      # As a learner, so that a member that has yet to catch up never counts for the quorum.
      membership member add "$MEMBER_NAME" --learner --peer-urls "https://$MEMBER_ADDRESS:2380"
      write_manifest existing "$(known_cluster)"
      ;;
    *) die "etcd-agree.py answered '$answer'" ;;
  esac
}

initial_cluster() {
  local IFS=,
  echo "${MEMBERS[*]}"
}

# What the running members list, this one by its configured name although it has not told them yet.
known_cluster() {
  local IFS=$'\n' members
  members=$(peers member list -w json | python3 "$STEP_DIR/etcd-members.py" initial-cluster "$MEMBER_NAME" "$MEMBER_ADDRESS")
  [[ -n $members ]] || die "etcd lists no members"
  echo "$members"
}

# write_manifest STATE CLUSTER. With data in place etcd reads neither any more.
write_manifest() {
  local config
  config=$(mktemp -p /run/kubernetes-ha kubeadm.XXXXXX)
  set_argument initial-cluster-state "$1" <"$KUBEADM_CONFIG" | set_argument initial-cluster "$2" >"$config"
  kubeadm init phase etcd local --config "$config" >/dev/null
  rm -f "$config"
}

# Replaces the value of one of kubeadm's "- name: ... / value: ..." arguments.
set_argument() {
  awk -v name="$1" -v value="$2" '
    found && $1 == "value:" {sub(/value:.*/, "value: " value); found = 0; done = 1}
    $1 == "-" && $2 == "name:" {found = ($3 == name)}
    {print}
    END {if (!done) {print "error: no argument " name > "/dev/stderr"; exit 1}}
  '
}

etcdctl_with() {
  etcdctl --cacert "$PKI/ca.crt" --cert "$PKI/healthcheck-client.crt" --key "$PKI/healthcheck-client.key" \
    --dial-timeout 2s --command-timeout 10s "$@"
}

# Asks the other members.
peers() {
  local member endpoints=()
  for member in "${MEMBERS[@]}"; do
    [[ ${member%%=*} == "$MEMBER_NAME" ]] || endpoints+=("${member#*=}")
  done
  local IFS=,
  etcdctl_with --endpoints "${endpoints[*]//:2380/:2379}" "$@"
}

# A change of the member list; it waits while another one is under way (one learner at a time) or members come back.
membership() {
  wait_until "$MEMBERSHIP_SECONDS" "etcd $*" peers "$@"
}

# A member that was added is a learner until it has caught up; as such it takes part in no vote and answers no request, the
# peers have to be asked about it.
in_service() {
  local learner
  learner=$(peers member list -w json |
    python3 "$STEP_DIR/etcd-members.py" learner "$MEMBER_NAME" "$MEMBER_ADDRESS") || return 1
  [[ -z $learner ]] || peers member promote "$learner" || return 1
  etcdctl_with --endpoints "https://$MEMBER_ADDRESS:2379" endpoint health
}

main "$@" </dev/null
