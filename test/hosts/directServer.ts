import { join } from "node:path";
import type { DesiredWorld } from "../../lab/hosts/types";
import { run, type RunResult } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { emptyWorld } from "../../lab/hosts/types";
import { accept, host, LoginKeys, TestLab } from "./lab";
import { installPackages } from "./packages";

export const addresses = {
  bastion: "10.20.0.11",
  director: "10.20.0.12",
  realOne: "10.20.0.13",
  realTwo: "10.20.0.14",
  client: "10.20.0.15",
  vip: "10.20.0.100",
  bastionEip: "198.51.100.10",
  vipEip: "198.51.100.20",
} as const;

export const ids = {
  bastion: "ins-bastion",
  director: "ins-director",
  realOne: "ins-realone",
  realTwo: "ins-realtwo",
  client: "ins-client",
} as const;

/** Port of the service behind the VIP. */
export const port = 8080;

/** What real servers run: tells its name, and how much was sent to it. */
const service = `
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import gethostname

class Service(BaseHTTPRequestHandler):
    def answer(self, text):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self):
        self.answer(gethostname())
    def do_POST(self):
        self.answer(str(len(self.rfile.read(int(self.headers["Content-Length"])))))

ThreadingHTTPServer(("", ${port}), Service).serve_forever()
`;

/** A lab with a director that has IPVS, real servers with the VIP on their loopback, a client beside them, and a bastion: LVS by direct routing. */
export class DirectServer {
  readonly keys = new LoginKeys();
  readonly desired: DesiredWorld;

  constructor(readonly lab: TestLab) {
    this.desired = {
      ...structuredClone(emptyWorld),
      securityGroups: [
        {
          securityGroupId: "sg-bastion",
          ingress: [accept({ ports: "22" })],
          egress: [accept({ protocol: "ALL" })],
        },
        {
          securityGroupId: "sg-server",
          ingress: [
            accept({ ports: "22", securityGroupId: "sg-bastion" }),
            accept({ ports: String(port) }),
            accept({ protocol: "ALL", securityGroupId: "sg-server" }),
          ],
          egress: [accept({ protocol: "ALL" })],
        },
        { securityGroupId: "sg-client", ingress: [], egress: [accept({ protocol: "ALL" })] },
      ],
      haVips: [
        {
          haVipId: "havip-one",
          vip: addresses.vip,
          subnetId: "subnet-test0001",
          allowedInstanceIds: [ids.director, ids.realTwo],
          publicIp: addresses.vipEip,
        },
      ],
      disks: [{ diskId: "disk-one", sizeGiB: 2 }],
    };
  }

  /** Boots it all; the director serves the VIP, which it has announced, through both real servers. */
  async start(): Promise<void> {
    const { lab, keys, desired } = this;
    await keys.make();
    const named = (name: keyof typeof ids, group: string, more = {}): DesiredWorld["hosts"][0] =>
      host(ids[name].slice("ins-".length), addresses[name], {
        securityGroupIds: [group],
        userData: keys.userData(name.toLowerCase()),
        ...more,
      });
    desired.hosts = [
      named("bastion", "sg-bastion", { publicIp: addresses.bastionEip }),
      named("director", "sg-server", {
        tags: { "kubernetes-ha/role": "balancer" },
        dataDisks: [{ diskId: "disk-one", sizeGiB: 2 }],
      }),
      named("realOne", "sg-server"),
      named("realTwo", "sg-server"),
      named("client", "sg-client"),
    ];
    await lab.open();
    await this.apply();
    await Promise.all(
      [ids.bastion, ids.realOne, ids.realTwo, ids.client].map((id) => lab.sshUp(id)),
    );
    for (const real of [ids.realOne, ids.realTwo])
      await lab.mustOn(
        real,
        [
          "set -e",
          "sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2",
          `ip addr add ${addresses.vip}/32 dev lo`,
          `cat >/run/service.py <<'PROGRAM'\n${service}\nPROGRAM`,
          "systemd-run --quiet --unit=service -- python3 /run/service.py",
        ].join("\n"),
      );
    await waitFor({ what: "the director's sshd", deadlineSeconds: 120 }, () =>
      this.mustOnDirector("cloud-init status --wait >/dev/null && echo up"),
    );
    await installPackages((...order) => this.mustOnDirector(...order), ["ipvsadm", "libnl-"]);
    await this.mustOnDirector(
      [
        `ip addr add ${addresses.vip}/32 dev host0`,
        "modprobe ip_vs_rr",
        `ipvsadm -A -t ${addresses.vip}:${port} -s rr`,
        ...[addresses.realOne, addresses.realTwo].map(
          (real) => `ipvsadm -a -t ${addresses.vip}:${port} -r ${real}:${port} -g`,
        ),
        `arping -q -U -c 2 -w 2 -I host0 ${addresses.vip} || true`,
      ].join(" && "),
    );
  }

  async stop(): Promise<void> {
    await this.lab.world.close({ keepDisks: false });
    this.keys.remove();
  }

  async apply(): Promise<void> {
    await this.lab.world.apply(structuredClone(this.desired));
    await this.lab.world.booted();
  }

  hostOf(instanceId: string): DesiredWorld["hosts"][0] {
    const found = this.desired.hosts.find((each) => each.instanceId === instanceId);
    if (!found) throw new Error(`no ${instanceId}`);
    return found;
  }

  /** As a person, through the bastion: the one way to a host with a kernel of its own. */
  onDirector(command: string, input?: string): Promise<RunResult> {
    const { bastionEip, director } = addresses;
    return this.lab.ssh(
      this.keys.identity,
      director,
      `sudo -n sh -c '${command}'`,
      bastionEip,
      input,
    );
  }

  async mustOnDirector(command: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.onDirector(command, input);
    if (code !== 0) throw new Error(`on the director: ${command}: ${code} ${stderr} ${stdout}`);
    return stdout.trim();
  }

  /** What the service behind an address answers the client: a real server's name, or nothing. */
  async ask(address: string): Promise<string> {
    const { stdout } = await this.lab.on(ids.client, `curl -s -m 3 http://${address}:${port}/`);
    return stdout.trim();
  }

  /** The same, asked by the operator, who is outside. */
  async askFromOutside(address: string): Promise<string> {
    const command = ["curl", "--noproxy", "*", "-s", "-m", "3", `http://${address}:${port}/`];
    return (await run(command, { netns: this.lab.operatorNetns })).stdout.trim();
  }

  /** What the preflight of a director finds of frames that it sends to the real servers, a line each. */
  async directRouting(): Promise<string[]> {
    const scripts = join(__dirname, "../../components/scripts");
    const archive = await run(["sh", "-c", 'tar -c -C "$0" . | base64', scripts]);
    const reals = [addresses.realOne, addresses.realTwo];
    const program = [
      "import preflight",
      "preflight.DIRECT_SECONDS = 10",
      `reals = "${reals.join(" ")}".split()`,
      "[preflight.icmp.echo(real) for real in reals]",
      `[print(*finding) for finding in preflight.by_mac("${addresses.vip}", reals, reals)]`,
    ].join("\n");
    const place = "mkdir -p /tmp/scripts && base64 -d | tar -xC /tmp/scripts && cd /tmp/scripts";
    const said = await this.mustOnDirector(
      `${place} && echo ${Buffer.from(program).toString("base64")} | base64 -d >probe.py && python3 -B probe.py`,
      archive.stdout,
    );
    return said.split("\n");
  }
}

/** MAC addresses by which the client got what the VIP sent, while it asked. */
export async function sendersOfVip(server: DirectServer): Promise<Set<string>> {
  const { lab } = server;
  await lab.mustOn(
    ids.client,
    `systemd-run --quiet --unit=senders -- sh -c 'exec tcpdump -l -n -e -i host0 "src ${addresses.vip} and tcp" >/run/senders 2>/run/senders.log'; until grep -q listening /run/senders.log; do sleep 0.1; done`,
  );
  for (let i = 0; i < 4; i++) await server.ask(addresses.vip);
  await lab.mustOn(ids.client, "sleep 1; systemctl stop senders");
  const seen = await lab.mustOn(ids.client, "cat /run/senders");
  return new Set(seen.match(/(?<=^\S+ )[0-9a-f:]{17}(?= >)/gm) ?? []);
}
