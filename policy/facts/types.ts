import { componentTokens } from "../../components/plan/tokens";

/**
 * Type tokens of the resources the rules judge, all SDKs of Tencent Cloud in one table. The inputs have the same names in
 * all of them, as all are bridged from one Terraform provider.
 *
 * - `tencentcloud:index/…`: the SDK that `pulumi package add terraform-provider` generates, which this project uses.
 * - `tencentcloud:Module/…`: the vendor's own SDK (npm @tencentcloud_iac/pulumi, tencentcloudstack/pulumi-tencentcloud),
 *   with the names its first releases had where they differ.
 */
const tokens = {
  instance: ["index/instance", "Instance/instance", "Cvm/instance"],
  placementGroup: ["index/placementGroup", "Placement/group"],
  vpc: ["index/vpc", "Vpc/instance"],
  subnet: ["index/subnet", "Subnet/instance", "Vpc/subnet"],
  securityGroup: ["index/securityGroup", "Security/group"],
  securityGroupRuleSet: ["index/securityGroupRuleSet", "Security/groupRuleSet"],
  securityGroupLiteRule: ["index/securityGroupLiteRule", "Security/groupLiteRule"],
  securityGroupRule: ["index/securityGroupRule", "Security/groupRule"],
  disk: ["index/cbsStorage", "Cbs/storage"],
  diskAttachment: ["index/cbsStorageAttachment", "Cbs/storageAttachment"],
  haVip: ["index/haVip", "Ha/vip", "Ha/haVip"],
  haVipAttachment: ["index/haVipInstanceAttachment", "Ha/vipInstanceAttachment"],
  eip: ["index/eip", "Eip/instance"],
  keyPair: ["index/keyPair", "Key/pair"],
  balancer: ["index/clbInstance", "Clb/instance"],
  balancerListener: ["index/clbListener", "Clb/listener"],
  targetGroup: ["index/clbTargetGroup", "Clb/targetGroup"],
  targetGroupAttachment: ["index/clbTargetGroupAttachment", "Clb/targetGroupAttachment"],
  targetGroupMember: [
    "index/clbTargetGroupInstanceAttachment",
    "Clb/targetGroupInstanceAttachment",
  ],
  balancerTargets: ["index/clbAttachment", "Clb/attachment", "Clb/serverAttachment"],
  bucket: ["index/cosBucket", "Cos/bucket", "Cos/cosBucket"],
  bucketPolicy: ["index/cosBucketPolicy", "Cos/bucketPolicy"],
} as const;

/** Components of this project; their registered inputs are seen while the plan is made, before anything is. */
const components = {
  ...componentTokens,
  departure: "kubernetes-ha:remote:Departure",
} as const;

const command = "command:remote:Command";

/** What a resource is, whichever SDK it came from. */
export type Kind = keyof typeof tokens | keyof typeof components | "command";

const kinds = new Map<string, Kind>([
  ...Object.entries(tokens).flatMap(([kind, paths]) =>
    paths.map((path): [string, Kind] => [token(path), kind as Kind]),
  ),
  ...Object.entries(components).map(([kind, type]): [string, Kind] => [type, kind as Kind]),
  [command, "command"],
]);

/** Kind of a type token; undefined for what no rule looks at. */
export function kindOf(type: string): Kind | undefined {
  return kinds.get(type);
}

/** Type tokens of a kind, the one of this project's SDK first. */
export function typesOf(kind: Kind): string[] {
  return [...kinds].flatMap(([type, other]) => (other === kind ? [type] : []));
}

/** `index/haVip` is `tencentcloud:index/haVip:HaVip`. */
function token(path: string): string {
  const name = path.slice(path.indexOf("/") + 1);
  return `tencentcloud:${path}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
