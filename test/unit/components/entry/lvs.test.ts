import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HaCluster } from "../../../../components/cluster";
import type { ClusterConfigInput } from "../../../../components/plan/config";
import type { StepTrigger } from "../../../../components/remote/remoteStep";
import { exampleConfig } from "../../../../lab/examples";
import { type CommandInputs, record, type Registered, settled } from "../support/recording";

const base = readFileSync(join(__dirname, "../../../../Pulumi.lab.yaml"), "utf8");

/** What the lab's example of an entry registers. */
async function registeredBy(entry: string): Promise<Registered[]> {
  const { config } = exampleConfig(base, { entry });
  const registered = await record();
  new HaCluster("lab", {
    config: config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput,
  });
  await settled(registered);
  return registered;
}

const command = "command:remote:Command";
const haVip = "tencentcloud:index/haVip:HaVip";
const count = (registered: Registered[], type: string) =>
  registered.filter((each) => each.type === type).length;

/** Steps of what stands before the masters, by name. */
function entrySteps(registered: Registered[]): Map<string, StepTrigger> {
  return new Map(
    registered
      .filter(({ type, name }) => type === command && /-(director|haproxy)$/.test(name))
      .map(({ name, inputs }) => [
        name,
        (inputs as unknown as CommandInputs).triggers[1] as StepTrigger,
      ]),
  );
}
const pathsOf = (step: StepTrigger | undefined) =>
  [...(step?.files ?? []), ...(step?.secretFiles ?? [])].map(({ path }) => path);

describe("by direct routing, straight to the masters", () => {
  let made: Registered[];
  beforeAll(async () => (made = await registeredBy("lvs-dr")));

  test("two directors more, and no HAVIP: the address is theirs who announce it", () => {
    expect(count(made, "tencentcloud:index/instance:Instance")).toBe(11);
    expect(count(made, haVip)).toBe(0);
    expect(count(made, "tencentcloud:index/placementGroup:PlacementGroup")).toBe(3);
    expect(count(made, "tencentcloud:index/securityGroup:SecurityGroup")).toBe(6);
    // The bastion and the workers one, members of etcd three, all others two; and what leaving takes, of etcd, masters and workers.
    expect(count(made, command)).toBe(22 + 8);
  });

  test("directors are told of keepalived alone", () => {
    const steps = entrySteps(made);
    expect([...steps.keys()].sort()).toEqual([
      "lab-director-1-director",
      "lab-director-2-director",
    ]);
    for (const step of steps.values()) {
      expect(step.params).toEqual({ VIP: "10.20.1.12", SERVICES: [] });
      expect(pathsOf(step)).toEqual([
        "/etc/keepalived/keepalived.conf",
        "/etc/systemd/system/keepalived.service.d/10-kubernetes-ha.conf",
      ]);
    }
  });

  test("the entry registers where it is and how it forwards", () => {
    const entry = made.find(({ type }) => type === "kubernetes-ha:entry:LvsEntry");
    expect(entry?.inputs).toMatchObject({
      entry: {
        kind: "lvs",
        forwarding: "dr",
        vip: "10.20.1.12",
        endpoint: "api.lab.internal:6443",
      },
    });
  });
});

describe("by NAT, before HAProxy", () => {
  let made: Registered[];
  beforeAll(async () => (made = await registeredBy("lvs-nat")));

  test("directors and balancers, and one HAVIP, which may go when another entry has come", () => {
    expect(count(made, "tencentcloud:index/instance:Instance")).toBe(13);
    expect(count(made, "tencentcloud:index/placementGroup:PlacementGroup")).toBe(4);
    expect(count(made, "tencentcloud:index/securityGroup:SecurityGroup")).toBe(6);
    expect(count(made, command)).toBe(26 + 8);
    const [vip, ...others] = made.filter(({ type }) => type === haVip);
    expect(others).toEqual([]);
    expect(vip?.inputs).toMatchObject({ name: "lab-lvs", vip: "10.20.1.12" });
    expect(vip?.options).toMatchObject({ protect: false, deleteBeforeReplace: true });
  });

  test("directors translate before they forward, balancers hold no VIP", () => {
    const steps = entrySteps(made);
    expect([...steps.keys()].sort()).toEqual([
      ...["lab-balancer-1-haproxy", "lab-balancer-2-haproxy"],
      ...["lab-director-1-director", "lab-director-2-director"],
    ]);
    const director = steps.get("lab-director-2-director");
    const unit = "kubernetes-ha-masquerade.service";
    expect(director?.params["SERVICES"]).toEqual([
      `${unit} /etc/kubernetes-ha/masquerade.rules /etc/systemd/system/${unit}`,
    ]);
    expect(pathsOf(director)).toContain("/etc/kubernetes-ha/masquerade.rules");
    const balancer = pathsOf(steps.get("lab-balancer-1-haproxy"));
    expect(balancer).toContain("/etc/haproxy/haproxy.cfg");
    expect(JSON.stringify(balancer)).not.toContain("keepalived");
  });
});
