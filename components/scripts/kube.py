"""What a node asks the API, with the certificate of its own kubelet: as such it may change its own Node object and evict the pods it runs, and no others
(admission NodeRestriction). Hosts that are no masters have no kubectl."""

import json
import ssl
import urllib.error
import urllib.request

CALL_SECONDS = 10
# On a node that makes room: by whom it was cordoned.
DRAINED = "kubernetes-ha/drained"


class Api:
    """The API at a URL, its CA's certificate and a client's certificate with its key in one file."""

    def __init__(self, url, ca, client):
        self.url = url
        self.context = None
        if url.startswith("https:"):
            self.context = ssl.create_default_context(cafile=ca)
            self.context.load_cert_chain(client)

    def ask(self, path, method="GET", body=None, kind="application/json"):
        """What the API answers. Raises OSError (urllib's HTTPError is one) when it does not, or says no."""
        data = None if body is None else json.dumps(body).encode()
        # A connection of its own each time: the kubelet renews its certificate, and masters are restarted.
        request = urllib.request.Request(self.url + path, data, {"Content-Type": kind, "Accept": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=CALL_SECONDS, context=self.context) as answer:
            return json.load(answer)

    def node(self, name):
        return self.ask(f"/api/v1/nodes/{name}")

    def patch_node(self, name, patch):
        self.ask(f"/api/v1/nodes/{name}", "PATCH", patch, "application/merge-patch+json")


def reason(error):
    """What the API gave as the reason of a refusal, else what broke the connection."""
    if isinstance(error, urllib.error.HTTPError):
        try:
            return json.load(error)["message"]
        except (ValueError, KeyError, OSError):
            pass
    return str(error)
