"""Prints what a host is like, as far as the checks look: arguments of its processes, who may do what with its files, the kubelet's configuration."""

import glob
import json
import os
import sys

PROGRAMS = {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd", "kubelet"}
FILES = [
    "/etc/kubernetes/*.conf",
    "/etc/kubernetes/manifests/*.yaml",
    "/etc/kubernetes/pki/**/*",
    "/etc/kubernetes/pki",
    "/etc/cni/net.d/*",
    "/etc/systemd/system/kubelet.service",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/etcd",
]


def processes():
    found = {}
    for directory in glob.glob("/proc/[0-9]*"):
        try:
            with open(f"{directory}/cmdline", "rb") as source:
                words = source.read().decode().rstrip("\0").split("\0")
        except OSError:
            continue
        name = os.path.basename(words[0])
        if name in PROGRAMS:
            found[name] = words[1:]
    return found


def files():
    found = {}
    for pattern in FILES:
        for path in glob.glob(pattern, recursive=True):
            seen = os.stat(path)
            found[path] = {"mode": seen.st_mode & 0o7777, "uid": seen.st_uid, "gid": seen.st_gid}
    return found


def kubelet():
    try:
        with open("/var/lib/kubelet/config.yaml", encoding="utf-8") as source:
            return source.read()
    except OSError:
        return ""


json.dump({"processes": processes(), "files": files(), "kubelet": kubelet()}, sys.stdout)
