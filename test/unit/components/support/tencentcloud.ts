import * as pulumi from "@pulumi/pulumi";

/** Outputs that the program has read, `<type>.<name>`; an id is no field of any schema. */
export const outputsRead = new Set<string>();

/** What is asked of any resource, by the SDK itself above all. */
const common: readonly string[] = ["id", "urn", "then", "toJSON", "constructor"];

/**
 * Stands in for the generated SDK, which a checkout without the toolchain does not have: every class registers a resource of
 * the bridge's type name with the inputs it is given. What the real provider makes of them is the cloud and engine tests' matter.
 */
function resource(name: string, outputs: string[] = []) {
  const type = `tencentcloud:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  return class extends pulumi.CustomResource {
    constructor(
      resourceName: string,
      args: Record<string, unknown>,
      opts?: pulumi.CustomResourceOptions,
    ) {
      const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
      super(type, resourceName, { ...unknown, ...args }, opts);
      return new Proxy(this, {
        get(target, property, receiver) {
          const own = typeof property === "string" && !property.startsWith("__");
          if (own && !common.includes(property) && !(property in pulumi.CustomResource.prototype))
            outputsRead.add(`${type}.${property}`);
          return Reflect.get(target, property, receiver) as unknown;
        },
      });
    }
  };
}

export const Vpc = resource("Vpc");
export const Subnet = resource("Subnet", ["routeTableId"]);
export const NatGateway = resource("NatGateway");
export const RouteTableEntry = resource("RouteTableEntry");
export const SecurityGroup = resource("SecurityGroup");
export const SecurityGroupRuleSet = resource("SecurityGroupRuleSet");
export const PlacementGroup = resource("PlacementGroup");
export const KeyPair = resource("KeyPair");
export const CamRole = resource("CamRole");
export const CamPolicy = resource("CamPolicy");
export const CamRolePolicyAttachment = resource("CamRolePolicyAttachment");
export const CbsStorage = resource("CbsStorage");
export const CbsStorageAttachment = resource("CbsStorageAttachment");
export const HaVip = resource("HaVip");
export const HaVipInstanceAttachment = resource("HaVipInstanceAttachment");
export const Eip = resource("Eip", ["publicIp"]);
export const EipAssociation = resource("EipAssociation");
export const ClbInstance = resource("ClbInstance");
export const ClbListener = resource("ClbListener", ["listenerId"]);
export const ClbTargetGroup = resource("ClbTargetGroup");
export const ClbTargetGroupAttachment = resource("ClbTargetGroupAttachment");
export const ClbTargetGroupInstanceAttachment = resource("ClbTargetGroupInstanceAttachment");
export const PrivateDnsZone = resource("PrivateDnsZone");
export const PrivateDnsRecord = resource("PrivateDnsRecord");
