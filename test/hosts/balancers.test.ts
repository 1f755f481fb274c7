import { rmSync } from "node:fs";
import type { LoadBalancerSpec, ListenerSpec } from "../../lab/hosts/loadBalancer";
import { inCidr, probeRange } from "../../lab/hosts/addresses";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { sweep } from "../../lab/hosts/leftovers";
import type { DesiredWorld } from "../../lab/hosts/types";
import { must } from "../../lab/process";
import { runningProcesses } from "../../lab/runningProcesses";
import { waitFor } from "../../lab/wait";
import { accept, emptyWorld, host, TestLab } from "./lab";

const lab = new TestLab("khatest4");
const [client, b, c] = ["ins-client", "ins-b", "ins-c"] as const;
const [clientIp, bIp, cIp, vip] = [
  "10.20.0.11",
  "10.20.0.12",
  "10.20.0.13",
  "10.20.0.200",
] as const;
let desired: DesiredWorld;

/**
 * Serves on port 6443 who it is and who calls, then echoes lines; on port 6444 HTTP, which answers while the file /run/ready is there. Callers of
 * the latter go to /run/probes.
 */
const server = `
import http.server, os, socket, socketserver, threading
class Api(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(f"{socket.gethostname()} {self.client_address[0]}\\n".encode())
        for line in self.rfile:
            self.wfile.write(line)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open("/run/probes", "a").write(self.client_address[0] + "\\n")
        self.send_response(200 if os.path.exists("/run/ready") else 503)
        self.end_headers()
    def log_message(self, *args):
        pass
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
threading.Thread(target=Server(("", 6443), Api).serve_forever).start()
Server(("", 6444), Ready).serve_forever()
`;

const listener = (): ListenerSpec => balancer().listeners[0] as ListenerSpec;
const balancer = (): LoadBalancerSpec => desired.loadBalancers[0] as LoadBalancerSpec;

/** Changes the wanted state and waits until the world is like it. */
async function change(edit: () => void): Promise<void> {
  edit();
  await lab.world.apply(structuredClone(desired));
}

/** Dials the load balancer. @returns who answered, and the caller it saw; what nc ended with if nobody did. */
async function dial(from: string): Promise<string> {
  const { stdout, code } = await lab.on(from, `nc -N -w 2 ${vip} 6443 </dev/null`);
  return stdout.trim() || `nobody (${code})`;
}
async function dials(from: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let n = 0; n < count; n++) answers.push(await dial(from));
  return answers.sort();
}
const states = (): Record<string, string> =>
  Object.fromEntries(lab.world.targetHealth().map(({ instanceId, state }) => [instanceId, state]));
async function become(wanted: Record<string, string>): Promise<void> {
  await waitFor(
    { what: `targets to be ${JSON.stringify(wanted)}`, deadlineSeconds: 30, everyMs: 50 },
    (seen) => {
      seen(JSON.stringify(states()));
      const like = Object.entries(wanted).every(([id, state]) => states()[id] === state);
      return Promise.resolve(like ? true : undefined);
    },
  );
}
const ready = (id: string, is: boolean): Promise<string> =>
  lab.mustOn(id, is ? "touch /run/ready" : "rm /run/ready");

/** A connection through the load balancer that stays, and echoes. */
async function hold(name: string): Promise<{ says: (word: string) => Promise<string> }> {
  await lab.mustOn(
    client,
    `rm -f /run/${name}.*; mkfifo /run/${name}.in; systemd-run --quiet --unit=${name} -- sh -c 'exec 3<>/run/${name}.in; exec nc ${vip} 6443 <&3 >/run/${name}.out 2>&1'`,
  );
  const heard = (word: string): Promise<string> =>
    waitFor({ what: `an answer with ${word}`, deadlineSeconds: 10, everyMs: 50 }, async (seen) => {
      const { stdout } = await lab.on(client, `cat /run/${name}.out; systemctl is-active ${name}`);
      seen(stdout);
      if (stdout.includes(word)) return stdout;
      return stdout.includes("inactive") || stdout.includes("failed") ? "ended" : undefined;
    });
  await heard(clientIp);
  return {
    says: async (word) => {
      await lab.on(client, `echo ${word} >/run/${name}.in`, 3);
      return heard(word);
    },
  };
}

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  const target = (instanceId: string, address: string) => ({
    instanceId,
    address,
    port: 6443,
    weight: 10,
  });
  desired = {
    ...structuredClone(emptyWorld),
    hosts: [
      host("client", clientIp, { securityGroupIds: ["sg-client"] }),
      host("b", bIp, { securityGroupIds: ["sg-target"] }),
      host("c", cIp, { securityGroupIds: ["sg-target"] }),
    ],
    securityGroups: [
      { securityGroupId: "sg-client", ingress: [], egress: [accept({ protocol: "ALL" })] },
      {
        securityGroupId: "sg-target",
        // Of what the checks ask for, nothing.
        ingress: [
          accept({ ports: "6443", securityGroupId: "sg-client" }),
          accept({ ports: "6443", securityGroupId: "sg-target" }),
        ],
        egress: [accept({ protocol: "ALL" })],
      },
      { securityGroupId: "sg-closed", ingress: [], egress: [] },
    ],
    loadBalancers: [
      {
        loadBalancerId: "lb-api",
        vip,
        vpcId: "vpc-test0001",
        securityGroupIds: [],
        passToTarget: false,
        listeners: [
          {
            listenerId: "lbl-api",
            port: 6443,
            scheduler: "WRR",
            sticky: false,
            idleSeconds: 900,
            healthCheck: {
              kind: "HTTP",
              timeout: 0.4,
              interval: 0.5,
              healthyAfter: 2,
              unhealthyAfter: 2,
              port: 6444,
              source: "range",
              http: { domain: "", path: "/readyz", method: "GET", version: "HTTP/1.1", codes: 2 },
            },
            reset: { deregistered: false, unhealthy: false, zeroWeight: false, afterSeconds: 0 },
            targets: [target(b, bIp), target(c, cIp)],
          },
        ],
      },
    ],
    privateZones: [
      {
        domain: "k8s.test",
        vpcIds: ["vpc-test0001"],
        forward: false,
        records: [
          { name: "api", type: "A", value: vip, ttl: 60, mx: 0, weight: 0 },
          { name: "www", type: "CNAME", value: "api.k8s.test", ttl: 60, mx: 0, weight: 0 },
        ],
      },
      { domain: "other.test", vpcIds: ["vpc-other"], forward: false, records: [] },
    ],
  };
  await lab.open();
  await lab.world.apply(structuredClone(desired));
  await Promise.all([client, b, c].map((id) => lab.sshUp(id)));
  for (const id of [b, c]) {
    await lab.mustOn(id, `cat >/run/server.py <<'EOF'\n${server}\nEOF`);
    await lab.mustOn(
      id,
      "touch /run/ready; systemd-run --quiet --unit=server -- python3 /run/server.py",
    );
  }
  await become({ [b]: "Alive", [c]: "Alive" });
}, 600_000);

afterAll(async () => {
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
}, 60_000);

describe("a load balancer", () => {
  it("keeps the client's address and takes targets in turn", async () => {
    expect(await dials(client, 4)).toEqual(
      ["b", "b", "c", "c"].map((name) => `${name} ${clientIp}`),
    );
  }, 30_000);

  it("takes them by weight, by least connections, by the caller", async () => {
    const names = async (count: number): Promise<string> =>
      (await dials(client, count)).map((answer) => answer[0]).join("");
    const weigh = (instanceId: string, weight: number): void =>
      listener()
        .targets.filter((each) => each.instanceId === instanceId)
        .forEach((each) => (each.weight = weight));
    await change(() => weigh(b, 30));
    expect(await names(8)).toBe("bbbbbbcc");
    await change(() => weigh(b, 10));
    await change(() => (listener().sticky = true));
    expect(new Set(await names(4)).size).toBe(1);
    await change(() => (listener().sticky = false));
    const held = await hold("least");
    const holder = (await held.says("here"))[0] as string;
    await change(() => (listener().scheduler = "LEAST_CONN"));
    expect(await dial(client)).toBe(`${holder === "b" ? "c" : "b"} ${clientIp}`);
    await change(() => (listener().scheduler = "WRR"));
    await lab.mustOn(client, "systemctl stop least");
  }, 60_000);

  it("is not a way around security groups, unless it is told to be", async () => {
    await change(() => (balancer().securityGroupIds = ["sg-closed"]));
    expect(await dial(client)).toBe("nobody (1)");
    await change(() => (balancer().securityGroupIds = []));
    const rules = desired.securityGroups[1]?.ingress.splice(0) ?? [];
    await change(() => undefined);
    expect(await dial(client)).toBe("nobody (1)");
    await change(() => (balancer().passToTarget = true));
    expect(await dial(client)).toContain(clientIp);
    await change(() => {
      balancer().passToTarget = false;
      desired.securityGroups[1]?.ingress.push(...rules);
    });
    expect(await dial(client)).toContain(clientIp);
    // Its port has no other way in, and a port without a listener is silent.
    expect(await lab.dials(client, vip, 6444)).toBe(false);
  }, 60_000);

  it("is out of the operator's reach", async () => {
    const { operatorNetns: netns } = lab;
    await expect(must(["nc", "-z", "-w", "2", vip, "6443"], { netns })).rejects.toThrow(
      "ended with 1",
    );
  });
});

describe("health checks", () => {
  it("come from the documented range alone, past the targets' security groups", async () => {
    const sources = new Set((await lab.mustOn(b, "cat /run/probes")).split("\n"));
    expect([...sources].filter((address) => !inCidr(address, probeRange))).toEqual([]);
    expect(sources.size).toBeGreaterThan(0);
  });

  it("from the VIP are judged by the targets' groups", async () => {
    const check = listener().healthCheck;
    if (!check) throw new Error("no check");
    await change(() => (check.source = "vip"));
    await become({ [b]: "Dead", [c]: "Dead" });
    const ingress = desired.securityGroups[1]?.ingress ?? [];
    await change(() => void ingress.push(accept({ ports: "6444", cidr: `${vip}/32` })));
    await become({ [b]: "Alive", [c]: "Alive" });
    expect(await lab.mustOn(b, "tail -n 1 /run/probes")).toBe(vip);
    await change(() => {
      ingress.pop();
      check.source = "range";
    });
    await become({ [b]: "Alive", [c]: "Alive" });
  }, 60_000);

  it("take a frozen target out of turn, and back in", async () => {
    const freeze = (power: "frozen" | "running"): void =>
      desired.hosts
        .filter(({ instanceId }) => instanceId === c)
        .forEach((each) => (each.power = power));
    await change(() => freeze("frozen"));
    await become({ [b]: "Alive", [c]: "Dead" });
    expect(await dials(client, 4)).toEqual(Array(4).fill(`b ${clientIp}`));
    await change(() => freeze("running"));
    await become({ [b]: "Alive", [c]: "Alive" });
    expect(new Set(await dials(client, 4)).size).toBe(2);
  }, 60_000);

  it("that all fail take nobody out", async () => {
    await Promise.all([b, c].map((id) => ready(id, false)));
    await become({ [b]: "Dead", [c]: "Dead" });
    expect(new Set(await dials(client, 4)).size).toBe(2);
    await ready(b, true);
    await become({ [b]: "Alive", [c]: "Dead" });
    expect(await dials(client, 4)).toEqual(Array(4).fill(`b ${clientIp}`));
  }, 60_000);

  it("leave a target that calls its own load balancer hanging, as it would behind the real one", async () => {
    // b alone is in turn.
    const { code, stdout } = await lab.on(b, `curl -sS -m 3 telnet://${vip}:6443 </dev/null`);
    expect([code, stdout]).toEqual([28, ""]);
    // Led to another target, the same call works: what hangs depends on whose turn it is.
    expect(await dial(c)).toBe(`b ${cIp}`);
    await ready(c, true);
    await become({ [b]: "Alive", [c]: "Alive" });
    const answers = await dials(b, 4);
    expect(answers).toEqual([`c ${bIp}`, `c ${bIp}`, "nobody (1)", "nobody (1)"]);
  }, 60_000);
});

describe("connections that are established", () => {
  const drain = (weights: Record<string, number>): void =>
    listener().targets.forEach((each) => (each.weight = weights[each.instanceId] ?? each.weight));

  it("stay with a target of weight 0, and with one that is deregistered; new ones go elsewhere", async () => {
    const held = await hold("drained");
    const holder = (await held.says("one")).startsWith("b") ? b : c;
    await change(() => drain({ [holder]: 0 }));
    expect(await held.says("two")).toContain("two");
    const other = holder === b ? "c" : "b";
    expect(await dials(client, 3)).toEqual(Array(3).fill(`${other} ${clientIp}`));
    const targets = listener().targets;
    await change(() => (listener().targets = targets.filter((each) => each.instanceId !== holder)));
    expect(await held.says("three")).toContain("three");
    await change(() => {
      listener().targets = targets;
      drain({ [b]: 10, [c]: 10 });
    });
    await become({ [b]: "Alive", [c]: "Alive" });
    expect(await held.says("four")).toContain("four");
    // It would be forgotten when nothing passed for the listener's idle time; the kernel's own would be days.
    const tracked = await must(["cat", "/proc/net/nf_conntrack"], { netns: `${lab.id}-vpc` });
    const line = tracked.stdout.split("\n").find((each) => /ESTABLISHED.* dport=6443/.test(each));
    const [, left] = / tcp +6 (\d+) ESTABLISHED/.exec(line ?? "") ?? [];
    expect(Number(left)).toBeGreaterThan(600);
    expect(Number(left)).toBeLessThanOrEqual(900);
    // With two-way RST they end instead.
    await change(() => (listener().reset.zeroWeight = true));
    expect(await held.says("five")).toContain("five");
    await change(() => drain({ [holder]: 0 }));
    expect(await held.says("six")).toBe("ended");
    await change(() => {
      listener().reset.zeroWeight = false;
      drain({ [b]: 10, [c]: 10 });
    });
  }, 90_000);

  it("outlive the daemon and the prober; the next ones go on with what the last knew", async () => {
    const held = await hold("durable");
    await ready(c, false);
    await become({ [b]: "Alive", [c]: "Dead" });
    const pids = (): number[] =>
      runningProcesses()
        .filter(
          ({ argv }) =>
            argv.includes(lab.dir) && argv.some((each) => each.endsWith("platform/main.ts")),
        )
        .map(({ pid }) => pid);
    const prober = pids();
    expect(prober).toHaveLength(1);
    await lab.world.release();
    expect(await held.says("released")).toContain("released");
    // Nobody but the prober is there, and it goes on.
    await ready(c, true);
    await waitFor({ what: "both to be called", deadlineSeconds: 20 }, async () =>
      new Set(await dials(client, 2)).size === 2 ? true : undefined,
    );
    await ready(c, false);
    await lab.open();
    await lab.world.apply(structuredClone(desired));
    expect(pids()).toEqual(prober);
    await become({ [b]: "Alive", [c]: "Dead" });
    process.kill(prober[0] as number, "SIGKILL");
    expect(await dials(client, 2)).toEqual(Array(2).fill(`b ${clientIp}`));
    expect(await held.says("killed")).toContain("killed");
    await waitFor({ what: "another prober", deadlineSeconds: 30 }, () => {
      const [pid] = pids();
      return Promise.resolve(pid === undefined || pid === prober[0] ? undefined : pid);
    });
    await ready(c, true);
    await become({ [b]: "Alive", [c]: "Alive" });
    expect(await held.says("reborn")).toContain("reborn");
  }, 120_000);
});

describe("private names", () => {
  const lookUp = (name: string, options = ""): Promise<{ code: number; stdout: string }> =>
    lab.on(client, `RES_OPTIONS=${options} getent ahostsv4 ${name} | awk '{ print $1 }' | sort -u`);

  it("are answered to hosts of the VPCs their zone is bound to, over UDP and TCP", async () => {
    expect((await lookUp("api.k8s.test")).stdout).toBe(`${vip}\n`);
    expect((await lookUp("API.k8s.test.", "use-vc")).stdout).toBe(`${vip}\n`);
    expect((await lookUp("www.k8s.test")).stdout).toBe(`${vip}\n`);
    for (const name of ["no.k8s.test", "other.test", "example.com"])
      expect((await lookUp(name)).stdout).toBe("");
  });

  it("follow their records", async () => {
    await change(() => {
      const [record] = desired.privateZones[0]?.records ?? [];
      if (record) record.value = bIp;
    });
    expect((await lookUp("api.k8s.test")).stdout).toBe(`${bIp}\n`);
  });
});

it("leaves nothing when the world is closed", async () => {
  await lab.world.close({ keepDisks: false });
  expect(describeInventory(inventory(lab.id))).toEqual([]);
}, 60_000);
