#!/usr/bin/env python3
"""Prints the temporary keys of this instance's role as SDKs of AWS take them from a program (credential_process).

usage: role-keys.py ROLE

The platform gives new ones before the old ones end. So they are kept until ten minutes before that, and asked for anew each minute from then on: the platform
may be away for a while, and no request is signed with keys that are about to end.
"""

import json
import sys
import time
import urllib.request

METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials"
ANSWER_SECONDS, EARLY_SECONDS, AGAIN_SECONDS = 10, 600, 60

# Whatever proxy the environment names: the platform is on the host's own link.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f"{METADATA}/{sys.argv[1]}", timeout=ANSWER_SECONDS) as answer:
    keys = json.load(answer)
end, now = keys["ExpiredTime"], time.time()
until = min(end, max(end - EARLY_SECONDS, now + AGAIN_SECONDS))
json.dump(
    {
        "Version": 1,
        "AccessKeyId": keys["TmpSecretId"],
        "SecretAccessKey": keys["TmpSecretKey"],
        "SessionToken": keys["Token"],
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until)),
    },
    sys.stdout,
)
