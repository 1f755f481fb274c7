"""Looks whether a host is fit for its role, and prints one report of all that is wrong. Changes nothing.

usage: preflight.py NAME SKEW-MS DISK-DIR FDATASYNC-MS DIRECT CNI QUEUES PEER...

  NAME          what the host must be called
  SKEW-MS       most its clock may differ from the median of its own and its peers'
  DISK-DIR      where etcd's data goes; empty: nowhere. Measured only while it is blank, never under a living etcd
  FDATASYNC-MS  most that the 99th percentile of write and fdatasync may take there
  DIRECT        "vip real-server...": what LVS by direct routing must reach from here; empty: nothing
  CNI           "plugin version...": programs of the pod network, and the version of CNI each has to know; empty: this host is no node
  QUEUES        "number...": queues of the kernel that a program here decides on the packets of; empty: none does
  PEER          "name address [port...]": who it talks to, and the TCP ports that must be open there

Ends with 1 when something is wrong.
"""

import concurrent.futures
import glob
import os
import socket
import statistics
import subprocess
import sys
import time

import direct_routing
import icmp
import image
import packet_queue
from finding import FAILED, OK, WARNING

# A peer may still be booting.
PEER_SECONDS = 60
# A real server holds the virtual address once it has its packages.
DIRECT_SECONDS = 600
# A clock that time synchronisation is still setting.
CLOCK_SECONDS = 15
DIAL_SECONDS = 3
# How etcd writes its log: records of about this size, each synced. As many as 22 MiB hold, or what fits the time.
RECORD_BYTES, RECORDS, DISK_SECONDS = 2300, 10000, 2
# The machine id is made at first boot, cloud-init follows within seconds; the clock may have been set in between.
FIRST_BOOT_SECONDS = 3600


def hostname(wanted):
    got = socket.gethostname()
    if got == wanted:
        return (OK, "host name", got, "")
    return (FAILED, "host name", f"is {got}, must be {wanted}: two hosts of a name are one node", f"hostnamectl set-hostname {wanted}")


def machine_id(root=""):
    """An id that is older than the host came with the image, so that every host of the image has it."""
    path, marks = f"{root}/etc/machine-id", glob.glob(f"{root}/var/lib/cloud/instance/sem/*")
    fix = "rm /etc/machine-id; systemd-machine-id-setup; reboot. In the image leave /etc/machine-id empty"
    try:
        value = open(path, encoding="ascii").read().strip()
    except OSError:
        value = ""
    if len(value) != 32:
        return (FAILED, "machine id", f"/etc/machine-id holds {value!r}, no machine id", fix)
    if not marks:
        return (WARNING, "machine id", "cloud-init left no mark of the first boot: cannot tell whether the image has it as well", "")
    first_boot = min(os.stat(mark).st_mtime for mark in marks)
    age = first_boot - os.stat(path).st_ctime
    if age > FIRST_BOOT_SECONDS:
        return (FAILED, "machine id", f"{value} is {int(age // 3600)} h older than this host: the image has it, and so has every host of it", fix)
    return (OK, "machine id", value, "")


def median_skew(differences):
    """By how many milliseconds this clock is ahead of the median of all, its own included."""
    return round(-statistics.median([0, *differences]))


def clock(peers, limit):
    deadline = time.monotonic() + CLOCK_SECONDS
    while True:
        told = [each for each in at_once(lambda peer: icmp.clock_difference(peer[1]), peers) if each is not None]
        skew = median_skew(told)
        if not told:
            return (WARNING, "clock", "no peer tells its time (ICMP timestamp): cannot compare", "")
        if abs(skew) <= limit:
            return (OK, "clock", f"{abs(skew)} ms from the median of {len(told) + 1} hosts", "")
        if time.monotonic() > deadline:
            way = "ahead of" if skew > 0 else "behind"
            return (
                FAILED,
                "clock",
                f"{abs(skew)} ms {way} the median of {len(told) + 1} hosts, at most {limit} ms are fine",
                "chronyc tracking; make ntpServers of the configuration reachable from here, then chronyc makestep",
            )
        time.sleep(1)


def reach(peer):
    """Whether a peer is up: (peer, answers). Waits for one that boots."""
    deadline = time.monotonic() + PEER_SECONDS
    while not icmp.echo(peer[1]):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def dial(address, port):
    """None when the port can be reached; that nothing listens yet is an answer of the host, so nothing is in between."""
    try:
        socket.create_connection((address, port), DIAL_SECONDS).close()
    except ConnectionRefusedError:
        pass
    except OSError as error:
        return str(error)
    return None


def flows(peer):
    name, address, *ports = peer
    blocked = [(port, why) for port in ports if (why := dial(address, int(port)))]
    size = mtu_towards(address)
    findings = []
    for port, why in blocked:
        findings.append((FAILED, f"flow to {name}", f"{address}:{port} cannot be reached: {why}", "let this host's security group in there, and look for a firewall on either host"))
    if not icmp.echo(address, size):
        findings.append((FAILED, f"MTU to {name}", f"packets of {size} bytes do not arrive whole, small ones do", "give both interfaces the MTU of the network (ip link)"))
    return findings or [(OK, f"flow to {name}", f"{' '.join([address, *ports])}, {size} bytes whole", "")]


def mtu_towards(address):
    """MTU of the interface that packets to an address leave by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return probe.getsockopt(socket.IPPROTO_IP, 14)  # IP_MTU


def network(peers):
    """Flows to all peers that are up. One that is down is another's trouble; that all are is this host's."""
    answers = list(zip(peers, at_once(reach, peers)))
    alive = [peer for peer, answered in answers if answered]
    silent = [
        (WARNING if alive else FAILED, f"flow to {name}", f"{address} answers no ping for {PEER_SECONDS} s", "look whether it runs, and that ICMP is let in inside the VPC")
        for (name, address, *_), answered in answers
        if not answered
    ]
    return alive, silent + [finding for findings in at_once(flows, alive) for finding in findings]


def by_mac(virtual, reals, alive):
    """What a director of LVS by direct routing has to find: real servers that take frames for the virtual address, each by a MAC of its own."""
    instead = "set entry.forwarding: nat, or choose another kind of entry"
    reals = [real for real in reals if real in alive]
    if not reals:
        return [(FAILED, "direct routing", "no real server is up: whether frames reach them cannot be proven", "start one, then run again")]
    behind = {}
    for address in alive:
        behind.setdefault(direct_routing.mac_of(address), []).append(address)
    for mac, addresses in behind.items():
        if mac is not None and len(addresses) > 1:
            seen = f"{', '.join(addresses)} all have the MAC {mac}: this network forwards by address, as a VPC does, so frames for {virtual} come back"
            return [(FAILED, "direct routing", seen, instead)]
    taken = at_once(lambda real: direct_routing.takes(virtual, real, DIRECT_SECONDS), reals)
    worst = WARNING if any(taken) else FAILED
    silent = [
        (worst, "direct routing", f"{real} does not answer a frame for {virtual} that was sent to its MAC, for {DIRECT_SECONDS} s", f"look whether it holds {virtual} on lo; if so, {instead}")
        for real, took in zip(reals, taken)
        if not took
    ]
    return [(OK, "direct routing", f"{real} answers frames for {virtual}", "") for real, took in zip(reals, taken) if took] + silent


def packet_queues(queues):
    """Whether the agent of network policies can be asked about packets: where it cannot, everything would pass."""
    fix = "use an image whose kernel has CONFIG_NETFILTER_NETLINK_QUEUE and CONFIG_NFT_QUEUE, as Debian's has, or set podNetwork.networkPolicy: none"
    findings = []
    for queue in queues.split():
        way, said = packet_queue.way(queue)
        if way == "nft":
            findings.append((OK, "packet queue", f"packets reach who listens to queue {queue}", ""))
        elif way == "iptables":
            seen = "rules of iptables hand packets to programs, but nft has no `queue` here, which the published kube-network-policies needs: the pods of one that does stay not ready"
            findings.append((WARNING, "packet queue", seen, fix))
        else:
            findings.append((FAILED, "packet queue", f"the kernel hands no packets to programs, so no network policy would be enforced here: {said}", fix))
    return findings


def disk(directory, limit):
    """The 99th percentile of writing one record and fdatasync, on a directory's file system."""
    run = subprocess.run(
        ["ioping", "-batch", "-print-count", "1", "-write", "-linear", "-interval", "0"]
        + ["-size", str(RECORD_BYTES), "-work-size", "256k", "-count", str(RECORDS), "-work-time", str(DISK_SECONDS), directory],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        return (FAILED, "disk", f"{directory} cannot be measured: {run.stderr.strip()}", "look at the disk: dmesg, lsblk")
    # One line a request, its nanoseconds second; the last line is the sum of all.
    took = sorted(int(line.split()[1]) / 1e6 for line in run.stdout.splitlines()[:-1])
    p99 = took[min(len(took) - 1, len(took) * 99 // 100)] if took else float("inf")
    found = f"fdatasync p99 {p99:.1f} ms of {len(took)} writes of {RECORD_BYTES} bytes in {directory}"
    if p99 <= limit:
        return (OK, "disk", found, "")
    return (FAILED, "disk", f"{found}, at most {limit} ms are fine", "choose a faster etcd.disk.type or a larger disk; preflight.fdatasyncMs is the limit")


def at_once(function, things):
    if not things:
        return []
    with concurrent.futures.ThreadPoolExecutor(max_workers=64) as pool:
        return list(pool.map(function, things))


def main(name, skew_ms, disk_directory, fdatasync_ms, direct, cni, queues, *peers):
    findings = [hostname(name), machine_id(), *image.sysctls()]
    if cni:
        findings += [*image.cni_plugins(cni), image.resolver()]
    findings += packet_queues(queues)
    alive, seen = network([peer.split() for peer in peers])
    findings += [*seen, *([clock(alive, int(skew_ms))] if alive else [])]
    if direct:
        virtual, *reals = direct.split()
        findings += by_mac(virtual, reals, [address for _, address, *_ in alive])
    if disk_directory:
        # A living etcd must not have to share its disk, and what is there has been measured before.
        blank = not os.path.exists(f"{disk_directory}/member")
        findings.append(disk(disk_directory, float(fdatasync_ms)) if blank else (OK, "disk", f"{disk_directory} holds etcd's data: not measured", ""))
    width = max(len(check) for _, check, _, _ in findings)
    for result, check, found, fix in findings:
        print(f"{result:7}  {check:{width}}  {found}{f'. Fix: {fix}' if fix else ''}")
    return 1 if any(result == FAILED for result, *_ in findings) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
