import type { z } from "zod";
import {
  type ClusterPlan,
  type HostPlan,
  parseClusterConfig,
  planCluster,
} from "../../../components/plan";
import { fixedSettings, poolSettings, settingChanges } from "../../../components/plan/changes";
import { keptRoles } from "../../../components/plan/roles";
import { clusterSchema } from "../../../components/plan/schema";
import { imageOf } from "../../../components/plan/images";
import { proxyEnvironment } from "../../../components/plan/proxy";
import { prepareHost } from "../../../components/preparation";
import { registryWayFault } from "../../../components/registry";
import {
  distributionFiles,
  harborFiles,
  renderAdmission,
  renderApiserverPatch,
  renderAuthentication,
  renderCorefile,
  renderCoredns,
  renderEtcdConfiguration,
  renderInitConfiguration,
  renderKubeletPatch,
  renderNodeSettings,
  renderPodNetwork,
  snapshotFiles,
} from "../../../components/render";
import { exampleOf, settingExamples } from "./settingExamples";

/** Lists that are one setting: an element has no meaning of its own to a living cluster. */
const wholes = ["workers[].taints", "entry.extraFrontends"];

/** Every setting of the schema: `etcd.disk.type`, `workers[].labels`. */
function settingsOf(schema: unknown, path = ""): string[] {
  const { def } = schema as { def: z.core.$ZodTypeDef & Record<string, unknown> };
  const inner = def["innerType"] ?? def["in"];
  if (inner !== undefined) return settingsOf(inner, path);
  if (def.type === "object") {
    return Object.entries(def["shape"] as object).flatMap(([key, each]) =>
      settingsOf(each, path === "" ? key : `${path}.${key}`),
    );
  }
  if (def.type === "array" && !wholes.includes(path)) {
    const elements = settingsOf(def["element"], `${path}[]`);
    return elements.every((each) => each === `${path}[]`) ? [path] : elements;
  }
  if (def.type === "union") {
    const branches = (def["options"] as unknown[]).flatMap((each) => settingsOf(each, path));
    return branches.some((each) => each === path || each.startsWith(`${path}[`))
      ? [path]
      : branches;
  }
  return [path];
}

const settings = [...new Set(settingsOf(clusterSchema))];

test("the table has every setting, and none that is not there", () => {
  expect(settings.length).toBeGreaterThan(80);
  expect(Object.keys(settingChanges).sort()).toEqual([...settings].sort());
});

/** What of a living cluster is protected, and would be replaced or removed when it differs. */
function protectedParts({ network, hosts, placementGroups }: ClusterPlan): string[] {
  return [
    `vpc ${network.name} ${network.vpcCidr}`,
    ...network.subnets.map(({ name, zone, cidr }) => `subnet ${name} ${zone} ${cidr}`),
    ...placementGroups
      .filter(({ role }) => keptRoles.includes(role))
      .map(({ name, type }) => `group ${name} ${type}`),
    ...hosts
      .filter(({ role }) => keptRoles.includes(role))
      .map(({ name, zone, dataDisk }) => `host ${name} ${zone} ${dataDisk?.name ?? ""}`),
  ];
}

/** Everything that hosts are told, and that the cloud is asked for: what a change that is applied must show in. */
function told(plan: ClusterPlan): Record<string, unknown> {
  const { config, hosts, masters, etcd } = plan;
  const each = <T>(of: readonly HostPlan[], what: (host: HostPlan) => T) =>
    Object.fromEntries(of.map((host) => [host.name, what(host)]));
  return {
    machines: each(
      hosts,
      ({ instanceType, systemDisk, dataDisk, tags, zone, address, charge }) => ({
        ...{ instanceType, systemDisk, dataDisk, tags, zone, address },
        // What was paid before is ignored of one that lives.
        charge: { ...charge, months: 0 },
      }),
    ),
    prepared: each(hosts, (host) => prepareHost(plan, host)),
    masters: each(masters, (host) => [
      renderInitConfiguration(plan, host),
      renderKubeletPatch(plan, host),
      renderApiserverPatch(plan, host),
      renderAdmission(plan),
      renderAuthentication(plan),
      renderCoredns(plan),
      renderCorefile(plan),
      renderNodeSettings(plan),
      renderPodNetwork(plan.podNetwork),
    ]),
    etcd: each(etcd, (host) => renderEtcdConfiguration(plan, host)),
    snapshots: [config.etcd.snapshots.enabled, each(etcd, (host) => snapshotFiles(plan, host))],
    groups: plan.securityGroups,
    wayOut: plan.network.nat,
    entry: plan.entry,
    registry: [
      { ...plan.registry, hosts: [] },
      each(plan.registry?.hosts ?? [], (host) => {
        if (plan.registry?.kind !== "harbor")
          return plan.registry && distributionFiles(plan.registry, host);
        const proxy = proxyEnvironment(plan);
        return harborFiles(plan.registry, host, {
          imageOf: (image) => imageOf(config, image),
          proxy,
        });
      }),
    ],
    asked: config.preflight.cloud,
    overlaps: [config.pki.rotation.kubernetesCa, config.pki.rotation.serviceAccountKey].map(
      ({ overlap }) => overlap,
    ),
    unseen: [config.pki.rotation.frontProxyCa, config.pki.rotation.operatorKey],
    departures: [config.drain, hosts.filter(({ leaving }) => leaving).map(({ name }) => name)],
    tags: plan.tags,
  };
}

/** Without what hosts are born with, which stands in what an entry keeps of its own. */
const textOf = (all: unknown) =>
  JSON.stringify(all, (key, value: unknown) => (key === "imageId" ? undefined : value));

/** Machines by what makes another one of them. */
const machinesOf = ({ hosts }: ClusterPlan) =>
  hosts.map(({ name, zone, address, generation }) => `${name} ${zone} ${address} ${generation}`);

/** Settings that a pool which is there before and after keeps, and that differ. */
function keptByPool(was: ClusterPlan, is: ClusterPlan): string[] {
  const after = new Map(poolSettings(is));
  return poolSettings(was).flatMap(([pool, values]) =>
    Object.keys(values).filter((setting) => {
      const now = after.get(pool);
      return now !== undefined && now[setting] !== values[setting];
    }),
  );
}

const reached = (registry: ClusterPlan["registry"]) => ({ KIND: registry?.kind ?? "" });

const nothing = { fixedThat: [], ofPool: [], lost: [] };

const planned = (config: unknown) => planCluster(parseClusterConfig(config));

test.each(settings.filter((setting) => setting !== "podNetwork.kind"))(
  "a change of %s does what the table says",
  (setting) => {
    const change = settingChanges[setting];
    const { before, after } = exampleOf(setting);
    const [was, is] = [planned(before), planned(after)];
    const fixedAfter = new Map(fixedSettings(is));
    const fixedThat = fixedSettings(was).flatMap(([name, value]) =>
      fixedAfter.get(name) === value ? [] : [name],
    );
    const ofPool = keptByPool(was, is);
    const lost = protectedParts(was).filter((part) => !protectedParts(is).includes(part));
    const changed = textOf(told(was)) !== textOf(told(is));
    const gone = machinesOf(was).filter((each) => !machinesOf(is).includes(each));
    switch (change?.effect) {
      case "applied":
        expect({ fixedThat, ofPool, lost, changed }).toEqual({ ...nothing, changed: true });
        break;
      case "new hosts":
        expect({ fixedThat, ofPool, lost, changed }).toEqual({ ...nothing, changed: false });
        break;
      case "replaced":
        expect({ fixedThat, ofPool, lost }).toEqual(nothing);
        expect(gone).not.toEqual([]);
        break;
      default:
        // Of one that each zone has for itself, the zone is told.
        if (change?.by === "fixed")
          expect(fixedThat.map((each) => each.replace(/\.ap-[-\w]+$/, ""))).toContain(setting);
        else if (change?.by === "pool") expect(ofPool).toContain(setting);
        else if (change?.by === "reached")
          expect(registryWayFault(reached(was.registry), reached(is.registry))).toContain(setting);
        else expect(lost).not.toEqual([]);
    }
  },
);

test("every setting has an example", () => {
  expect(settings.filter((setting) => !(setting in settingExamples))).toEqual(["podNetwork.kind"]);
});
