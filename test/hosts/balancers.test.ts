import { rmSync } from "node:fs";
import { inCidr, probeRange } from "../../lab/hosts/addresses";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { sweep } from "../../lab/hosts/leftovers";
import { must } from "../../lab/process";
import { runningProcesses } from "../../lab/runningProcesses";
import { waitFor } from "../../lab/wait";
import { b, BalancedLab, bIp, c, cIp, client, clientIp, vip } from "./balancedLab";
import { accept } from "./lab";

const lab = new BalancedLab("balancers");

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  await lab.start();
}, 600_000);

afterAll(async () => {
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
}, 120_000);

describe("a load balancer", () => {
  it("keeps the client's address and takes targets in turn", async () => {
    expect(await lab.dialAgain(client, 4)).toEqual(
      ["b", "b", "c", "c"].map((name) => `${name} ${clientIp}`),
    );
  }, 120_000);

  it("takes them by weight, by least connections, by the caller", async () => {
    const names = async (count: number): Promise<string> =>
      (await lab.dialAgain(client, count)).map((answer) => answer[0]).join("");
    const weigh = (instanceId: string, weight: number): void =>
      lab.listener.targets
        .filter((each) => each.instanceId === instanceId)
        .forEach((each) => (each.weight = weight));
    await lab.change(() => weigh(b, 30));
    expect(await names(8)).toBe("bbbbbbcc");
    await lab.change(() => weigh(b, 10));
    await lab.change(() => (lab.listener.sticky = true));
    expect(new Set(await names(4)).size).toBe(1);
    await lab.change(() => (lab.listener.sticky = false));
    const held = await lab.hold("least");
    const holder = (await held.says("here"))[0] as string;
    await lab.change(() => (lab.listener.scheduler = "LEAST_CONN"));
    expect(await lab.dial(client)).toBe(`${holder === "b" ? "c" : "b"} ${clientIp}`);
    await lab.change(() => (lab.listener.scheduler = "WRR"));
    await lab.mustOn(client, "systemctl stop least");
  }, 120_000);

  it("is not a way around security groups, unless it is told to be", async () => {
    await lab.change(() => (lab.balancer.securityGroupIds = ["sg-closed"]));
    expect(await lab.dial(client)).toBe("nobody (1)");
    await lab.change(() => (lab.balancer.securityGroupIds = []));
    const rules = lab.desired.securityGroups[1]?.ingress.splice(0) ?? [];
    await lab.change();
    expect(await lab.dial(client)).toBe("nobody (1)");
    await lab.change(() => (lab.balancer.passToTarget = true));
    expect(await lab.dial(client)).toContain(clientIp);
    await lab.change(() => {
      lab.balancer.passToTarget = false;
      lab.desired.securityGroups[1]?.ingress.push(...rules);
    });
    expect(await lab.dial(client)).toContain(clientIp);
    // Its port has no other way in, and a port without a listener is silent.
    expect(await lab.dials(client, vip, 6444)).toBe(false);
  }, 120_000);

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
    const check = lab.listener.healthCheck;
    if (!check) throw new Error("no check");
    await lab.change(() => (check.source = "vip"));
    await lab.become({ [b]: "Dead", [c]: "Dead" });
    const ingress = lab.desired.securityGroups[1]?.ingress ?? [];
    await lab.change(() => void ingress.push(accept({ ports: "6444", cidr: `${vip}/32` })));
    await lab.become({ [b]: "Alive", [c]: "Alive" });
    expect(await lab.mustOn(b, "tail -n 1 /run/probes")).toBe(vip);
    await lab.change(() => {
      ingress.pop();
      check.source = "range";
    });
    await lab.become({ [b]: "Alive", [c]: "Alive" });
  }, 120_000);

  it("take a frozen target out of turn, and back in", async () => {
    const freeze = (power: "frozen" | "running"): void =>
      lab.desired.hosts
        .filter(({ instanceId }) => instanceId === c)
        .forEach((each) => (each.power = power));
    await lab.change(() => freeze("frozen"));
    await lab.become({ [b]: "Alive", [c]: "Dead" });
    expect(await lab.dialAgain(client, 4)).toEqual(Array(4).fill(`b ${clientIp}`));
    await lab.change(() => freeze("running"));
    await lab.become({ [b]: "Alive", [c]: "Alive" });
    expect(new Set(await lab.dialAgain(client, 4)).size).toBe(2);
  }, 120_000);

  it("that all fail take nobody out", async () => {
    await Promise.all([b, c].map((id) => lab.ready(id, false)));
    await lab.become({ [b]: "Dead", [c]: "Dead" });
    expect(new Set(await lab.dialAgain(client, 4)).size).toBe(2);
    await lab.ready(b, true);
    await lab.become({ [b]: "Alive", [c]: "Dead" });
    expect(await lab.dialAgain(client, 4)).toEqual(Array(4).fill(`b ${clientIp}`));
  }, 120_000);

  it("leave a target that calls its own load balancer hanging, as it would behind the real one", async () => {
    // b alone is in turn.
    const { code, stdout } = await lab.on(b, `curl -sS -m 3 telnet://${vip}:6443 </dev/null`);
    expect([code, stdout]).toEqual([28, ""]);
    // Led to another target, the same call works: what hangs depends on whose turn it is.
    expect(await lab.dial(c)).toBe(`b ${cIp}`);
    await lab.ready(c, true);
    await lab.become({ [b]: "Alive", [c]: "Alive" });
    const answers = await lab.dialAgain(b, 4);
    expect(answers).toEqual([`c ${bIp}`, `c ${bIp}`, "nobody (1)", "nobody (1)"]);
  }, 120_000);
});

describe("connections that are established", () => {
  const drain = (weights: Record<string, number>): void =>
    lab.listener.targets.forEach((each) => (each.weight = weights[each.instanceId] ?? each.weight));

  it("stay with a target of weight 0, and with one that is deregistered; new ones go elsewhere", async () => {
    const held = await lab.hold("drained");
    const holder = (await held.says("one")).startsWith("b") ? b : c;
    await lab.change(() => drain({ [holder]: 0 }));
    expect(await held.says("two")).toContain("two");
    const other = holder === b ? "c" : "b";
    expect(await lab.dialAgain(client, 3)).toEqual(Array(3).fill(`${other} ${clientIp}`));
    const targets = lab.listener.targets;
    await lab.change(
      () => (lab.listener.targets = targets.filter((each) => each.instanceId !== holder)),
    );
    expect(await held.says("three")).toContain("three");
    await lab.change(() => {
      lab.listener.targets = targets;
      drain({ [b]: 10, [c]: 10 });
    });
    await lab.become({ [b]: "Alive", [c]: "Alive" });
    expect(await held.says("four")).toContain("four");
    // It would be forgotten when nothing passed for the listener's idle time; the kernel's own would be days.
    const tracked = await must(["cat", "/proc/net/nf_conntrack"], { netns: `${lab.id}-vpc` });
    const line = tracked.stdout.split("\n").find((each) => /ESTABLISHED.* dport=6443/.test(each));
    const [, left] = / tcp +6 (\d+) ESTABLISHED/.exec(line ?? "") ?? [];
    expect(Number(left)).toBeGreaterThan(600);
    expect(Number(left)).toBeLessThanOrEqual(900);
    // With two-way RST they end instead.
    await lab.change(() => (lab.listener.reset.zeroWeight = true));
    expect(await held.says("five")).toContain("five");
    await lab.change(() => drain({ [holder]: 0 }));
    expect(await held.says("six")).toBe("ended");
    await lab.change(() => {
      lab.listener.reset.zeroWeight = false;
      drain({ [b]: 10, [c]: 10 });
    });
  }, 180_000);

  it("outlive the daemon and the prober; the next ones go on with what the last knew", async () => {
    const held = await lab.hold("durable");
    await lab.ready(c, false);
    await lab.become({ [b]: "Alive", [c]: "Dead" });
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
    await lab.ready(c, true);
    await waitFor({ what: "both to be called", deadlineSeconds: 60 }, async () =>
      new Set(await lab.dialAgain(client, 2)).size === 2 ? true : undefined,
    );
    await lab.ready(c, false);
    await lab.open();
    await lab.world.apply(structuredClone(lab.desired));
    await lab.world.booted();
    expect(pids()).toEqual(prober);
    await lab.become({ [b]: "Alive", [c]: "Dead" });
    process.kill(prober[0] as number, "SIGKILL");
    expect(await lab.dialAgain(client, 2)).toEqual(Array(2).fill(`b ${clientIp}`));
    expect(await held.says("killed")).toContain("killed");
    await waitFor({ what: "another prober", deadlineSeconds: 30 }, () => {
      const [pid] = pids();
      return Promise.resolve(pid === undefined || pid === prober[0] ? undefined : pid);
    });
    await lab.ready(c, true);
    await lab.become({ [b]: "Alive", [c]: "Alive" });
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
    await lab.change(() => {
      const [record] = lab.desired.privateZones[0]?.records ?? [];
      if (record) record.value = bIp;
    });
    expect((await lookUp("api.k8s.test")).stdout).toBe(`${bIp}\n`);
  });
});

it("leaves nothing when the world is closed", async () => {
  await lab.world.close({ keepDisks: false });
  expect(describeInventory(inventory(lab.id))).toEqual([]);
}, 120_000);
