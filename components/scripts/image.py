"""What an image may bring that is in the way of a node: kernel settings, old CNI plugins, a resolver that only the host itself can ask."""

import fnmatch
import glob
import json
import os
import subprocess

from finding import FAILED, OK, WARNING

# Where kernel settings are loaded from at boot, and by `sysctl --system`; that reads the last one after all others.
SYSCTL_FILES = ["etc/sysctl.d/*.conf", "run/sysctl.d/*.conf", "usr/local/lib/sysctl.d/*.conf", "usr/lib/sysctl.d/*.conf", "etc/sysctl.conf"]
OWN_SYSCTLS = "etc/sysctl.d/zz-kubernetes-ha.conf"
CNI_SECONDS = 10


def settings(path):
    """Name and value of each setting in a file of sysctl.d; a name may be a pattern."""
    try:
        lines = open(path, encoding="utf-8", errors="replace").read().splitlines()
    except OSError:
        return []
    pairs = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith(("#", ";"))]
    return [(name.strip().lstrip("-").replace("/", "."), " ".join(value.split())) for name, _, value in pairs]


def live(name, root):
    """None where the kernel does not have the setting."""
    try:
        return " ".join(open(f"{root}/proc/sys/{name.replace('.', '/')}", encoding="ascii").read().split())
    except OSError:
        return None


def sysctls(root=""):
    """Whether the kernel has our settings, and who would have it otherwise."""
    own = dict(settings(f"{root}/{OWN_SYSCTLS}"))
    findings = []
    for name, wanted in own.items():
        now = live(name, root)
        if now is not None and now != wanted:
            # What is no part of the network may be the machine's, where that is shared.
            result = FAILED if name.startswith("net.") else WARNING
            findings.append((result, "kernel settings", f"{name} is {now}, must be {wanted}", f"sysctl -w {name}={wanted}, and look who sets it otherwise"))
    paths = {os.path.realpath(path) for pattern in SYSCTL_FILES for path in sorted(glob.glob(f"{root}/{pattern}"))}
    for path in sorted(paths - {os.path.realpath(f"{root}/{OWN_SYSCTLS}")}):
        for pattern, value in settings(path):
            for name in fnmatch.filter(own, pattern):
                if value != own[name]:
                    seen = f"{path[len(os.path.realpath(root or '/').rstrip('/')):]} sets {name} = {value}, ours is {own[name]} and goes last at boot; `sysctl --system` or `sysctl -p` undoes it"
                    findings.append((WARNING, "kernel settings", seen, "take the line out of the image"))
    return findings or ([(OK, "kernel settings", f"{len(own)} as wanted", "")] if own else [])


def versions(plugin, wanted):
    """Versions of CNI that a plugin says it knows."""
    run = subprocess.run(
        [plugin],
        input=json.dumps({"cniVersion": wanted}),
        env={"CNI_COMMAND": "VERSION", "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=CNI_SECONDS,
        check=False,
    )
    return json.loads(run.stdout)["supportedVersions"]


def cni_plugins(cni):
    """Whether each plugin is there and knows the version that the pod network is written in. One that does not is found by the first pod otherwise."""
    fix = "have containernetworking-plugins 1.1 or newer in packages.aptSources (Debian 12 and newer do; Ubuntu 22.04 in its updates only)"
    words = cni.split()
    failed = []
    for plugin, wanted in zip(words[::2], words[1::2]):
        try:
            known = versions(plugin, wanted)
        except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            failed.append((FAILED, "CNI plugins", f"{plugin} does not tell its versions: {error}", fix))
            continue
        if wanted not in known:
            failed.append((FAILED, "CNI plugins", f"{plugin} knows versions {', '.join(known)} of CNI, must know {wanted}", fix))
    return failed or [(OK, "CNI plugins", f"{len(words) // 2} know {', '.join(sorted(set(words[1::2])))}", "")]


def resolver(root=""):
    """Pods of a node, the cluster's DNS among them, ask whom its resolv.conf names: at a loopback address they would ask themselves."""
    # kubeadm has a kubelet take systemd-resolved's own file, where that runs.
    path = next((path for path in ("/run/systemd/resolve/resolv.conf", "/etc/resolv.conf") if os.path.exists(root + path)), "/etc/resolv.conf")
    try:
        words = [line.split() for line in open(root + path, encoding="utf-8", errors="replace")]
    except OSError as error:
        return (WARNING, "resolver", f"{path}: {error.strerror}", "pods resolve no name outside of the cluster until it names a server")
    servers = [each[1] for each in words if len(each) > 1 and each[0] == "nameserver"]
    own = [server for server in servers if server.startswith("127.") or server == "::1"]
    if own:
        return (FAILED, "resolver", f"{path} names {', '.join(own)}: in a pod that is the pod itself", "have it name the servers behind that one")
    return (OK, "resolver", f"{', '.join(servers) or 'none'}", "")
