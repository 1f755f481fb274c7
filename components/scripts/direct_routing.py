"""Whether frames reach another host by its MAC, whatever address is in them: what LVS by direct routing lives by. Needs root."""

import os
import select
import socket
import struct
import time

import icmp

ETHERTYPE_IPV4, PROTOCOL_ICMP = 0x0800, 1


def neighbour(address):
    """Interface and MAC by which an address was last spoken to; None for one that is not on a link of this host."""
    with open("/proc/net/arp", encoding="ascii") as table:
        for line in list(table)[1:]:
            known, _, flags, mac, _, device = line.split()
            if known == address and int(flags, 16) & 2:
                return device, mac
    return None


def mac_of(address):
    """MAC that an address was last spoken to by; None for one that is on no link of this host."""
    found = neighbour(address)
    return found and found[1]


def own_address(towards):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((towards, 9))
        return probe.getsockname()[0]


def echo_request(source, target, mark):
    """An IP packet that asks for an echo."""
    head = struct.pack("!BBH", icmp.ECHO, 0, 0) + mark
    body = struct.pack("!BBH", icmp.ECHO, 0, icmp.checksum(head)) + mark

    def header(checksum):
        fields = (0x45, 0, 20 + len(body), 0, 0, 64, PROTOCOL_ICMP, checksum)
        return struct.pack("!BBHHHBBH4s4s", *fields, socket.inet_aton(source), socket.inet_aton(target))

    return header(icmp.checksum(header(0))) + body


def is_answer(packet, virtual, mark):
    answer = packet[(packet[0] & 0x0F) * 4 :]
    return packet[9] == PROTOCOL_ICMP and packet[12:16] == socket.inet_aton(virtual) and answer[:1] == bytes([icmp.ECHO_REPLY]) and answer[4:8] == mark


def takes(virtual, real, seconds):
    """Whether a host that holds an address silently takes what is sent to its MAC for it, and answers from that address, within so many seconds."""
    found = neighbour(real)
    if found is None:
        return False
    device, mac = found
    mark = os.urandom(4)
    request = echo_request(own_address(real), virtual, mark)
    # Frames, not a socket of the IP layer: the address may by now be this host's own, or that of another director.
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERTYPE_IPV4)) as link:
        link.bind((device, ETHERTYPE_IPV4))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            link.sendto(request, (device, ETHERTYPE_IPV4, 0, 0, bytes.fromhex(mac.replace(":", ""))))
            if answered(link, virtual, mark, min(left, 1.0)):
                return True
    return False


def answered(link, virtual, mark, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and select.select([link], [], [], left)[0]:
        if is_answer(link.recv(65535), virtual, mark):
            return True
    return False
