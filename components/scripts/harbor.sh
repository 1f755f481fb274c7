#!/usr/bin/env bash
# Runs Harbor on this host: a static pod of Harbor's containers under a kubelet that serves nothing else, and behind it Distribution, which has the images.
#
# inputs:  RELEASE               of Harbor
#          STORAGE_RELEASE       of Distribution, which the host was prepared with; another one is a reason to run again, as another KUBERNETES_RELEASE is
#          ADDRESS, PORT         where HAProxy reaches this host
#          STORAGE_PORT          where Distribution listens, on loopback
#          CHECKS                paths that HAProxy asks for
#          DATABASE, REDIS       where those are, "host port"
#          USER_ID               of Harbor's containers
# effects: the service of Distribution, the pod, the kubelet. The first host of another release has core migrate the database.
# guard:   a release that the database's own does not go to is refused, and a database or a Redis that cannot be reached from here is told, before anything is changed.
#          The pod is made anew only when what it is, or reads, changed. Hosts do this one after another, and one that changed something ends only when HAProxy has
#          had the time to see it, so that another one serves all the while. One that does not come up stays as it is, and the others as they were.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"
# shellcheck source=kubelet-release.sh
source "$STEP_DIR/kubelet-release.sh"
# shellcheck source=registry-service.sh
source "$STEP_DIR/registry-service.sh"

readonly HARBOR=/etc/kubernetes-ha/harbor MANIFEST=/etc/kubernetes/manifests/harbor.yaml
# Core waits for its database for a minute, and may migrate it then; jobservice is started anew until core answers.
readonly REACH_SECONDS=30 HARBOR_SECONDS=420 STOP_SECONDS=120 KUBELET_SECONDS=120

main() {
  refuse_release
  phase "looking at the database and at Redis"
  reach registry.database "$DATABASE"
  reach registry.redis "$REDIS"
  keep_programs role_keys.py
  serve kubernetes-ha-registry-push "http://127.0.0.1:$STORAGE_PORT/" "$REGISTRY/push.yml" "$REGISTRY/users"
  run_service kubelet /etc/systemd/system/kubelet.service /var/lib/kubelet/config.yaml
  run_pod
  take_kubelet
  (answers_all) || die "Harbor of $ADDRESS does not come up (above): look at /var/log/pods/kube-system_harbor-*/core and journalctl -u kubelet." \
    "The other hosts are as they were; set right what has changed, and run again"
}

answers_all() {
  local check
  for check in "${CHECKS[@]}"; do
    seen "$HARBOR_SECONDS" "$check" "http://$ADDRESS:$PORT$check"
  done
}

# It migrates its database upwards only, two minor releases at most, and does not start over one that a later release has migrated.
refuse_release() {
  local runs from to
  runs=$(recall harbor-release)
  [[ -n $runs && $runs != "$RELEASE" ]] || return 0
  IFS=. read -r -a from <<<"${runs#v}"
  IFS=. read -r -a to <<<"${RELEASE#v}"
  ((to[0] == from[0])) || die "versions.harbor is $RELEASE, but this host runs $runs, of another major release"
  ((to[1] > from[1] || (to[1] == from[1] && to[2] >= from[2]))) ||
    die "versions.harbor is $RELEASE, but this host runs $runs, over a database that is migrated. Use $runs or later"
  ((to[1] <= from[1] + 2)) || die "versions.harbor is $RELEASE, but this host runs $runs: go to v${from[0]}.$((from[1] + 2)).x first"
}

# reach SETTING "HOST PORT"
reach() {
  local host port
  read -r host port <<<"$2"
  # shellcheck disable=SC2016 # for the shell within
  (wait_until "$REACH_SECONDS" "$host:$port" timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' dial "$host" "$port") ||
    die "$1: $host:$port cannot be reached from $(hostname): look whether it is there, and whether its security group and the way there let this host in"
}

# The kubelet makes another pod of another manifest. What the containers read is theirs alone, and counts as part of it.
run_pod() {
  local read wanted before
  chown -R "$USER_ID:$USER_ID" "$HARBOR"/*/
  mapfile -t read < <(find "$HARBOR" -mindepth 2 -type f | LC_ALL=C sort)
  wanted=$(awk -v hash="$(fingerprint "${read[@]}")" '
    {print}
    $1 == "metadata:" && !done {print "  annotations: {kubernetes-ha/reads: \"" hash "\"}"; done = 1}
  ' "$HARBOR/pod.yaml")
  [[ $wanted != "$(cat "$MANIFEST" 2>/dev/null)" ]] || return 0
  phase "pod"
  # From here on the database may be migrated, whether it comes up or not.
  remember harbor-release "$RELEASE"
  before=$(pgrep --oldest --exact harbor_core || true)
  install -d -m 0700 "${MANIFEST%/*}"
  replace "$MANIFEST" 0600 <<<"$wanted"
  # It goes on answering while it ends.
  [[ -z $before ]] || wait_until "$STOP_SECONDS" "the pod of before has ended" ended "$before"
}

# ended PID
ended() {
  ! kill -0 "$1" 2>&1
}

# Containers go on while it restarts.
take_kubelet() {
  kubelet_waits || return 0
  phase "kubelet: another release"
  swap_kubelet
  systemctl restart kubelet
  if ! (wait_until "$KUBELET_SECONDS" "the kubelet is healthy" healthy); then
    restore_kubelet
    systemctl restart kubelet
    die "$ADDRESS: the kubelet of versions.kubernetes does not come up; the one of before is back"
  fi
  keep_kubelet
}

healthy() {
  curl --silent --show-error --fail --max-time 2 --noproxy '*' http://127.0.0.1:10248/healthz
}

main "$@" </dev/null
