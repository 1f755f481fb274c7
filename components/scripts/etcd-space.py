"""What members of etcd say of their databases, as variables for a shell.

usage: etcd-space.py ADDRESS    (standard input: `etcdctl endpoint status -w json` of all members; ADDRESS is this one's)

prints: SIZE, IN_USE, QUOTA    bytes of this member's database, as far as it is used, and the most it may have; 0 when it does not answer
        LEADS                  yes or no
        ALARM                  yes when the database of a member was full: nobody writes until that is disarmed
        FULLEST                percent of its quota that the fullest database has
        ANSWERED               members that have answered
        OTHER                  id, hexadecimal, of a member that could lead instead
"""

import json
import sys

url = f"https://{sys.argv[1]}:2379"
said = {member["Endpoint"]: member["Status"] for member in json.load(sys.stdin) or []}
own = said.get(url, {})
others = [status for endpoint, status in said.items() if endpoint != url and not status.get("isLearner")]


def percent(status):
    return 100 * status["dbSize"] // status["dbSizeQuota"] if status.get("dbSizeQuota") else 0


told = {
    "SIZE": own.get("dbSize", 0),
    "IN_USE": own.get("dbSizeInUse", 0),
    "QUOTA": own.get("dbSizeQuota", 0),
    "LEADS": "yes" if own and own["leader"] == own["header"]["member_id"] else "no",
    "ALARM": "yes" if any("NOSPACE" in error for status in said.values() for error in status.get("errors", [])) else "no",
    "FULLEST": max(map(percent, said.values()), default=0),
    "ANSWERED": len(said),
    "OTHER": f"{others[0]['header']['member_id']:x}" if others else "",
}
for name, value in told.items():
    print(f"{name}={value}")
