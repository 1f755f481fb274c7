import { type Stack } from "../../facts/stack";
import { stepsOf } from "../../facts/steps";
import { text } from "../../facts/values";
import { type Rule } from "../rule";

/** Looks for LVS in direct-routing mode in what hosts are told: the files of steps, and the user data of instances. */
export const noDirectRouting: Rule = {
  id: "entry-no-direct-routing",
  description: "No load balancer of the kind LVS-DR runs on a VPC.",
  level: "mandatory",
  why:
    "A VPC forwards by address and drops packets whose source is not the sender's own: what a director sends on with another " +
    "MAC comes back to it, and what a real server answers from the VIP is dropped.",
  source:
    "docs/architecture.md; Linux Virtual Server, direct routing; Tencent Cloud VPC forwards by IP",
  fix: "Use HAProxy behind a HAVIP, a CLB, or LVS with NAT",
  scope: "resource",
  judge: (stack) =>
    textsOf(stack)
      .filter(({ content }) => directRouting.test(content))
      .map(({ urn, where }) => ({ message: `${where} sets up LVS with direct routing`, urn })),
};

/** keepalived's words for it (`lb_kind` is the older one), and ipvsadm's. */
const directRouting = /^\s*(lb_kind|lvs_method)\s+DR\b|\bipvsadm\b.*(\s-g\b|--gatewaying\b)/m;

interface Text {
  urn: string;
  where: string;
  content: string;
}

function textsOf(stack: Stack): Text[] {
  return [
    ...stepsOf(stack).flatMap(({ resource: { urn }, files }) =>
      files.flatMap(({ path, content }) =>
        content === undefined ? [] : [{ urn, where: path, content }],
      ),
    ),
    ...stack.of("instance").flatMap(({ urn, props }) => {
      const raw = text(props.userDataRaw);
      const encoded = text(props.userData);
      const content = raw ?? Buffer.from(encoded ?? "", "base64").toString();
      return [{ urn, where: "the user data", content }];
    }),
  ];
}
