#!/usr/bin/env bash
# Gives the nodes that are there the labels and taints of their pools, as new ones give themselves when they join. From a master, as a node may
# not change its own taints.
#
# inputs:  NODE_SETTINGS  file of lines "<prefix of the nodes' names> label|taint <item>"
# effects: nodes carry them; what an earlier run gave and is not wanted any more is taken away. What others gave stays.
# guard:   with the same lines as last time nothing is asked. All masters do it, all alike.
set -euo pipefail
# shellcheck source=lib.sh
source "$STEP_DIR/lib.sh"

main() {
  local wanted had prefix nodes
  wanted=$(cat "$NODE_SETTINGS")
  had=$(recall node-settings)
  [[ $had != "$wanted" ]] || return 0
  phase "labels and taints of nodes"
  while read -r prefix; do
    # A key has no hyphen, so no pool's prefix takes in another pool's nodes.
    nodes=$(kubectl get nodes -o name | sed 's|^node/||' | grep -xE "$prefix-[0-9a-z]+") || continue
    for kind in label taint; do
      change "$kind" "$nodes" "$(items "$prefix" "$kind" <<<"$had")" "$(items "$prefix" "$kind" <<<"$wanted")"
    done
  done < <(printf '%s\n%s\n' "$wanted" "$had" | cut -d' ' -f1 | sort -u | grep .)
  remember node-settings "$wanted"
}

# items PREFIX KIND: those of a pool.
items() {
  awk -v prefix="$1" -v kind="$2" '$1 == prefix && $2 == kind {print $3}'
}

# change label|taint NODES HAD WANTED
change() {
  local item gone=() given=()
  while read -r item; do
    [[ -z $item ]] || identities <<<"$4" | grep -qxF "$(identities <<<"$item")" || gone+=("$(identities <<<"$item")-")
  done <<<"$3"
  while read -r item; do [[ -z $item ]] || given+=("$item"); done <<<"$4"
  # shellcheck disable=SC2086 # one argument a node
  if ((${#gone[@]} > 0)); then take_away kubectl "$1" nodes $2 "${gone[@]}"; fi
  # shellcheck disable=SC2086
  if ((${#given[@]} > 0)); then kubectl "$1" nodes $2 --overwrite "${given[@]}"; fi
}

# What identifies an item among a node's: a label's key, a taint's key and effect.
identities() {
  sed -E 's/=[^:]*//'
}

# That a taint is gone already, as another master has been here, is an error of kubectl's and what was wanted.
take_away() {
  local answer
  answer=$("$@" 2>&1) || ! grep -i 'error' <<<"$answer" | grep -qv 'not found' || die "$answer"
}

main "$@" </dev/null
