import fc from "fast-check";
import type { ClusterConfigInput } from "../../components/plan/config";
import { newestVersions } from "../../components/plan/schema/versions";

const zoneNames = ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"] as const;
/** Types that the local cloud sells. */
const types = ["S5.SMALL2", "S5.MEDIUM4", "S5.LARGE8", "SA2.LARGE16", "S6.2XLARGE32"];
const diskTypes = ["CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD", "CLOUD_TSSD"] as const;

const instanceType = fc.constantFrom(...types);
const disk = fc.record({
  type: fc.constantFrom(...diskTypes),
  sizeGiB: fc.constantFrom(50, 60, 100),
});
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** A count, numbers with holes between them, or letters, and now and then a zone of a member's own. */
function members(counts: number[], zones: readonly string[]) {
  const keysOf = (count: number) =>
    fc.constantFrom(
      Array.from({ length: count }, (_, i) => String(i + 1)),
      Array.from({ length: count }, (_, i) => String(2 * i + 1)),
      Array.from({ length: count }, (_, i) => String.fromCharCode(97 + i)),
    );
  return fc.constantFrom(...counts).chain((count) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(count) },
      { weight: 2, arbitrary: keysOf(count) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(keysOf(count), fc.array(fc.constantFrom(...zones), { minLength: count }))
          .map(([keys, at]) => keys.map((key, i) => ({ key, zone: at[i] }))),
      },
    ),
  );
}

function network(zones: readonly string[]) {
  return fc
    .record({
      second: fc.constantFrom("10.50", "172.16", "192.168"),
      prefix: fc.constantFrom(20, 22, 24),
      podCidr: fc.constantFrom("10.244.0.0/16", "10.128.0.0/14", "10.50.0.0/16"),
      serviceCidr: fc.constantFrom("10.96.0.0/16", "10.97.0.0/20"),
    })
    .map(({ second, prefix, podCidr, serviceCidr }) => ({
      vpcCidr: `${second}.0.0/16`,
      zones: zones.map((zone, i) => ({ zone, subnetCidr: `${second}.${16 * i}.0/${prefix}` })),
      podCidr,
      serviceCidr,
    }));
}

function pool(name: string, index: number, zones: readonly string[]) {
  return fc.record({
    pool: fc.constant(name),
    members: members([0, 1, 2], zones),
    instanceType,
    systemDisk: optional(disk),
    zone: optional(fc.constantFrom(...zones)),
    addressBlock: fc.constantFrom(index, index, 0),
    labels: fc.constantFrom<Record<string, string>>({}, { tier: name }, { "example.com/x": "" }),
    taints: fc.constantFrom([], [{ key: "dedicated", effect: "NoSchedule" as const }]),
  });
}

/**
 * Small clusters, shaped as people would write them. About half break some rule: an even etcd, balancers in two zones, a range
 * that overlaps, two pools on the same addresses.
 */
export const clusterConfigs: fc.Arbitrary<ClusterConfigInput> = fc
  .shuffledSubarray([...zoneNames], { minLength: 1, maxLength: 3 })
  .chain((zones) => {
    const roles = fc.record({
      bastion: fc.record({
        instanceType,
        allowedCidrs: fc.constantFrom(["203.0.113.0/24"], ["198.18.0.0/15", "203.0.113.7/32"]),
      }),
      etcd: fc.oneof(
        {
          weight: 3,
          arbitrary: fc.record({
            members: members([3, 3, 3, 3, 2, 4], zones),
            instanceType,
            disk: optional(disk),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            topology: fc.constant("stacked" as const),
            disk: optional(disk),
          }),
        },
      ),
      masters: fc.record({ members: members([2, 2, 2, 3, 1], zones), instanceType }),
      entry: fc.oneof(
        {
          weight: 3,
          arbitrary: fc.record({
            balancers: fc.record({ members: members([2, 2, 2, 3], zones), instanceType }),
            virtualRouterId: fc.integer({ min: 1, max: 255 }),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant("nodeLocal" as const),
            proxy: fc.constantFrom("haproxy" as const, "nginx" as const, "ipvs" as const),
          }),
        },
        { weight: 1, arbitrary: fc.record({ on: fc.constant("masters" as const) }) },
      ),
      workers: fc
        .constantFrom([], ["general"], ["general", "db"], ["general", "general"])
        .chain((names) => fc.tuple(...names.map((name, i) => pool(name, i, zones)))),
    });
    const rest = fc.record({
      name: fc.constantFrom("a", "fuzz", "team-x-prod1", "a-name-of-20-letters"),
      imageId: fc.constant("img-7ag0z2jt"),
      versions: fc.constant(newestVersions),
      sshUser: fc.constantFrom("kubernetes", "ops"),
      tags: fc.constantFrom<Record<string, string>>({}, { team: "platform", note: "über" }),
      network: network(zones),
      sources: fc.constantFrom(
        undefined,
        { preset: "china" as const },
        {
          kind: "mirror" as const,
          baseUrl: "https://mirror.example.com/artifacts",
          imageRepository: "registry.example.com/kubernetes-ha",
        },
      ),
      controlPlane: fc.record({ podEvictionSeconds: fc.integer({ min: 5, max: 3600 }) }),
      kubelet: fc.record({ maxPods: fc.integer({ min: 10, max: 250 }) }),
      kubeProxy: fc.record({ mode: fc.constantFrom("nftables" as const, "iptables" as const) }),
    });
    // What is undefined is not there at all, as in a file.
    return fc
      .tuple(rest, roles)
      .map(
        (parts) => JSON.parse(JSON.stringify(Object.assign({}, ...parts))) as ClusterConfigInput,
      );
  });
