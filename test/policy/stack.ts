import { type FixtureResource, tokenOf, unknown } from "./judge";

/** A stack that all rules on instances and groups allow, as a preview of a new cluster shows it. */
export function compliantStack(): FixtureResource[] {
  const group = (role: string): FixtureResource => ({
    type: tokenOf("placementGroup"),
    name: `group-${role}`,
    props: { name: `prod-${role}`, type: "HOST", affinity: 1 },
  });
  const hosts = (role: string, count: number, extra: Partial<FixtureResource> = {}) =>
    Array.from({ length: count }, (_, index): FixtureResource => ({
      type: tokenOf("instance"),
      name: `${role}-${index + 1}`,
      props: {
        tags: { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": role },
        placementGroupId: unknown,
        availabilityZone: "ap-guangzhou-6",
        privateIp: unknown,
      },
      from: { placementGroupId: [`group-${role}`] },
      ...extra,
    }));
  const free = (role: string, count: number) =>
    hosts(role, count).map(({ type, name, props: { tags, privateIp } }) => ({
      type,
      name,
      props: { tags, privateIp },
    }));
  return [
    group("etcd"),
    group("master"),
    group("balancer"),
    ...hosts("etcd", 3),
    ...hosts("master", 3),
    ...hosts("balancer", 2),
    ...free("worker", 2),
    ...free("bastion", 1),
    ...["etcd-1", "etcd-2", "etcd-3"].flatMap(dataDisk),
    // Something of another kind, with nothing a rule asks for.
    { type: "random:index/randomId:RandomId", name: "salt", props: { byteLength: 4 } },
  ];
}

/** Hosts of a registry, in a strict group, beside those of {@link compliantStack}. */
export function registryHosts(count: number): FixtureResource[] {
  const [balancer, group] = ["balancer-1", "group-balancer"].map((name) =>
    named(compliantStack(), name),
  ) as [FixtureResource, FixtureResource];
  const hosts = Array.from({ length: count }, (_, index) => ({
    ...balancer,
    name: `registry-${index + 1}`,
    props: {
      ...balancer.props,
      tags: { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": "registry" },
    },
    from: { placementGroupId: ["group-registry"] },
  }));
  return [{ ...group, name: "group-registry" }, ...hosts];
}

/** The data disk of an instance: `<instance>-data`, and its attachment. */
export function dataDisk(instance: string): FixtureResource[] {
  const disk: FixtureResource = {
    type: tokenOf("disk"),
    name: `${instance}-data`,
    props: {
      storageType: "CLOUD_HSSD",
      storageSize: 100,
      tags: { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": "etcd" },
    },
  };
  const attachment: FixtureResource = {
    type: tokenOf("diskAttachment"),
    name: `${instance}-attachment`,
    props: { instanceId: unknown, storageId: unknown },
    from: { instanceId: [instance], storageId: [disk.name] },
  };
  return [disk, attachment];
}

/** The resource of a name, to change it in place. */
export function named(stack: readonly FixtureResource[], name: string): FixtureResource {
  const found = stack.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`the fixture has no ${name}`);
  return found;
}

/** Tags of a resource, to change them in place. */
export function tagsOf(resource: FixtureResource): Record<string, string | undefined> {
  return resource.props.tags as Record<string, string | undefined>;
}
