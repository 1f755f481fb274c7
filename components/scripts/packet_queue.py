"""Whether this host's kernel hands packets to a program that decides on them (NFQUEUE): what network policies live by. Needs root.

usage: packet_queue.py NUMBER      prints how: nft or iptables. Run in a network namespace of its own, where nothing else is
"""

import select
import socket
import struct
import subprocess
import sys

NFNETLINK = 12
QUEUE = 3 << 8
PACKET, CONFIG = QUEUE | 0, QUEUE | 2
COMMAND, PARAMETERS = 1, 2
BIND = 1
COPY_HEADERS, HEADER_BYTES = 2, 128
REQUEST_ACK = 1 | 4
ERROR = 2
PORT, SECONDS = 9, 2

# The ways a rule can say it, in the order they are tried: that of nftables itself, and the target of iptables.
WAYS = {
    "nft": ["nft", "add table inet probe; add chain inet probe out {{ type filter hook output priority 0 ; }}; add rule inet probe out udp dport {port} queue num {queue}"],
    "iptables": ["iptables", "--wait", "10", "--append", "OUTPUT", "--protocol", "udp", "--dport", "{port}", "--jump", "NFQUEUE", "--queue-num", "{queue}"],
}


def way(queue):
    """How a rule of this host can hand packets to a queue that somebody listens to, empty where none can; and what was said against the others."""
    run = subprocess.run(["unshare", "--net", sys.executable, "-B", __file__, queue], capture_output=True, text=True, check=False)
    return run.stdout.strip(), "; ".join(run.stderr.strip().splitlines())


def message(kind, queue, attribute, value):
    """A message of nfnetlink with one attribute."""
    padding = b"\0" * (-len(value) % 4)
    body = struct.pack("!BBH", 0, 0, queue) + struct.pack("=HH", 4 + len(value), attribute) + value + padding
    return struct.pack("=IHHII", 16 + len(body), kind, REQUEST_ACK, 0, 0) + body


def listen(queue):
    """A socket that gets the packets of a queue."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NFNETLINK)
    link.bind((0, 0))
    for attribute, value in ((COMMAND, struct.pack("!BBH", BIND, 0, 0)), (PARAMETERS, struct.pack("!IB", HEADER_BYTES, COPY_HEADERS))):
        link.send(message(CONFIG, queue, attribute, value))
        answer = link.recv(65535)
        kind, code = struct.unpack_from("=H", answer, 4)[0], struct.unpack_from("=i", answer, 16)[0]
        if kind != ERROR or code != 0:
            raise OSError(-code, f"queue {queue} cannot be listened to")
    return link


def arrives(link, rule):
    """Whether a packet that a rule hands to the queue comes out of it."""
    try:
        subprocess.run(rule, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        print(f"{rule[0]}: {said.strip().splitlines()[0]}", file=sys.stderr)
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"probe", ("127.0.0.1", PORT))
    while select.select([link], [], [], SECONDS)[0]:
        if struct.unpack_from("=H", link.recv(65535), 4)[0] == PACKET:
            return True
    print(f"{rule[0]}: a packet that a rule handed to the queue did not come out of it", file=sys.stderr)
    return False


def main(queue):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    link = listen(int(queue))
    for name, rule in WAYS.items():
        if arrives(link, [part.format(port=PORT, queue=queue) for part in rule]):
            print(name)
            return


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
