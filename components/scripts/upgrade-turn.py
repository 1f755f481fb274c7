"""Has so many workers of a pool at a time go to another release, in the order of their keys, after all masters and one canary.

usage: upgrade-turn.py wait URL CA CLIENT NODE RELEASE MOST SECONDS   until it is NODE's turn; ends with 1, and says why, when for SECONDS nothing has moved
       upgrade-turn.py failed URL CA CLIENT NODE                      tells the others that NODE, a master too, has failed: they stay as they are
       upgrade-turn.py done URL CA CLIENT NODE                        takes that back

Nobody holds a turn, so none is left behind by who dies: it follows from the Nodes alone, which is what every other one sees as well. A node has gone when its
kubelet is of RELEASE and it is Ready. $STEP_DIR/kube.py counts as part of this.
"""

import re
import sys
import time

import kube

FAILED = "kubernetes-ha/upgrade-failed"
MASTER = "node-role.kubernetes.io/control-plane"


def place(name):
    """What nodes of a pool are ordered by: their key, a number or a letter. And the pool, which is the name without it."""
    pool, _, key = name.rpartition("-")
    return pool, (len(key), key)


def ready(node):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))


def runs(node):
    """Release of a node's kubelet, as numbers."""
    return numbers(node["status"]["nodeInfo"]["kubeletVersion"])


def numbers(release):
    return [int(part) for part in re.findall(r"\d+", release)[:3]]


def annotation(node, key):
    return node["metadata"].get("annotations", {}).get(key)


def awaited(nodes, name, release, most, known):
    """
    Whom a worker waits for, and why; nothing when it is its turn.
    known: failures, by name, that were there when it began to wait. Those who had them try again by now.
    """
    wanted, (pool, key) = numbers(release), place(name)
    for node in nodes:
        other = node["metadata"]["name"]
        master = MASTER in node["metadata"].get("labels", {})
        failure = annotation(node, FAILED)
        if (master or place(other)[0] == pool) and other != name and failure is not None and known.get(other) != failure:
            raise Failure(f"{other} has failed, so this one stays as it is. See there: /var/log/kubernetes-ha")
    for node in nodes:
        if MASTER in node["metadata"].get("labels", {}) and (runs(node) < wanted or not ready(node)):
            return f"master {node['metadata']['name']} has yet to be Ready with {release}"
    before, others, gone = [], [], []
    for node in nodes:
        other = node["metadata"]["name"]
        if place(other)[0] != pool or other == name:
            continue
        if ready(node) and annotation(node, kube.DRAINED) is None and runs(node) >= wanted:
            gone.append(other)
        elif place(other)[1] < key:
            before.append(other)
        elif not ready(node) or annotation(node, kube.DRAINED) is not None:
            others.append(other)
    if not gone and before:
        return f"{before[0]} goes first, alone"
    if len(before) + len(others) >= most:
        return f"{', '.join(before + others)} have yet to be Ready with {release}; {most} of the pool may be away"
    return None


class Failure(Exception):
    """What nobody has to wait for."""


def failures(nodes):
    return {node["metadata"]["name"]: annotation(node, FAILED) for node in nodes if annotation(node, FAILED) is not None}


def wait(api, name, release, most, seconds):
    known, why, moved = None, "", time.monotonic()
    while True:
        pause = 2.0
        try:
            nodes = api.ask("/api/v1/nodes")["items"]
            # Each who waits asks for all of them.
            pause += len(nodes) / 20
            known = failures(nodes) if known is None else known
            now = awaited(nodes, name, release, most, known)
        except Failure as failure:
            return str(failure)
        except OSError as error:
            now = kube.reason(error)
        if now is None:
            return None
        if now != why:
            print(f"waiting: {now}", flush=True)
            why, moved = now, time.monotonic()
        if time.monotonic() - moved > seconds:
            return f"not its turn, and nothing has moved for {seconds:.0f} s: {why}"
        time.sleep(pause)


def main():
    what, url, ca, client, name = sys.argv[1:6]
    api = kube.Api(url, ca, client)
    if what == "wait":
        release, most, seconds = sys.argv[6:9]
        said = wait(api, name, release, int(most), float(seconds))
        sys.exit(None if said is None else f"{name}: {said}")
    value = f"{time.time():.0f}" if what == "failed" else None
    try:
        if value is not None or annotation(api.node(name), FAILED) is not None:
            api.patch_node(name, {"metadata": {"annotations": {FAILED: value}}})
    except OSError as error:
        sys.exit(f"{name}: {kube.reason(error)}")


if __name__ == "__main__":
    main()
