"""Has the pods of this node run elsewhere, and come back. By eviction, so that PodDisruptionBudgets hold.

usage: drain.py out URL CA CLIENT NODE SECONDS   no new pods come, those that are there are evicted; ends with 3 when some are left after SECONDS
       drain.py back URL CA CLIENT NODE          new pods may come again

What stays: static pods, those of DaemonSets, and those that have ended. A node that somebody else has cordoned stays so: only what `out` has marked is taken
back, also when that run was cut off. $STEP_DIR/kube.py counts as part of this.
"""

import sys
import time
import urllib.error

import kube

PAUSE_SECONDS = 2
# The API's answer to an eviction that a budget does not allow now.
BUDGET = 429


def goes(pod):
    """Whether a pod has to leave the node."""
    meta = pod["metadata"]
    stays = "kubernetes.io/config.mirror" in meta.get("annotations", {})
    stays = stays or any(owner["kind"] == "DaemonSet" for owner in meta.get("ownerReferences", []))
    return not stays and pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")


def cordon(api, name):
    node = api.node(name)
    if not node["spec"].get("unschedulable"):
        api.patch_node(name, {"metadata": {"annotations": {kube.DRAINED: "yes"}}, "spec": {"unschedulable": True}})


def evict(api, pod):
    """Why a pod cannot go now; nothing when it goes."""
    meta = pod["metadata"]
    if "deletionTimestamp" in meta:
        return "is ending"
    name = {"name": meta["name"], "namespace": meta["namespace"]}
    path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/eviction"
    try:
        api.ask(path, "POST", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": name})
    except urllib.error.HTTPError as error:
        if error.code != 404:
            return kube.reason(error) if error.code != BUDGET else f"its budget does not allow it: {kube.reason(error)}"
    return "is ending"


def out(api, name, seconds):
    deadline = time.monotonic() + seconds
    left, cordoned = {}, False
    while True:
        try:
            if not cordoned:
                cordon(api, name)
                cordoned = True
            pods = [pod for pod in api.ask(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{name}")["items"] if goes(pod)]
            left = {f"{pod['metadata']['namespace']}/{pod['metadata']['name']}": evict(api, pod) for pod in pods}
            if not pods:
                return 0
        except OSError as error:
            left = {"the API": kube.reason(error)}
        if time.monotonic() >= deadline:
            for pod, why in left.items():
                print(f"{pod}: {why}")
            return 3
        time.sleep(PAUSE_SECONDS)


def back(api, name):
    if kube.DRAINED in api.node(name)["metadata"].get("annotations", {}):
        api.patch_node(name, {"metadata": {"annotations": {kube.DRAINED: None}}, "spec": {"unschedulable": None}})


if __name__ == "__main__":
    what, url, ca, client, node = sys.argv[1:6]
    to = kube.Api(url, ca, client)
    if what == "out":
        sys.exit(out(to, node, float(sys.argv[6])))
    try:
        back(to, node)
    except OSError as error:
        sys.exit(f"{node}: {kube.reason(error)}")
