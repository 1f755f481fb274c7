import { exposureFault } from "../../../components/plan/rules/exposure";
import { inboundRules } from "../../facts/inbound";
import { type Rule } from "../rule";

/** Reads the rules of security groups, whichever resource they are written in. */
export const noOpenPorts: Rule = {
  id: "network-no-open-ports",
  description:
    "No security group lets everybody in to SSH (22), the API (6443), etcd (2379-2381), the kubelet (10250) or metrics (HAProxy's 8405, hosts' 9100).",
  level: "mandatory",
  why:
    "These ports are the whole cluster to whoever gets through. The API and etcd ask for certificates, but a stolen one, or " +
    "a hole in what checks them, must not be enough from anywhere in the world.",
  source: 'kubernetes.io, "Securing a Cluster"; etcd, "Transport security model"',
  fix: "Let in a security group, or the ranges that need it",
  scope: "resource",
  judge: (stack) =>
    inboundRules(stack).flatMap(({ resource: { urn }, unknown, ...rule }) => {
      const fault = exposureFault(rule);
      if (fault === undefined) return [];
      if (unknown.length === 0) return [{ ...fault, urn }];
      const message = `${unknown.join(", ")} of a rule is known only after the update; it may be that ${fault.message}`;
      return [{ message, fix: "Write it down in the program", urn, undecided: true }];
    }),
};
