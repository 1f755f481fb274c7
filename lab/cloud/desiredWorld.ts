import type {
  DesiredWorld,
  DiskSpec,
  HaVipSpec,
  HostSpec,
  RouteSpec,
  SecurityGroupRule,
  SecurityGroupSpec,
} from "../hosts/types";
import { desiredLoadBalancers } from "./desiredLoadBalancers";
import { desiredPrivateZones } from "./desiredPrivateZones";
import type { AddressRecord, InstanceRecord, PolicyRecord } from "./records";
import type { Store } from "./store";
import { tagsOf } from "./tags";

/**
 * Power an instance's body should have: what a power cycle needs, else what its physical host and the lab's faults leave of
 * what the owner asked for.
 */
export function effectivePower(
  instance: InstanceRecord,
  deadHosts: ReadonlySet<string>,
): HostSpec["power"] {
  if (deadHosts.has(instance.physicalHost)) {
    return "failed";
  }
  if (instance.cycle === "off") {
    return "stopped";
  }
  if (instance.power === "stopped" || instance.state === "STOPPED") {
    return "stopped";
  }
  return instance.overlay ?? "running";
}

/** True while an instance must have a body. */
export function hasBody(instance: InstanceRecord): boolean {
  return (
    instance.state !== "TERMINATING" &&
    instance.state !== "LAUNCH_FAILED" &&
    instance.launchFailure === undefined &&
    instance.cycle !== "absent"
  );
}

const ruleProtocols: Record<string, SecurityGroupRule["protocol"]> = {
  tcp: "TCP",
  udp: "UDP",
  icmp: "ICMP",
  all: "ALL",
};

/** Rules of protocols and addresses that no host of the lab has (IPv6, GRE) are left out: there is nothing to filter. */
function toRules(policies: PolicyRecord[]): SecurityGroupRule[] {
  return policies.flatMap((policy) => {
    const protocol = ruleProtocols[policy.protocol];
    if (!protocol || policy.ipv6Cidr !== "") {
      return [];
    }
    const peer =
      policy.securityGroupId !== ""
        ? { securityGroupId: policy.securityGroupId }
        : { cidr: policy.cidr };
    return [{ protocol, ports: policy.port, action: policy.action, ...peer }];
  });
}

/** Ids of the subnets that have a table of routes. */
function subnetsOf({ tables }: Store, routeTableId: string): string[] {
  return tables.subnets
    .list()
    .filter((subnet) => subnet.routeTableId === routeTableId)
    .map(({ id }) => id);
}

/** What the machines behind the cloud should be like, from what the cloud has stored. Reads only; same state, same answer. */
export function desiredWorld(store: Store): DesiredWorld {
  const { tables } = store;
  const dead = new Set(tables.deadHosts.list().map((each) => each.id));
  const subnetCidrs = new Map(tables.subnets.list().map((each) => [each.id, each.cidr]));
  const keys = new Map(tables.keyPairs.list().map((each) => [each.id, each.publicKey]));
  const bound = (address: AddressRecord): boolean =>
    address.status === "BINDING" || address.status === "BIND";
  const publicIps = new Map(
    tables.addresses
      .list()
      .filter((each) => bound(each) && each.targetId !== undefined)
      .map((each) => [each.targetId as string, each.ip]),
  );
  const behindNat = new Set(
    tables.routeTables
      .list()
      .filter(({ routes }) =>
        routes.some(
          (route) =>
            route.enabled &&
            route.destination === "0.0.0.0/0" &&
            route.gatewayType === "NAT" &&
            // Without an address it leads nowhere.
            publicIps.has(route.gatewayId),
        ),
      )
      .flatMap((table) => subnetsOf(store, table.id)),
  );
  const dataDisks = tables.disks.list().filter((each) => each.usage === "DATA_DISK");
  const disksOf = (instanceId: string): DiskSpec[] =>
    dataDisks
      .filter(
        (each) =>
          each.instanceId === instanceId &&
          (each.state === "ATTACHING" || each.state === "ATTACHED"),
      )
      .sort((a, b) => a.attachedSeq - b.attachedSeq)
      .map((each) => ({ diskId: each.id, sizeGiB: each.sizeGiB }));

  const hosts = tables.instances
    .list()
    .filter(hasBody)
    .map((each): HostSpec => {
      const publicIp = publicIps.get(each.id) ?? each.publicIp;
      return {
        instanceId: each.id,
        hostName: each.hostName,
        uuid: each.uuid,
        zone: each.zone,
        physicalHost: each.physicalHost,
        cpus: each.cpus,
        memoryMiB: each.memoryGiB * 1024,
        tags: tagsOf(store, "cvm/instance", each.id),
        vpcId: each.vpcId,
        subnetId: each.subnetId,
        privateIp: each.privateIp,
        subnetCidr: subnetCidrs.get(each.subnetId) ?? "",
        ...(each.userData !== "" && {
          userData: Buffer.from(each.userData, "base64").toString("utf8"),
        }),
        publicKeys: each.keyIds.flatMap((id) => keys.get(id) ?? []),
        power: effectivePower(each, dead),
        ...(each.linkCut && { linkCut: true }),
        ...(each.camRoleName !== "" && { hasRole: true }),
        securityGroupIds: each.securityGroupIds,
        systemDisk: {
          diskId: each.systemDiskId,
          sizeGiB: tables.disks.get(each.systemDiskId)?.sizeGiB ?? 50,
        },
        dataDisks: disksOf(each.id),
        ...(publicIp !== undefined && { publicIp }),
        ...(behindNat.has(each.subnetId) && { behindNat: true }),
      };
    });

  const securityGroups = tables.securityGroups.list().map((each): SecurityGroupSpec => ({
    securityGroupId: each.id,
    ingress: toRules(each.ingress),
    egress: toRules(each.egress),
  }));

  const haVips = tables.haVips.list().map((each): HaVipSpec => {
    const publicIp = publicIps.get(each.id);
    return {
      haVipId: each.id,
      vip: each.vip,
      subnetId: each.subnetId,
      ...(each.checkAssociate && { allowedInstanceIds: each.associations }),
      ...(each.ownerInstanceId !== undefined && { ownerInstanceId: each.ownerInstanceId }),
      ...(publicIp !== undefined && { publicIp }),
    };
  });

  const vips = new Map(tables.haVips.list().map((each) => [each.id, each.vip]));
  const routes = tables.routeTables.list().flatMap((table) =>
    table.routes.flatMap((route): RouteSpec[] => {
      const nextHopIp =
        route.gatewayType === "NORMAL_CVM"
          ? route.gatewayId
          : route.gatewayType === "HAVIP"
            ? vips.get(route.gatewayId)
            : undefined;
      return route.enabled && nextHopIp !== undefined
        ? [{ vpcId: table.vpcId, destinationCidr: route.destination, nextHopIp }]
        : [];
    }),
  );

  return {
    hosts,
    securityGroups,
    haVips,
    routes,
    disks: dataDisks.map((each) => ({ diskId: each.id, sizeGiB: each.sizeGiB })),
    loadBalancers: desiredLoadBalancers(store),
    privateZones: desiredPrivateZones(store),
  };
}
