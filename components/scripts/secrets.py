"""What becomes of a cluster's Secrets when one of its keys is replaced.

usage: secrets.py rewrite URL CA KUBECONFIG          has every Secret written anew that is not as the apiserver at URL would write it now:
                                                     encrypted with the first key of its configuration
       secrets.py known URL CA KUBECONFIG PUBLIC     fails, naming them, when Secrets hold tokens of service accounts that no key in PUBLIC (PEM) knows

CA is the certificate of the apiserver's authority; KUBECONFIG holds the certificate and key to ask with. No Secret is printed, and rewriting reads none.
"""

import base64
import hashlib
import http.client
import json
import os
import re
import ssl
import sys
import tempfile
import time
import urllib.parse

CALL_SECONDS = 30
ATTEMPTS = 10
PAGE = 500
NAMED = 10
# Names and no contents.
METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"
MEMORY = "/run/kubernetes-ha"
TOKENS = "type=kubernetes.io/service-account-token"


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Api:
    """One apiserver, over one connection."""

    def __init__(self, url, ca, kubeconfig):
        address = urllib.parse.urlsplit(url)
        if address.scheme == "http":
            self.connection = http.client.HTTPConnection(address.netloc, timeout=CALL_SECONDS)
            return
        context = ssl.create_default_context(cafile=ca)
        load_client(context, kubeconfig)
        self.connection = http.client.HTTPSConnection(address.netloc, timeout=CALL_SECONDS, context=context)

    def ask(self, method, path, body=None, accept="application/json"):
        """What the API answers. Again and again when it is busy, or the connection broke; all that is asked here may be asked twice."""
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                time.sleep(min(attempt, 3))
            try:
                self.connection.request(
                    method,
                    path,
                    None if body is None else json.dumps(body),
                    {"Accept": accept, "Content-Type": "application/merge-patch+json"},
                )
                answer = self.connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                last = Refused(0, str(error))
                continue
            if answer.status < 300:
                return json.loads(content)
            last = Refused(answer.status, message(content, answer.reason))
            if answer.status not in (409, 429) and answer.status < 500:
                break
        raise last

    def secrets(self, selector="", contents=False):
        """All of them, as they are now; their metadata alone but for those whose contents are asked for."""
        accept = "application/json" if contents else METADATA.format("List")
        following = ""
        while True:
            query = {"limit": PAGE, "fieldSelector": selector, "continue": following}
            page = self.ask("GET", f"/api/v1/secrets?{urllib.parse.urlencode({k: v for k, v in query.items() if v})}", accept=accept)
            yield from page["items"]
            following = page["metadata"].get("continue", "")
            if not following:
                return


def load_client(context, kubeconfig):
    """The certificate and the key of a kubeconfig's one user. ssl reads files alone; this one is in memory, and gone at once."""
    with open(kubeconfig, encoding="utf-8") as source:
        text = source.read()
    parts = [re.search(rf"client-{what}-data: *(\S+)", text) for what in ("certificate", "key")]
    if None in parts:
        sys.exit(f"error: {kubeconfig} holds no client certificate")
    with tempfile.NamedTemporaryFile(dir=MEMORY if os.path.isdir(MEMORY) else None) as file:
        file.write(b"".join(base64.b64decode(part[1]) for part in parts))
        file.flush()
        context.load_cert_chain(file.name)


def message(content, otherwise):
    try:
        return json.loads(content)["message"]
    except (ValueError, KeyError, TypeError):
        return otherwise


def name_of(secret):
    return f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"


def rewrite(api):
    """A patch of nothing has an apiserver write what is not stored as it would store it, and leave all else alone."""
    # All names first: a list that takes long ends before it is through.
    names = [name_of(secret) for secret in api.secrets()]
    for each in names:
        namespace, name = each.split("/")
        try:
            api.ask("PATCH", f"/api/v1/namespaces/{namespace}/secrets/{name}", {}, METADATA.format(""))
        except Refused as refused:
            if refused.status != 404:
                sys.exit(f"error: Secret {each} is not written anew: {refused}")
    print(f"{len(names)} Secrets are written with the key of the day")


def known(api, public):
    kids = key_ids(public)
    unknown = [name_of(secret) for secret in api.secrets(TOKENS, contents=True) if signed_by(secret) not in {None, *kids}]
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        sys.exit(
            f"error: Secrets hold tokens that the service account key to be retired has signed: {', '.join(unknown[:NAMED])}{more}. "
            "Have each signed anew (docs/runbooks/certificates.md), and run again"
        )


def key_ids(public):
    """How tokens name the keys that they are signed with: by a hash of the public half."""
    with open(public, encoding="utf-8") as source:
        found = re.findall(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", source.read(), re.DOTALL)
    return {encoded(hashlib.sha256(base64.b64decode(der)).digest()) for der in found}


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_by(secret):
    """The key of a Secret's token; None of a Secret that has yet to be given one, which will be by the key of the day."""
    token = secret.get("data", {}).get("token")
    if not token:
        return None
    header = base64.b64decode(token).split(b".")[0]
    try:
        return json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4))).get("kid", "none")
    except ValueError:
        return "none"


def main(act, url, ca, kubeconfig, *rest):
    api = Api(url, ca, kubeconfig)
    try:
        rewrite(api) if act == "rewrite" else known(api, *rest)
    except Refused as refused:
        sys.exit(f"error: {url}: {refused}")


main(*sys.argv[1:])
