import { X509Certificate } from "node:crypto";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

async function registeredBy(config: ClusterConfigInput): Promise<Registered[]> {
  const registered = await record();
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const command = "command:remote:Command";

/** What each step of a cluster registers for review, by its name. */
const stepsOf = (registered: Registered[]) =>
  new Map(
    registered
      .filter(({ type, name }) => type === command && !name.endsWith("-departure"))
      .map(({ name, inputs }) => [name, (inputs as unknown as CommandInputs).triggers[1]]),
  );

describe("nodeLocal", () => {
  const clusterOf = (masters: number) => {
    const config: ClusterConfigInput = { ...minimalConfig(), entry: { kind: "nodeLocal" } };
    config.masters.members = masters;
    return registeredBy(config);
  };

  test("makes no host, no address and no step: its proxies are a part of what hosts are prepared with", async () => {
    const registered = await clusterOf(3);
    const types = registered.map(({ type }) => type);
    const count = (type: string) => types.filter((each) => each === type).length;
    expect(count("tencentcloud:index/haVip:HaVip")).toBe(0);
    // 3 of etcd, 3 masters, 2 workers, the bastion.
    expect(count("tencentcloud:index/instance:Instance")).toBe(9);
    expect(count("tencentcloud:index/placementGroup:PlacementGroup")).toBe(2);
    expect([...stepsOf(registered).keys()].sort()).toEqual([
      "prod-bastion-1-prepare",
      ...["1", "2", "3"].flatMap((key) =>
        ["etcd", "prepare", "upkeep"].map((step) => `prod-etcd-${key}-${step}`),
      ),
      ...["1", "2", "3"].flatMap((key) => [
        `prod-master-${key}-control-plane`,
        `prod-master-${key}-prepare`,
      ]),
      "prod-worker-1-worker",
      "prod-worker-2-worker",
    ]);
  });

  test("registers where the entry is, for the policies", async () => {
    const entry = (await clusterOf(3)).find(
      ({ type }) => type === "kubernetes-ha:entry:NodeLocalEntry",
    );
    expect(entry?.inputs).toEqual({
      cluster: "prod",
      entry: {
        kind: "nodeLocal",
        proxy: "haproxy",
        apiName: "api.prod.internal",
        endpoint: "api.prod.internal:6443",
        port: 6443,
        address: "127.0.0.1",
      },
    });
  });

  test("another master is told to every host with a proxy, and to no host of etcd by its own step", async () => {
    const [before, after] = [stepsOf(await clusterOf(2)), stepsOf(await clusterOf(3))];
    const changed = [...before].flatMap(([name, step]) =>
      JSON.stringify(step) === JSON.stringify(after.get(name)) ? [] : [name],
    );
    expect(changed.filter((name) => /-(bastion|worker)-/.test(name)).sort()).toEqual([
      "prod-bastion-1-prepare",
      "prod-worker-1-worker",
      "prod-worker-2-worker",
    ]);
    expect(changed.filter((name) => name.endsWith("-etcd"))).toEqual([]);
  });
});

describe("what is fronted beside the API", () => {
  const { balancers } = minimalConfig().entry;
  const web = { name: "web", port: 443, servers: ["10.9.0.10:80"] };
  const entry = { balancers, extraFrontends: [{ ...web, mode: "https", hostname: "web.test" }] };
  const secretFilesOf = async (config: ClusterConfigInput) => {
    const registered = await registeredBy(config);
    const step = registered.find(({ name }) => name === "prod-balancer-1-balancer");
    const { stdin } = step?.inputs as unknown as CommandInputs;
    const { files } = JSON.parse(stdin) as {
      files: { path: string; content: string; mode: string }[];
    };
    return files.filter(({ path }) => path === "/etc/haproxy/frontends.pem");
  };

  test("over TLS balancers have a certificate for it, and its key, for root alone", async () => {
    const config = { ...minimalConfig(), entry } as ClusterConfigInput;
    const [file, ...others] = await secretFilesOf(config);
    expect(others).toEqual([]);
    expect(file?.mode).toBe("0600");
    expect(new X509Certificate(file?.content ?? "").checkHost("web.test")).toBe("web.test");
    expect(file?.content).toContain("BEGIN PRIVATE KEY");
  });

  test("without TLS there is none", async () => {
    const plain = { balancers, extraFrontends: [web] };
    expect(await secretFilesOf({ ...minimalConfig(), entry: plain })).toEqual([]);
    expect(await secretFilesOf(minimalConfig())).toEqual([]);
  });
});
