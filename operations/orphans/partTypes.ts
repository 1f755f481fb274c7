type Inputs = Record<string, unknown>;

// What tells one part of a resource from another, by the names that the provider's inputs have.
export const listenerPart = ({ protocol, port }: Inputs) => `${String(protocol)} ${String(port)}`;
export const associationPart = ({ listenerId }: Inputs) => String(listenerId);
export const memberPart = ({ bindIp, port }: Inputs) => `${String(bindIp)}:${String(port)}`;
export const routePart = ({ routeTableId, destinationCidrBlock }: Inputs) =>
  `${String(routeTableId)} ${String(destinationCidrBlock)}`;
export const recordPart = ({ recordType, subDomain }: Inputs) =>
  `${String(recordType)} ${String(subDomain)}`;

/** Types that live in another resource: the input that names it, and which of its parts they are, by their inputs. */
export const partTypes: Record<string, { resource: string; part: (inputs: Inputs) => string }> = {
  "tencentcloud:index/clbListener:ClbListener": { resource: "clbId", part: listenerPart },
  "tencentcloud:index/clbTargetGroupAttachment:ClbTargetGroupAttachment": {
    resource: "targetGroupId",
    part: associationPart,
  },
  "tencentcloud:index/clbTargetGroupInstanceAttachment:ClbTargetGroupInstanceAttachment": {
    resource: "targetGroupId",
    part: memberPart,
  },
  // A gateway's: the table is the VPC's own, and in no state.
  "tencentcloud:index/routeTableEntry:RouteTableEntry": { resource: "nextHub", part: routePart },
  "tencentcloud:index/privateDnsRecord:PrivateDnsRecord": { resource: "zoneId", part: recordPart },
};
