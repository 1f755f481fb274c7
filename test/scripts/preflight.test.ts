import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Ended, run, scripts, temporaryDirectory } from "./support/host";

/** A peer that answers and whose ports nobody is in the way of: this machine under another address of its own. */
const peer = "self 127.0.0.2 22 2379";
const root = process.getuid?.() === 0 ? describe : describe.skip;

interface Given {
  name?: string;
  skewMs?: number;
  directory?: string;
  fdatasyncMs?: number;
  /** `vip real-server...` */
  direct?: string;
  /** `plugin version...` */
  cni?: string;
  /** `number...` */
  queues?: string;
  peers?: string[];
  /** Python that runs before the script: what the host is like. */
  host?: string;
  /** Milliseconds a write takes; the last one is the slowest. */
  writes?: number[];
}

/** Runs preflight.py as a host would, with an ioping that says what the disk is like. */
function preflight(given: Given = {}): Ended {
  const directory = temporaryDirectory();
  const lines = (given.writes ?? [1]).map((ms) => `1 ${Math.round(ms * 1e6)} 0 0 0 0 0 0 1 0`);
  writeFileSync(
    join(directory, "ioping"),
    `#!/bin/sh\ncat <<END\n${[...lines, "sum 0"].join("\n")}\nEND\n`,
  );
  chmodSync(join(directory, "ioping"), 0o755);
  const { name = hostname(), skewMs = 500, fdatasyncMs = 10, peers = [peer] } = given;
  const { direct = "", cni = "", queues = "", directory: disk = "" } = given;
  const args = [name, String(skewMs), disk, String(fdatasyncMs), direct, cni, queues, ...peers];
  const program = [
    "import sys",
    `sys.path.insert(0, ${JSON.stringify(scripts)})`,
    "import preflight",
    "preflight.PEER_SECONDS = preflight.CLOCK_SECONDS = 1",
    "preflight.DIRECT_SECONDS = 1",
    "preflight.DIAL_SECONDS = 0.5",
    "preflight.machine_id = lambda: (preflight.OK, 'machine id', 'x', '')",
    given.host ?? "",
    "sys.exit(preflight.main(*sys.argv[1:]))",
  ].join("\n");
  return run("python3", ["-c", program, ...args], "", {
    PATH: `${directory}:${process.env.PATH ?? ""}`,
    PYTHONDONTWRITEBYTECODE: "1",
  });
}

const failures = ({ stdout }: Ended) =>
  stdout.split("\n").filter((line) => line.startsWith("FAILED"));

root("a host", () => {
  test("that is fit is told to be, line by line", () => {
    const { stdout, status } = preflight({ directory: temporaryDirectory() });
    expect(stdout.split("\n").map((line) => line.replace(/\s+/g, " "))).toEqual([
      `ok host name ${hostname()}`,
      "ok machine id x",
      expect.stringMatching(/^ok flow to self 127\.0\.0\.2 22 2379, \d+ bytes whole$/),
      expect.stringMatching(/^ok clock \d+ ms from the median of 2 hosts$/),
      expect.stringMatching(/^ok disk fdatasync p99 1\.0 ms of 1 writes of 2300 bytes in /),
      "",
    ]);
    expect(status).toBe(0);
  });

  test("with another name is refused", () => {
    const ended = preflight({ name: "prod-etcd-1" });
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      `FAILED   host name     is ${hostname()}, must be prod-etcd-1: two hosts of a name are one node. Fix: hostnamectl set-hostname prod-etcd-1`,
    ]);
  });

  test.each([
    [7, /behind|ahead of/],
    [-7, /behind|ahead of/],
  ])("whose clock is %i s off is refused", (seconds, way) => {
    // The kernel answers for the peers with the real time.
    const ended = preflight({
      peers: [peer, "other 127.0.0.3"],
      host: `import time; real = time.time; preflight.icmp.time.time = lambda: real() + ${seconds}`,
    });
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      expect.stringMatching(
        /^FAILED +clock +(69\d\d|70\d\d) ms (ahead of|behind) the median of 3 hosts, at most 500 ms are fine\. Fix: chronyc tracking; make ntpServers/,
      ),
    ]);
    expect(failures(ended)[0]).toMatch(way);
    expect(failures(ended)[0]).toContain(seconds > 0 ? "ahead of" : "behind");
  });

  test("is not blamed for one peer whose clock is off", () => {
    const ended = preflight({
      peers: [peer, "b 127.0.0.3", "c 127.0.0.4"],
      host: [
        "asked = preflight.icmp.clock_difference",
        "preflight.icmp.clock_difference = lambda address: 90000 if address == '127.0.0.3' else asked(address)",
      ].join("\n"),
    });
    expect(failures(ended)).toEqual([]);
  });

  test("that a firewall is in the way of is refused, port by port", () => {
    const ended = preflight({
      host: [
        "real = preflight.socket.create_connection",
        "def blocked(address, seconds):",
        "    if address[1] == 2379: raise TimeoutError('timed out')",
        "    return real(address, seconds)",
        "preflight.socket.create_connection = blocked",
      ].join("\n"),
    });
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      "FAILED   flow to self  127.0.0.2:2379 cannot be reached: timed out. Fix: let this host's security group in there, and look for a firewall on either host",
    ]);
  });

  test("whose packets do not arrive whole is refused", () => {
    const ended = preflight({
      host: [
        "asked = preflight.icmp.echo",
        "preflight.icmp.echo = lambda address, size=64, seconds=1.0: size < 1400 and asked(address, size, seconds)",
      ].join("\n"),
    });
    expect(failures(ended)).toEqual([
      expect.stringMatching(
        /^FAILED +MTU to self +packets of \d+ bytes do not arrive whole, small ones do\./,
      ),
    ]);
  });

  test("is not kept by one peer that is down, but by all of them", () => {
    const nobody = "dead 127.0.0.9 2379";
    const host =
      "asked = preflight.icmp.echo; preflight.icmp.echo = lambda address, *rest: address != '127.0.0.9' and asked(address, *rest)";
    const one = preflight({ peers: [peer, nobody], host });
    expect(one.status).toBe(0);
    expect(one.stdout).toMatch(
      /^warning +flow to dead +127\.0\.0\.9 answers no ping for 1 s\. Fix: look/m,
    );
    const all = preflight({ peers: [nobody], host });
    expect(all.status).toBe(1);
    expect(failures(all)).toHaveLength(1);
  });

  test("with a slow disk is refused", () => {
    const writes = [...Array<number>(98).fill(1), 25, 30];
    const directory = temporaryDirectory();
    const ended = preflight({ directory, writes });
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      `FAILED   disk          fdatasync p99 30.0 ms of 100 writes of 2300 bytes in ${directory}, at most 10.0 ms are fine. Fix: choose a faster etcd.disk.type or a larger disk; preflight.fdatasyncMs is the limit`,
    ]);
    expect(preflight({ directory, writes, fdatasyncMs: 30 }).status).toBe(0);
  });

  test("whose disk holds etcd's data is not measured", () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "member"));
    const ended = preflight({ directory, writes: [5000] });
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain("holds etcd's data: not measured");
  });

  test("tells all that is wrong at once", () => {
    const ended = preflight({
      name: "prod-etcd-1",
      directory: temporaryDirectory(),
      writes: [50],
      host: "preflight.icmp.clock_difference = lambda address: 3000",
      skewMs: 1000,
    });
    expect(failures(ended).map((line) => line.slice(9, 21).trim())).toEqual([
      "host name",
      "clock",
      "disk",
    ]);
  });
});

root("a director of LVS by direct routing", () => {
  /** Peers with these MACs, of which these answer frames that are sent to them for the VIP. */
  const direct = (macs: Record<string, string>, answering: string[], more: Given = {}) =>
    preflight({
      peers: Object.keys(macs).map((address, index) => `real-${index + 1} ${address}`),
      direct: ["10.0.0.12", ...Object.keys(macs)].join(" "),
      host: [
        `macs = ${JSON.stringify(macs)}`,
        "preflight.direct_routing.neighbour = lambda address: macs.get(address) and ('eth0', macs[address])",
        `preflight.direct_routing.takes = lambda virtual, real, seconds: virtual == '10.0.0.12' and real in ${JSON.stringify(answering)}`,
      ].join("\n"),
      ...more,
    });
  const [one, two] = ["127.0.0.2", "127.0.0.3"];
  const own = { [one]: "02:00:00:00:00:01", [two]: "02:00:00:00:00:02" };

  test("is fit where each real server takes frames by a MAC of its own", () => {
    const { stdout, status } = direct(own, [one, two]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok +direct routing +127\.0\.0\.2 answers frames for 10\.0\.0\.12$/m);
    expect(stdout).toMatch(/^ok +direct routing +127\.0\.0\.3 answers frames for 10\.0\.0\.12$/m);
  });

  test("is refused where all neighbours are behind one MAC, whatever answers", () => {
    const gateway = { [one]: "fe:ee:0b:ca:e5:69", [two]: "fe:ee:0b:ca:e5:69" };
    const ended = direct(gateway, [one, two]);
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      "FAILED   direct routing  127.0.0.2, 127.0.0.3 all have the MAC fe:ee:0b:ca:e5:69: this network forwards by address, as a VPC does, so frames for 10.0.0.12 come back. " +
        "Fix: set entry.forwarding: nat, or choose another kind of entry",
    ]);
  });

  test("is refused where no frame is answered, and warned of one that is not", () => {
    const none = direct(own, []);
    expect(none.status).toBe(1);
    expect(failures(none)).toEqual([
      expect.stringContaining(
        "127.0.0.2 does not answer a frame for 10.0.0.12 that was sent to its MAC, for 1 s. Fix: look whether it holds 10.0.0.12 on lo; if so, set entry.forwarding: nat",
      ),
      expect.stringContaining("127.0.0.3 does not answer a frame for 10.0.0.12"),
    ]);
    const some = direct(own, [two]);
    expect(some.status).toBe(0);
    expect(some.stdout).toMatch(/^warning +direct routing +127\.0\.0\.2 does not answer a frame/m);
  });

  test("is refused while no real server is up: nothing is proven", () => {
    const ended = direct({}, [], { peers: [peer], direct: "10.0.0.12 10.0.0.64" });
    expect(failures(ended)).toEqual([
      "FAILED   direct routing  no real server is up: whether frames reach them cannot be proven. Fix: start one, then run again",
    ]);
  });
});

root("a node whose network policies are enforced", () => {
  /** What a rule can hand packets to a program with, and what was said where it cannot. */
  const queueing = (way: string, said = "") =>
    preflight({
      queues: "98",
      host: `preflight.packet_queue.way = lambda queue: (${JSON.stringify(way)}, ${JSON.stringify(said)}) if queue == '98' else ('', queue)`,
    });

  test("is fit where packets reach who decides on them", () => {
    const { stdout, status } = queueing("nft");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok +packet queue +packets reach who listens to queue 98$/m);
  });

  test("is refused where the kernel hands packets to nobody: all would pass", () => {
    const ended = queueing("", "nft: No such file or directory; iptables: No chain");
    expect(ended.status).toBe(1);
    expect(failures(ended)).toEqual([
      "FAILED   packet queue  the kernel hands no packets to programs, so no network policy would be enforced here: nft: No such file or directory; iptables: No chain. " +
        "Fix: use an image whose kernel has CONFIG_NETFILTER_NETLINK_QUEUE and CONFIG_NFT_QUEUE, as Debian's has, or set podNetwork.networkPolicy: none",
    ]);
  });

  test("is told where only rules of iptables do, which the published agent does not write", () => {
    const { stdout, status } = queueing("iptables");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^warning +packet queue +rules of iptables hand packets to programs, but nft has no/m,
    );
  });

  test("finds out in a network of its own, with a packet, and touches no rule of the host", () => {
    const rules = () => run("nft", ["list", "tables"]).stdout;
    const before = rules();
    const program = `import sys; sys.path.insert(0, ${JSON.stringify(scripts)}); import packet_queue; print(packet_queue.way("98"))`;
    const { stdout, stderr } = run("python3", ["-c", program], "", {
      PYTHONDONTWRITEBYTECODE: "1",
    });
    expect(stderr).toBe("");
    // By this machine's kernel and programs; whatever they can, somebody could listen.
    expect(stdout).toMatch(/^\('(nft|iptables)', .*\)$|^\('', ".*(nft|iptables): .*"\)$/m);
    expect(rules()).toBe(before);
  });
});

describe("a machine id", () => {
  /** A host whose machine id is so many hours older than its first boot. */
  function machineId(content: string, hours: number, booted = true): string {
    const host = temporaryDirectory();
    const sem = join(host, "var/lib/cloud/instance/sem");
    mkdirSync(join(host, "etc"));
    mkdirSync(sem, { recursive: true });
    writeFileSync(join(host, "etc/machine-id"), content);
    const firstBoot = Date.now() / 1000 + hours * 3600;
    if (booted) {
      writeFileSync(join(sem, "config_users_groups"), "");
      utimesSync(join(sem, "config_users_groups"), firstBoot, firstBoot);
    }
    const program = `import sys; sys.path.insert(0, ${JSON.stringify(scripts)}); import preflight; print(*preflight.machine_id(${JSON.stringify(host)}))`;
    return run("python3", ["-c", program], "", { PYTHONDONTWRITEBYTECODE: "1" }).stdout;
  }
  const id = `${"0123456789abcdef".repeat(2)}\n`;

  test("made at first boot is fine", () => {
    expect(machineId(id, 0)).toMatch(/^ok machine id 0123/);
  });
  test("that came with the image is refused", () => {
    expect(machineId(id, 30)).toMatch(
      /^FAILED machine id 0123\w+ is (29|30) h older than this host: the image has it, and so has every host of it rm \/etc\/machine-id/,
    );
  });
  test("that is none is refused", () => {
    expect(machineId("", 0)).toMatch(
      /^FAILED machine id \/etc\/machine-id holds '', no machine id/,
    );
  });
  test("without a trace of the first boot is left alone", () => {
    expect(machineId(id, 0, false)).toMatch(/^warning machine id cloud-init left no mark/);
  });
});
