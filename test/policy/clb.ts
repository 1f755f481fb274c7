import { type FixtureResource, tokenOf, unknown } from "./judge";

/** A CLB listener of the API, checked as often as a CLB can. */
export function listener(props: Record<string, unknown> = {}): FixtureResource {
  return {
    type: tokenOf("balancerListener"),
    name: "listener",
    props: {
      port: 6443,
      protocol: "TCP",
      healthCheckSwitch: true,
      healthCheckIntervalTime: 2,
      healthCheckUnhealthNum: 2,
      healthCheckTimeOut: 2,
      ...props,
    },
  };
}

/** What a listener sends connections to: one target an instance, by the names of the instances. */
export function targets(...instances: string[]): FixtureResource {
  return {
    type: tokenOf("balancerTargets"),
    name: "targets",
    props: {
      listenerId: unknown,
      targets: instances.map(() => ({ instanceId: unknown, port: 6443, weight: 10 })),
    },
    from: { listenerId: ["listener"], targets: instances },
  };
}

/** The same by a target group: itself, what leads the listener to it, and a member an instance. */
export function targetGroup(...instances: string[]): FixtureResource[] {
  const group: FixtureResource = {
    type: tokenOf("targetGroup"),
    name: "group",
    props: { targetGroupName: "prod-masters" },
  };
  const led: FixtureResource = {
    type: tokenOf("targetGroupAttachment"),
    name: "led",
    props: { listenerId: unknown, targetGroupId: unknown },
    from: { listenerId: ["listener"], targetGroupId: ["group"] },
  };
  const members = instances.map((instance): FixtureResource => ({
    type: tokenOf("targetGroupMember"),
    name: `${instance}-member`,
    props: { bindIp: unknown, port: 6443, weight: 10, targetGroupId: unknown },
    from: { bindIp: [instance], targetGroupId: ["group"] },
  }));
  return [group, led, ...members];
}
