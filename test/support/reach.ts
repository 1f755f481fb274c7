import type { ClusterPlan, HostPlan, SecurityRule } from "../../components/plan/cluster";
import { run } from "../../lab/process";
import type { TestLab } from "./lab";

/** Declared ports, their neighbours, and what often listens by accident. */
const dialled = [
  22, 80, 111, 2379, 2380, 2381, 6443, 8080, 8404, 10249, 10250, 10255, 10256, 10257, 10259, 30000,
  32767, 32768,
];

/**
 * Dials every (address, port) at once. A refused connection got through the security group, a silent one did not:
 * groups drop without an answer. Seconds enough for a machine that has much else to do.
 */
const dialler = `
import asyncio, json, sys
async def dial(address, port):
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 6)
        writer.close()
        return True
    except ConnectionRefusedError:
        return True
    except (OSError, asyncio.TimeoutError):
        return False
async def main():
    targets = json.loads(sys.argv[1])
    answers = await asyncio.gather(*(dial(*target) for target in targets))
    print(json.dumps([target for target, ok in zip(targets, answers) if ok]))
asyncio.run(main())
`;

/** Open ports by "source -> destination"; `operator` is the outside world. */
export type Reach = Record<string, number[]>;

/** One host of each role dials all hosts; so does the operator, at the bastion's public address and at a private one. */
export async function reachFrom(lab: TestLab, plan: ClusterPlan): Promise<Reach> {
  const reach: Reach = {};
  const dial = async (source: HostPlan): Promise<void> => {
    const targets = others(plan, source).flatMap(({ address }) =>
      dialled.map((port) => [address, port]),
    );
    const answer = await lab.onHost(
      source.name,
      `python3 -c '${dialler}' '${JSON.stringify(targets)}'`,
    );
    record(reach, source.name, plan, JSON.parse(answer) as [string, number][]);
    for (const { name } of others(plan, source)) reach[`${source.name} -> ${name}`] ??= [];
  };
  await Promise.all(sources(plan).map((source) => dial(source)));
  const { publicIp } = lab.operator.outputs.bastion;
  const private_ = plan.masters[0]?.address ?? "";
  const targets = [publicIp, private_].flatMap((address) => dialled.map((port) => [address, port]));
  const { stdout, stderr } = await run(["python3", "-c", dialler, JSON.stringify(targets)], {
    netns: lab.identity.operatorNetns,
  });
  if (stdout === "") throw new Error(`the operator could not dial: ${stderr}`);
  const open = JSON.parse(stdout) as [string, number][];
  reach["operator -> bastion"] = open
    .filter(([address]) => address === publicIp)
    .map(([, port]) => port);
  reach["operator -> master"] = open
    .filter(([address]) => address === private_)
    .map(([, port]) => port);
  return reach;
}

/** What the plan's security groups declare of the same dials. */
export function expectedReach(plan: ClusterPlan): Reach {
  const reach: Reach = {};
  for (const source of sources(plan))
    for (const target of others(plan, source)) {
      const rules = plan.securityGroups.find(({ role }) => role === target.role)?.ingress ?? [];
      reach[`${source.name} -> ${target.name}`] = dialled.filter((port) =>
        rules.some((rule) => allows(rule, source, port)),
      );
    }
  reach["operator -> bastion"] = [22];
  reach["operator -> master"] = [];
  return reach;
}

function sources(plan: ClusterPlan): HostPlan[] {
  return [plan.bastion, plan.etcd[0], plan.masters[0], plan.balancers[0], plan.workers[0]].filter(
    (host) => host !== undefined,
  );
}

function others(plan: ClusterPlan, source: HostPlan): HostPlan[] {
  return plan.hosts.filter(({ name }) => name !== source.name);
}

function record(reach: Reach, source: string, plan: ClusterPlan, open: [string, number][]): void {
  for (const [address, port] of open) {
    const target = plan.hosts.find((host) => host.address === address);
    (reach[`${source} -> ${target?.name ?? address}`] ??= []).push(port);
  }
}

/** Rules of the plan name either a role or a range; the only ranges inside the VPC are for ICMP. */
function allows(rule: SecurityRule, source: HostPlan, port: number): boolean {
  if (rule.protocol !== "TCP" && rule.protocol !== "ALL") return false;
  if (rule.role !== source.role) return false;
  if (rule.port === "ALL") return true;
  const [first = 0, last = first] = rule.port.split("-").map(Number);
  return port >= first && port <= last;
}
