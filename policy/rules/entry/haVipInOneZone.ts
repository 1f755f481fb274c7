import { clusterName, membersByCluster } from "../../facts/instances";
import { type Resource, type Stack } from "../../facts/stack";
import { isUnknown, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Compares the subnet of every HAVIP with those of the instances that may take it. */
export const haVipInOneZone: Rule = {
  id: "entry-havip-in-one-zone",
  description: "Everybody who may take a HAVIP is in its subnet, and so in its zone.",
  level: "mandatory",
  why: "A HAVIP belongs to one subnet: a balancer elsewhere announces it, nothing reaches it, and the VIP is gone.",
  source: "Tencent Cloud VPC, document 215/31817 (HAVIP limits)",
  fix: "Put all who may take it in the subnet of the HAVIP; for an entry over zones use a CLB",
  scope: "stack",
  judge: (stack) =>
    stack.of("haVip").length === 0
      ? []
      : [
          ...holdersApart(stack),
          ...stack.of("haVipAttachment").flatMap((one) => judgeAttachment(stack, one)),
        ],
};

/** Whether those who may hold a cluster's VIP are in one zone: its directors, or its balancers where it has none. */
function holdersApart(stack: Stack): Finding[] {
  const directors = membersByCluster(stack, "director");
  const holders = new Map([...membersByCluster(stack, "balancer"), ...directors]);
  return [...holders].flatMap(([cluster, members]) => {
    const what = directors.has(cluster) ? "director" : "balancer";
    const urn = members[0]?.resource.urn;
    const given = members.map(({ resource }) => resource.props.availabilityZone);
    if (given.some(isUnknown)) {
      const message = `cluster ${clusterName(cluster)}: the zone of a ${what} is known only after the update`;
      return [{ message, fix: "Write the zones down in the program", urn, undecided: true }];
    }
    const zones = [...new Set(given)];
    if (zones.length <= 1) return [];
    const message = `cluster ${clusterName(cluster)}: the ${what}s are in ${zones.join(", ")}, but a HAVIP belongs to one subnet, so to one zone`;
    return [{ message, urn }];
  });
}

function judgeAttachment(stack: Stack, attachment: Resource): Finding[] {
  const [vip] = stack.sources(attachment, "haVipId", "haVip");
  const [instance] = stack.sources(attachment, "instanceId", "instance");
  if (vip === undefined || instance === undefined || !apart(stack, vip, instance)) return [];
  const message = `${instance.name} may take the HAVIP ${vip.name}, but is in another subnet`;
  return [{ message, urn: instance.urn }];
}

/** Whether two resources are in different subnets, by the subnets of the stack their ids come from, or by the ids. */
function apart(stack: Stack, a: Resource, b: Resource): boolean {
  const subnets = [a, b].map((one) => stack.sources(one, "subnetId", "subnet")[0]?.urn);
  const ids = [a, b].map(({ props }) => text(props.subnetId));
  return [subnets, ids].some(
    ([there, here]) => there !== undefined && here !== undefined && there !== here,
  );
}
