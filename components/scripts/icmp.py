"""What can be asked of a host without anything running on it: its kernel answers ICMP by itself. Needs root."""

import os
import select
import socket
import struct
import time

ECHO, ECHO_REPLY, TIMESTAMP, TIMESTAMP_REPLY = 8, 0, 13, 14
MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000
IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3
# IP and ICMP headers.
HEADERS = 20 + 8


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def milliseconds():
    """Milliseconds since midnight UTC, as hosts tell them."""
    return int(time.time() * 1000) % MILLISECONDS_A_DAY


def ask(address, kind, answer, body, seconds):
    """Sends one packet that must not be cut into pieces; gives the answer's body, or None if there is none."""
    mark = struct.pack("!HH", os.getpid() & 0xFFFF, int.from_bytes(os.urandom(2), "big"))
    head = struct.pack("!BBH", kind, 0, 0) + mark
    packet = struct.pack("!BBH", kind, 0, checksum(head + body)) + mark + body
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        end = time.monotonic() + seconds
        try:
            raw.sendto(packet, (address, 0))
            while (left := end - time.monotonic()) > 0 and select.select([raw], [], [], left)[0]:
                got, (source, _) = raw.recvfrom(65535)
                icmp = got[(got[0] & 0x0F) * 4 :]
                if source == address and icmp[0] == answer and icmp[4:8] == mark:
                    return icmp[8:]
        except OSError:
            return None
    return None


def echo(address, size=64, seconds=1.0):
    """Whether a packet of so many bytes, all headers counted, comes back whole."""
    return ask(address, ECHO, ECHO_REPLY, b"\0" * (size - HEADERS), seconds) is not None


def clock_difference(address, seconds=1.0):
    """By how many milliseconds the other clock is ahead of this one; None if the host does not tell."""
    began = milliseconds()
    body = ask(address, TIMESTAMP, TIMESTAMP_REPLY, struct.pack("!III", began, 0, 0), seconds)
    if body is None or len(body) < 12:
        return None
    theirs = struct.unpack("!I", body[4:8])[0]
    # The highest bit says that it is no such time.
    if theirs & 0x80000000:
        return None
    half_a_day = MILLISECONDS_A_DAY // 2
    here = (began + ((milliseconds() - began) % MILLISECONDS_A_DAY) // 2) % MILLISECONDS_A_DAY
    return (theirs - here + half_a_day) % MILLISECONDS_A_DAY - half_a_day
