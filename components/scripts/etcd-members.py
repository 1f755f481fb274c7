"""Reads what etcdctl says in JSON from standard input.

usage: etcd-members.py initial-cluster NAME ADDRESS   (member list)      name=url,... of all members, for --initial-cluster
       etcd-members.py learner NAME ADDRESS           (member list)      id (hexadecimal) of that member if it is a learner, else nothing
       etcd-members.py id NAME ADDRESS                (member list)      id (hexadecimal) of that member, else nothing
       etcd-members.py other-voters NAME ADDRESS      (member list)      where clients reach the other members that vote, one a line
       etcd-members.py revision NAME ADDRESS          (endpoint status)  revision of the store; 1 = nobody has written yet
       etcd-members.py leads NAME ADDRESS             (endpoint status)  yes or no
       etcd-members.py identity NAME ADDRESS          (endpoint status)  "member ID of cluster ID", hexadecimal
       etcd-members.py leader NAME ADDRESS            (endpoint status)  id (hexadecimal) of who leads
       etcd-members.py own NAME ADDRESS               (endpoint status)  id (hexadecimal) of who was asked
"""

import json
import sys

question, name, address = sys.argv[1:]
own_url = f"https://{address}:2380"
said = json.load(sys.stdin)


def initial_cluster():
    for member in said["members"]:
        for url in member["peerURLs"]:
            # A member that was added and has not started yet has no name.
            known = name if url == own_url else member.get("name", "")
            if known:
                yield f"{known}={url}"


def learner():
    return next((f"{m['ID']:x}" for m in said["members"] if own_url in m["peerURLs"] and m.get("isLearner")), None)


def member_id():
    return next((f"{m['ID']:x}" for m in said["members"] if own_url in m["peerURLs"]), None)


def other_voters():
    for member in said["members"]:
        if own_url not in member["peerURLs"] and not member.get("isLearner"):
            # One that has never started serves nobody, and counts all the same.
            yield next(iter(member.get("clientURLs", [])), member["peerURLs"][0])


def status():
    # One endpoint was asked.
    return said[0]["Status"]


answer = {
    "initial-cluster": lambda: ",".join(sorted(initial_cluster())),
    "learner": learner,
    "id": member_id,
    "other-voters": lambda: "\n".join(other_voters()),
    "revision": lambda: status()["header"]["revision"],
    "leads": lambda: "yes" if status()["leader"] == status()["header"]["member_id"] else "no",
    "identity": lambda: "member {member_id:x} of cluster {cluster_id:x}".format(**status()["header"]),
    "leader": lambda: f"{status()['leader']:x}",
    "own": lambda: f"{status()['header']['member_id']:x}",
}.get(question)
if answer is None:
    sys.exit(f"unknown question {question}")
told = answer()
if told is not None:
    print(told)
