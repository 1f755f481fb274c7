"""What a blank etcd member has to do, by what its peers hold.

usage: etcd-agree.py PKI-DIRECTORY SECONDS NAME ADDRESS IDENTITY MEMBER...     (MEMBER: name=https://address:2380)

IDENTITY is what this member once was ("member ID of cluster ID"), empty if it has never been one: a host that has one and is blank has lost its data.

While it asks, it tells: on its own peer port it answers that it is blank, and whether it has lost its data, over TLS in both directions with the
members' own certificates. So every member learns of every other whether it is blank, has lost its data, runs etcd, or cannot be reached.

prints: new         every member is blank and has never been one; or etcd runs and still waits for this one, which it was begun with
        replace ID  etcd has a place for this member with data, which is not here, or one that was never filled
        add         etcd does not know this member
Fails after SECONDS with what each peer last said: a peer that cannot be reached may hold the data. Fails at once when nobody holds data
that somebody has lost: no cluster begins over the end of another.
"""

import http.client
import http.server
import json
import ssl
import sys
import threading
import time

PORT = 2380
BLANK_PATH = "/kubernetes-ha/blank"
BLANK, LOST = 200, 410
ASK_TIMEOUT = 2.0
PAUSE = 0.2
# How long one that has decided still answers those that have not asked it yet; after that they meet its etcd instead.
LINGER = 15.0


class Teller(http.server.ThreadingHTTPServer):
    # Its threads are waited for, which takes ASK_TIMEOUT at most: the interpreter may crash that ends beneath a handshake.
    daemon_threads = False
    allow_reuse_address = True

    def __init__(self, address, context, status):
        super().__init__((address, PORT), Answer)
        self.context = context
        self.status = status
        self.asked_by = set()

    def finish_request(self, request, client_address):
        # The handshake is done in the thread of the request: one peer that stalls must not keep the others waiting.
        request.settimeout(ASK_TIMEOUT)
        try:
            with self.context.wrap_socket(request, server_side=True) as channel:
                self.RequestHandlerClass(channel, client_address, self)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.path == BLANK_PATH
        self.send_response(self.server.status if known else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if known:
            self.server.asked_by.add(self.client_address[0])

    def log_message(self, *_):
        pass


def context(purpose, pki):
    made = ssl.create_default_context(purpose, cafile=f"{pki}/ca.crt")
    made.load_cert_chain(f"{pki}/peer.crt", f"{pki}/peer.key")
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def get(own, address, path, tls):
    # From the member's own address: by it the other one knows who has asked.
    connection = http.client.HTTPSConnection(
        address, PORT, timeout=ASK_TIMEOUT, context=tls, source_address=(own, 0)
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def look(own, address, tls):
    """("blank", None), ("lost", None), ("etcd", members) or ("unknown", why)."""
    try:
        status, _ = get(own, address, BLANK_PATH, tls)
        if status in (BLANK, LOST):
            return ("blank" if status == BLANK else "lost"), None
        status, body = get(own, address, "/members", tls)
        if status == 200:
            return "etcd", json.loads(body)
        return "unknown", f"HTTP {status}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return "unknown", str(error) or type(error).__name__


def place_of(name, address, members):
    for member in members:
        if f"https://{address}:{PORT}" not in member["peerURLs"]:
            continue
        if member.get("name") and not member.get("clientURLs"):
            # Begun together with it, never started: it still takes part in the beginning.
            return "new"
        # One that was added and has no name yet may have started all the same, and then must not start once more from nothing.
        return f"replace {member['id']:x}"
    return "add"


def refuse(name, identity, lost):
    """Ends: the data of a cluster that was here is gone, and so that everybody learns of it before."""
    told = f"{name} was {identity}" if identity else f"{', '.join(lost)} of its peers have lost theirs"
    sys.exit(
        f"{name} has no data of etcd; {told}; and no member is left that holds it. A new, empty cluster is not begun over that. "
        "Restore a snapshot, or say that the data may be lost: docs/runbooks/etcd-data-lost.md"
    )


def main(pki, seconds, name, address, identity, members):
    with Teller(address, context(ssl.Purpose.CLIENT_AUTH, pki), LOST if identity else BLANK) as teller:
        threading.Thread(target=teller.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            return agree(teller, pki, seconds, name, address, identity, members)
        finally:
            teller.shutdown()


def agree(teller, pki, seconds, name, address, identity, members):
    peers = {m.split("=", 1)[0]: m.split("//", 1)[1].rsplit(":", 1)[0] for m in members}
    peers.pop(name, None)
    tls = context(ssl.Purpose.SERVER_AUTH, pki)
    deadline = time.monotonic() + float(seconds)
    blank, lost, last = set(), set(), {}
    while True:
        for peer, peer_address in peers.items():
            if peer in blank | lost:
                continue
            kind, detail = look(address, peer_address, tls)
            last[peer] = f"{kind} {detail}" if kind == "unknown" else kind
            if kind == "etcd":
                answer = place_of(name, address, detail)
                if identity and answer == "new":
                    refuse(name, identity, lost)
                return answer
            if kind == "blank":
                blank.add(peer)
            if kind == "lost":
                lost.add(peer)
        if blank | lost == set(peers):
            linger = time.monotonic() + LINGER
            while teller.asked_by < set(peers.values()) and time.monotonic() < linger:
                time.sleep(0.05)
            if identity or lost:
                refuse(name, identity, sorted(lost))
            return "new"
        if time.monotonic() > deadline:
            sys.exit(f"etcd members did not agree after {seconds} s; they last said: {last}")
        time.sleep(PAUSE)


print(main(*sys.argv[1:6], sys.argv[6:]))
