import { type Rule } from "../rule";
import { judgeFlows } from "./flows";

/** Follows every rule that lets all protocols in to balancers and directors, VRRP among them, to the role it lets in. */
export const vrrpBetweenPeers: Rule = {
  id: "network-vrrp-between-peers",
  description: "Only balancers speak VRRP with balancers, and only directors with directors.",
  level: "mandatory",
  why: "VRRP is believed: whoever may send it takes the VIP, and with it every connection to the API.",
  source: "RFC 9568, security considerations",
  fix: "Let in all protocols from the hosts' own group only, and name protocol and port for everybody else",
  scope: "stack",
  judge: (stack) => judgeFlows(stack, ["vrrp"], () => false),
};
