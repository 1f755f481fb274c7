"""Reads `etcdctl member list -w json` from standard input.

usage: etcd-members.py initial-cluster NAME ADDRESS   -> name=url,... of all members, for --initial-cluster
       etcd-members.py learner NAME ADDRESS           -> id (hexadecimal) of that member if it is a learner, else nothing
"""

import json
import sys

question, name, address = sys.argv[1:]
own_url = f"https://{address}:2380"
members = json.load(sys.stdin)["members"]

if question == "initial-cluster":
    entries = []
    for member in members:
        for url in member["peerURLs"]:
            # A member that was added and has not started yet has no name.
            known = name if url == own_url else member.get("name", "")
            if known:
                entries.append(f"{known}={url}")
    print(",".join(sorted(entries)))
elif question == "learner":
    for member in members:
        if own_url in member["peerURLs"] and member.get("isLearner"):
            print(f"{member['ID']:x}")
else:
    sys.exit(f"unknown question {question}")
