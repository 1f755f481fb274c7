"""Stands for etcdctl, and for the etcd of member e1, in tests of etcd.sh.

usage: etcdctl.py ROOT pid          -> as `pgrep -x etcd`: starts what the manifest says if it can be started
       etcdctl.py ROOT ARGUMENT...  -> as etcdctl
"""

import json
import os
import re
import signal
import sys
import zlib

root, *arguments = sys.argv[1:]
OWN = "https://10.0.0.1"


def world(name):
    return os.path.join(root, "world", name)


def text(path, default=""):
    try:
        with open(path, encoding="utf8") as source:
            return source.read()
    except FileNotFoundError:
        return default


def members():
    return json.loads(text(world("members")))["members"]


def save(new):
    with open(world("members"), "w", encoding="utf8") as out:
        json.dump({"members": new}, out)


def act(what):
    with open(world("acts"), "a", encoding="utf8") as out:
        out.write(what + "\n")


def own():
    return next((m for m in members() if f"{OWN}:2380" in m["peerURLs"]), None)


def pid():
    """Of the etcd that runs by the manifest; another one for another manifest. 0 = it ends at once, as the real one would."""
    manifest = text(os.path.join(root, "etc/manifests/etcd.yaml"))
    if not manifest.endswith(("existing\n", "new\n")) or "bad" in manifest:
        return 0
    wal = os.path.join(root, "data/member/wal/0-0.wal")
    if not os.path.exists(wal):
        peers = re.search(r"value: (e\d=.*)", manifest)[1].split(",")
        # Nobody to ask who else there is; or a member that the others know with data.
        if manifest.endswith("existing\n") and (len(peers) == 1 or own() is None):
            return 0
        os.makedirs(os.path.dirname(wal), exist_ok=True)
        open(wal, "w", encoding="utf8").close()
        act("started " + re.search(r"(new|existing)\n$", manifest)[1])
        save([{**m, "name": "e1", "clientURLs": [f"{OWN}:2379"]} if m == own() else m for m in members()])
    return 1000 + zlib.crc32(manifest.encode()) % 1000


def lock():
    act("turn taken")
    print("kubernetes-ha/etcd-turn/1", flush=True)
    signal.sigwait([signal.SIGTERM])
    act("turn given")


def member(what, *rest):
    if what == "list" and "json" in rest:
        print(text(world("members")))
    elif what == "list":
        for m in members():
            print(f"{m['ID']:x}, started, {m['name']}, {m['peerURLs'][0]}, -, false")
    elif what == "remove":
        if rest[0] not in [f"{m['ID']:x}" for m in members()]:
            sys.exit("Error: member not found")
        act(f"remove {rest[0]}")
        save([m for m in members() if f"{m['ID']:x}" != rest[0]])
    elif what == "add":
        if own():
            sys.exit("Error: Peer URLs already exists")
        act("add learner" if "--learner" in rest else "add voter")
        save(members() + [{"ID": 0xB1, "name": "", "peerURLs": [f"{OWN}:2380"], "clientURLs": [], "isLearner": True}])
    elif what == "promote":
        if not pid():
            sys.exit("Error: can only promote a learner member which is in sync with leader")
        act("promote")
        save([{**m, "isLearner": False} for m in members()])


if arguments == ["pid"]:
    running = pid()
    print(running or "", end="\n" if running else "")
    sys.exit(0 if running else 1)
asked = arguments[arguments.index("--endpoints") + 1]
command = arguments[arguments.index("--endpoints") + 2 :]
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
if command[0] == "lock":
    lock()
elif command[0] == "get":
    if os.path.exists(world("queue")):
        if "lets pass" not in text(world("acts")):
            act("lets pass")
        print("kubernetes-ha/etcd-turn/2")
elif command[0] == "member":
    member(*command[1:])
elif command[:2] == ["endpoint", "health"]:
    healthy = bool(pid()) if asked == f"{OWN}:2379" else not os.path.exists(world("unhealthy"))
    sys.exit(0 if healthy else f"{asked} is unhealthy")
elif command[:2] == ["endpoint", "status"]:
    if not pid():
        sys.exit("connection refused")
    header = {"cluster_id": 0xC1, "member_id": own()["ID"], "revision": int(text(world("revision")))}
    print(json.dumps([{"Status": {"header": header, "leader": own()["ID"] if os.path.exists(world("leads")) else 1}}]))
else:
    sys.exit(f"unknown: {command}")
