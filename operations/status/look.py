"""Prints what a host of the cluster says of itself, as JSON: see facts.ts. It only looks, and gives up on what does not answer.

usage: look.py ADDRESS ENTRY [etcd=PORT] [master=PORT]

  ADDRESS        of this host
  ENTRY          name:port of the API, or - where the host has no way to it
  etcd, master   what it is, and where that is served
"""

import concurrent.futures
import glob
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import time
from datetime import datetime

address, entry, *duties = sys.argv[1:]
ports = {name: int(port) for name, port in (duty.split("=") for duty in duties)}
PKI = "/etc/kubernetes/pki"
# Of what is asked, which then says why it has no answer; the second is for a program that does not keep to it.
PATIENCE, LIMIT = 5, 8


def said(*command, data=None):
    """What a command printed, and why it failed, in a line; empty when it did not."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, input=data, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "", f"{command[0]}: no answer in {LIMIT} s"
    except OSError as error:
        return "", f"{command[0]}: {error.strerror}"
    return run.stdout, "" if run.returncode == 0 else reason(run.stderr) or f"ended with {run.returncode}"


def reason(text):
    """The end of what a program complained of. etcdctl logs in JSON."""
    line = (text.strip().splitlines() or [""])[-1]
    try:
        line = json.loads(line).get("error", line)
    except ValueError:
        pass
    return line[-300:]


def asked(*command):
    """JSON that a command printed, and why there is none."""
    text, error = said(*command)
    try:
        return (json.loads(text) if text.strip() else None), error
    except ValueError:
        return None, error or f"{command[0]} printed no JSON"


def etcd():
    ask = ["etcdctl", f"--cacert={PKI}/etcd/ca.crt", f"--cert={PKI}/etcd/healthcheck-client.crt"]
    ask += [f"--key={PKI}/etcd/healthcheck-client.key", "--dial-timeout=2s", f"--command-timeout={PATIENCE}s"]
    ask += [f"--endpoints=https://{address}:{ports['etcd']}", "--write-out=json"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        status, members, alarms, health = pool.map(
            lambda words: asked(*ask, *words), [("endpoint", "status"), ("member", "list"), ("alarm", "list"), ("endpoint", "health")]
        )
    told = status[0][0]["Status"] if status[0] else None
    return {
        "status": told
        and {
            "id": f"{told['header']['member_id']:x}",
            # 0: it knows none.
            "leader": f"{told.get('leader', 0):x}",
            "learner": told.get("isLearner", False),
            "version": told["version"],
            "sizeBytes": told["dbSize"],
            "usedBytes": told.get("dbSizeInUse", told["dbSize"]),
            "quotaBytes": told.get("dbSizeQuota"),
            "errors": told.get("errors") or [],
        },
        # Takes a quorum.
        "health": health[1],
        "error": status[1],
        "members": members[0]
        and [
            {"id": f"{each['ID']:x}", "name": each.get("name", ""), "learner": each.get("isLearner", False)}
            for each in members[0]["members"]
        ],
        "alarms": [
            {"member": f"{each['memberID']:x}", "alarm": {1: "NOSPACE", 2: "CORRUPT"}.get(each["alarm"], str(each["alarm"]))}
            for each in (alarms[0] or {}).get("alarms") or []
        ],
    }


def kubectl(path):
    return said("kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", f"--request-timeout={PATIENCE}s", "get", "--raw", path)


def master():
    # The apiserver's own memory, which it has without etcd too.
    memory = "?resourceVersion=0"
    paths = {
        "version": "/version",
        "leases": f"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases{memory}",
        "nodes": f"/api/v1/nodes{memory}",
        **{f"pods of {namespace}": f"/api/v1/namespaces/{namespace}/pods{memory}" for namespace in NAMESPACES},
    }
    with concurrent.futures.ThreadPoolExecutor() as pool:
        ready = pool.submit(readiness)
        answers = dict(zip(paths, pool.map(kubectl, paths.values())))
    lists = {name: json.loads(text) for name, (text, error) in answers.items() if not error}
    items = {name: found.get("items", []) for name, found in lists.items()}
    return {
        "readyz": ready.result(),
        "error": next((error for _, error in answers.values() if error), ""),
        "version": lists.get("version", {}).get("gitVersion"),
        "leases": [lease(each) for each in items.get("leases", []) if each["metadata"]["name"] in LEASES],
        "nodes": [node(each) for each in items["nodes"]] if "nodes" in items else None,
        "pods": [pod(each) for namespace in NAMESPACES for each in items.get(f"pods of {namespace}", []) if waits(each)],
    }


LEASES = ("kube-scheduler", "kube-controller-manager")
# Of Kubernetes itself and its pod network: what runs in others is their owners' matter.
NAMESPACES = ("kube-system", "kube-flannel")


def readiness():
    """Why the apiserver is not ready; empty when it is."""
    try:
        status, body = get(address, ports["master"], "/readyz?verbose")
    except OSError as error:
        return str(error) or type(error).__name__
    failed = re.findall(r"^\[-\](\S+)", body, re.MULTILINE)
    return "" if status == 200 else f"{status}: {', '.join(failed) or body[:200]}"


def get(host, port, path, authority=f"{PKI}/ca.crt"):
    context = ssl.create_default_context(cafile=authority) if os.path.exists(authority) else ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def lease(each):
    spec = each["spec"]
    renewed = datetime.fromisoformat(spec["renewTime"].replace("Z", "+00:00")).timestamp() if spec.get("renewTime") else None
    return {
        "name": each["metadata"]["name"],
        "holder": (spec.get("holderIdentity") or "").split("_")[0],
        "renewedAgo": None if renewed is None else round(time.time() - renewed, 1),
        "seconds": spec.get("leaseDurationSeconds"),
    }


def node(each):
    """Of a node that which tells whether it takes pods, and what it runs."""
    info = each["status"].get("nodeInfo", {})
    return {
        "metadata": {"name": each["metadata"]["name"]},
        "spec": {key: each["spec"][key] for key in ("taints", "unschedulable") if key in each["spec"]},
        "status": {
            "conditions": each["status"].get("conditions", []),
            "nodeInfo": {key: info.get(key, "") for key in ("kubeletVersion", "containerRuntimeVersion", "kernelVersion", "osImage")},
        },
    }


def waits(each):
    """Whether a pod is not ready, and is to be."""
    status = each["status"]
    ready = any(of["type"] == "Ready" and of["status"] == "True" for of in status.get("conditions", []))
    return not ready and status.get("phase") != "Succeeded"


def pod(each):
    kept = {key: each["metadata"][key] for key in ("name", "namespace", "deletionTimestamp", "ownerReferences") if key in each["metadata"]}
    return {"metadata": kept, "status": each["status"]}


# As those before the masters ask: what all masters share, etcd, is no fault of the way.
READINESS = "/readyz?exclude=etcd&exclude=etcd-readiness"


def way():
    """Whether the API answers by its one name, as a client here is served."""
    if entry == "-":
        return None
    name, port = entry.rsplit(":", 1)
    start = time.monotonic()
    try:
        status, _ = get(name, int(port), READINESS)
        error = "" if status == 200 else f"answered {status}"
    except OSError as failure:
        error = str(failure) or type(failure).__name__
    return {"error": error, "milliseconds": round((time.monotonic() - start) * 1000)}


def addresses():
    text, _ = said("ip", "-json", "-4", "address", "show")
    return [each["local"] for link in json.loads(text or "[]") if link["ifname"] != "lo" for each in link["addr_info"]]


def services():
    """Services that are to run here, by what systemd says of each."""
    try:
        with open("/var/lib/kubernetes-ha/applied/services", encoding="utf-8") as file:
            wanted = file.read().split()
    except OSError:
        wanted = []
    known = [name for name in ("containerd", "kubelet") if said("systemctl", "is-enabled", "--quiet", name)[1] == ""]
    failed, _ = said("systemctl", "list-units", "--failed", "--plain", "--no-legend", "--full", "kubernetes-ha-*")
    names = [*wanted, *known]
    found = {name: state for name, state in zip(names, map(state_of, names)) if state}
    return {**found, **{line.split()[0]: "failed" for line in failed.splitlines() if line.strip()}}


def state_of(name):
    """What systemd says of a unit; empty where it is not to run here, by a condition of its own (chrony sets no clock in a container)."""
    text, _ = said("systemctl", "show", name, "--property=ActiveState,ConditionResult,ConditionTimestampMonotonic")
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    kept_out = told.get("ConditionResult") == "no" and told.get("ConditionTimestampMonotonic") != "0"
    return "" if kept_out else told.get("ActiveState", "unknown")


def certificates():
    """When what this host has issued, or had issued, begins and ends. Authorities have an output of the stack."""
    files = glob.glob(f"{PKI}/*.crt") + glob.glob(f"{PKI}/etcd/*.crt") + glob.glob("/var/lib/kubelet/pki/*-current.pem")
    configurations = [f"/etc/kubernetes/{name}.conf" for name in ("admin", "controller-manager", "scheduler")]
    return [found for path in [*files, *configurations] for found in certificate(path)]


def certificate(path):
    if os.path.basename(path) in ("ca.crt", "front-proxy-ca.crt"):
        return
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return
    if path.endswith(".conf"):
        embedded = re.search(r"client-certificate-data: (\S+)", text)
        text = said("base64", "-d", data=embedded.group(1))[0] if embedded else ""
    dates, _ = said("openssl", "x509", "-noout", "-dates", data=text)
    moments = [ssl.cert_time_to_seconds(line.split("=", 1)[1]) for line in dates.splitlines()]
    if len(moments) == 2:
        yield {"path": path, "from": moments[0], "to": moments[1]}


def metrics():
    """Values without labels that jobs of this host leave for whoever watches it, where Prometheus' node exporter looks."""
    found = {}
    for path in glob.glob("/var/lib/prometheus/node-exporter/kubernetes-ha-*.prom"):
        with open(path, encoding="utf-8") as file:
            for line in file:
                match = re.match(r"(\w+) (\S+)", line)
                if match:
                    found[match.group(1)] = float(match.group(2))
    return found


LOOKS = {
    "addresses": addresses,
    "services": services,
    "certificates": certificates,
    "metrics": metrics,
    "way": way,
    **({"etcd": etcd} if "etcd" in ports else {}),
    **({"master": master} if "master" in ports else {}),
}
with concurrent.futures.ThreadPoolExecutor() as pool:
    looks = {name: pool.submit(look) for name, look in LOOKS.items()}
    json.dump({name: look.result() for name, look in looks.items()}, sys.stdout)
