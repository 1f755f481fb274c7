#!/usr/bin/env python3
"""Prints the temporary keys of this instance's role as SDKs of AWS take them from a program (credential_process).

usage: role_keys.py ROLE
"""

import json
import sys
import time
import urllib.request

METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials"
ANSWER_SECONDS, EARLY_SECONDS, AGAIN_SECONDS = 10, 600, 60


def asked(role):
    """What the platform says; whatever proxy the environment names, it is on the host's own link."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{METADATA}/{role}", timeout=ANSWER_SECONDS) as answer:
        return json.load(answer)


def told(keys, now):
    """Keys, and how long they are kept: until ten minutes before they end, when the platform has new ones, and from then on for a minute at a time.

    So the platform may be away for a while, and nothing is signed with keys that are about to end.
    """
    end = keys["ExpiredTime"]
    until = min(end, max(end - EARLY_SECONDS, now + AGAIN_SECONDS))
    return {
        "Version": 1,
        "AccessKeyId": keys["TmpSecretId"],
        "SecretAccessKey": keys["TmpSecretKey"],
        "SessionToken": keys["Token"],
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until)),
    }


if __name__ == "__main__":
    json.dump(told(asked(sys.argv[1]), time.time()), sys.stdout)
