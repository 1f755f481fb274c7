import { type Resource, type Stack } from "../../facts/stack";
import { stepsOf } from "../../facts/steps";
import { object, text } from "../../facts/values";
import { type Rule } from "../rule";

/**
 * Looks for LVS in direct-routing mode in what hosts are told: the files of steps, and the user data of instances. It is left to clusters whose
 * configuration says that their network forwards by MAC; a probe on the directors holds them to that.
 */
export const noDirectRouting: Rule = {
  id: "entry-no-direct-routing",
  description:
    "No load balancer of the kind LVS-DR runs on a VPC, which every network is that is not said to forward by MAC.",
  level: "mandatory",
  why:
    "A VPC forwards by address and drops packets whose source is not the sender's own: what a director sends on with another " +
    "MAC comes back to it, and what a real server answers from the VIP is dropped.",
  source:
    "docs/architecture.md; Linux Virtual Server, direct routing; Tencent Cloud VPC forwards by IP",
  fix: "Use HAProxy behind a HAVIP, a CLB, or LVS with NAT; on a real layer-2 network say network.layer2: true",
  scope: "stack",
  judge: (stack) =>
    textsOf(stack)
      .filter(({ resource, content }) => directRouting.test(content) && !onLayer2(stack, resource))
      .map(({ resource: { urn }, where }) => ({
        message: `${where} sets up LVS with direct routing`,
        urn,
      })),
};

/** keepalived's words for it (`lb_kind` is the older one), and ipvsadm's. */
const directRouting = /^\s*(lb_kind|lvs_method)\s+DR\b|\bipvsadm\b.*(\s-g\b|--gatewaying\b)/m;

/** Whether a resource is of a cluster whose network forwards by MAC, by the word of its configuration. */
function onLayer2(stack: Stack, resource: Resource): boolean {
  const config = object(stack.within(resource, "cluster")?.props.config);
  return object(config.network).layer2 === true;
}

interface Text {
  resource: Resource;
  where: string;
  content: string;
}

function textsOf(stack: Stack): Text[] {
  return [
    ...stepsOf(stack).flatMap(({ resource, files }) =>
      files.flatMap(({ path, content }) =>
        content === undefined ? [] : [{ resource, where: path, content }],
      ),
    ),
    ...stack.of("instance").map((resource) => {
      const raw = text(resource.props.userDataRaw);
      const encoded = text(resource.props.userData);
      const content = raw ?? Buffer.from(encoded ?? "", "base64").toString();
      return { resource, where: "the user data", content };
    }),
  ];
}
