import { zoneQuorumFaults } from "../../../components/plan/rules/quorum";
import { clusterName, membersByCluster } from "../../facts/instances";
import { isUnknown, text } from "../../facts/values";
import { type Rule } from "../rule";

/** Counts the etcd members in each zone, cluster by cluster. One zone for all is fine: then there is nothing to gain. */
export const noZoneHoldsQuorum: Rule = {
  id: "placement-no-zone-holds-a-quorum",
  description: "With members in more than one zone, no zone holds a quorum of etcd.",
  level: "mandatory",
  why: "When the zone that holds a quorum is lost, so is the quorum: the members elsewhere cost latency and save nothing.",
  source: 'etcd FAQ, "What is failure tolerance?"',
  fix: "Spread the members over three zones, or put all in one",
  scope: "stack",
  judge: (stack) =>
    [...membersByCluster(stack, "etcd")].flatMap(([cluster, members]) => {
      const urn = members[0]?.resource.urn;
      const zones = members.map(({ resource }) => resource.props.availabilityZone);
      if (zones.some(isUnknown)) {
        const message = `cluster ${clusterName(cluster)}: the zone of an etcd member is known only after the update`;
        return [{ message, fix: "Write the zones down in the program", urn, undecided: true }];
      }
      return zoneQuorumFaults(zones.map((zone) => text(zone) ?? "(no zone)")).map((fault) => ({
        message: `cluster ${clusterName(cluster)}: ${fault.message}`,
        fix: fault.fix,
        urn,
      }));
    }),
};
