import { tagNames } from "../../../components/plan/roles";
import { mastersOf } from "../../facts/masters";
import { instancesOf } from "../../facts/instances";
import { type Stack } from "../../facts/stack";
import { type Step } from "../../facts/steps";
import { list, object, type Props, text } from "../../facts/values";
import { type Rule } from "../rule";

/** Compares the names in the certificates of the apiservers with all that the API is reached by. */
export const certificateNames: Rule = {
  id: "entry-certificate-names",
  description:
    "The certificate of every apiserver holds the name and the address of the entry, and those of every master.",
  level: "mandatory",
  why: "A client that reaches the API by a name the certificate lacks refuses it: a change of the entry then cuts off every node.",
  source: 'kubernetes.io, "PKI certificates and requirements": apiserver SANs',
  fix: "Add it to certSANs of the ClusterConfiguration",
  scope: "stack",
  judge: (stack) =>
    mastersOf(stack).flatMap(({ step, configuration }) => {
      const { urn } = step.resource;
      if (configuration === undefined) {
        const message = "the step of the master places no ClusterConfiguration that can be read";
        return [{ message, urn, undecided: true }];
      }
      const held = new Set(list(object(configuration.apiServer).certSANs));
      const missing = neededNames(stack, step, configuration).filter((name) => !held.has(name));
      if (missing.length === 0) return [];
      return [{ message: `the certificate of the apiserver lacks ${missing.join(", ")}`, urn }];
    }),
};

function neededNames(stack: Stack, step: Step, configuration: Props): string[] {
  const [endpoint] = (text(configuration.controlPlaneEndpoint) ?? "").split(":");
  const cluster = stack.within(step.resource, "cluster");
  const addresses = (["vipEntry", "clbEntry", "lvsEntry", "nodeLocalEntry"] as const)
    .flatMap((kind) => stack.of(kind))
    .filter((entry) => stack.within(entry, "cluster") === cluster)
    .map(({ props }) => object(props.entry))
    .map(({ vip, address }) => text(vip) ?? text(address));
  const masters = instancesOf(stack)
    .filter(({ role, resource }) => role === "master" && isOf(resource.props, configuration))
    .flatMap(({ resource }) => [text(resource.props.instanceName), text(resource.props.privateIp)]);
  return [...new Set([endpoint, ...addresses, ...masters])].filter(
    (name): name is string => name !== undefined && name !== "",
  );
}

/** Whether an instance is of the cluster that a configuration is for. */
function isOf(instance: Props, { clusterName }: Props): boolean {
  return object(instance.tags)[tagNames.cluster] === clusterName;
}
