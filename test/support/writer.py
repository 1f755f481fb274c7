"""A client that writes one key after another through the API entry and records what was acknowledged.

Runs on a host of the cluster. Input: a JSON file {host, port, ca, cert, key, pause, seconds} (PEM texts, mode 0600).
Output: one line a write: number, start, end (seconds), 1 or 0 for acknowledged, error.
Ends when the stop file appears, or after so many seconds.
"""

import http.client
import json
import os
import ssl
import sys
import time

directory = sys.argv[1]
with open(os.path.join(directory, "target.json"), encoding="utf8") as file:
    target = json.load(file)
for name in ("ca", "cert", "key"):
    with open(os.path.join(directory, name), "w", encoding="utf8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(target[name])
context = ssl.create_default_context(cafile=os.path.join(directory, "ca"))
context.load_cert_chain(os.path.join(directory, "cert"), os.path.join(directory, "key"))
stop = os.path.join(directory, "stop")
path = "/api/v1/namespaces/default/configmaps/drill"

with open(os.path.join(directory, "log"), "w", encoding="utf8", buffering=1) as log:
    number = 0
    deadline = time.time() + target["seconds"]
    while time.time() < deadline and not os.path.exists(stop):
        start = time.time()
        error = ""
        try:
            # A connection of its own for every write, as a client that starts anew after a failure would have.
            connection = http.client.HTTPSConnection(target["host"], target["port"], timeout=1, context=context)
            connection.request(
                "PATCH",
                path,
                body=json.dumps({"data": {f"k{number:05d}": f"{start:.3f}"}}),
                headers={"Content-Type": "application/merge-patch+json"},
            )
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                error = f"{response.status} {body[:120]!r}"
            connection.close()
        except (OSError, http.client.HTTPException) as failure:
            error = repr(failure)
        print(number, f"{start:.3f}", f"{time.time():.3f}", 0 if error else 1, error, file=log)
        number += 1
        time.sleep(max(0.0, start + target["pause"] - time.time()))
