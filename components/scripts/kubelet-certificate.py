"""Asks for a certificate of a kubelet, in the name of the node that it is, and writes it to standard output.

usage: kubelet-certificate.py URL CA CLIENT NODE REQUEST

REQUEST is a file with a certificate request, PEM. Ends with 1, and says why, when it is refused, or not signed for half a minute. $STEP_DIR/kube.py counts as part
of this.
"""

import base64
import sys
import time

import kube

SIGNED_SECONDS = 30
PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def asked(api, node, request):
    """Name of the request, which is deleted by the cluster after an hour."""
    made = api.ask(
        PATH,
        "POST",
        {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"generateName": f"kubernetes-ha-{node}-"},
            "spec": {
                "request": base64.b64encode(request).decode(),
                "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
                "usages": ["digital signature", "client auth"],
            },
        },
    )
    return made["metadata"]["name"]


def refusal(status):
    for condition in status.get("conditions", []):
        if condition["type"] in ("Denied", "Failed"):
            return f"{condition['type']}: {condition.get('message', '')}"
    return None


def main(url, ca, client, node, path):
    api = kube.Api(url, ca, client)
    with open(path, "rb") as file:
        name = asked(api, node, file.read())
    deadline = time.monotonic() + SIGNED_SECONDS
    while time.monotonic() < deadline:
        status = api.ask(f"{PATH}/{name}").get("status", {})
        if "certificate" in status:
            sys.stdout.write(base64.b64decode(status["certificate"]).decode())
            return None
        if refusal(status):
            return f"{name}: {refusal(status)}"
        time.sleep(0.5)
    return f"{name} is not signed after {SIGNED_SECONDS} s: look at the controller-managers"


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(kube.reason(error))
