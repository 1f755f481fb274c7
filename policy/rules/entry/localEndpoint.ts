import { instancesOf } from "../../facts/instances";
import { apiTargets } from "../../facts/listeners";
import { type Stack } from "../../facts/stack";
import { stepsOf, stepsRunning } from "../../facts/steps";
import { object, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Looks whether masters behind a CLB reach the API past it, and whether a host has the CLB's address itself. */
export const localEndpoint: Rule = {
  id: "entry-no-loop",
  description:
    "A master behind a CLB has a way to the API past it, and no host has the CLB's address on an interface.",
  level: "mandatory",
  why:
    "A CLB keeps the client's address: a target that is led to itself drops the answer as coming from itself, and the connection hangs, for pods on masters " +
    "one in as many as there are masters. With the CLB's address on an interface the target takes the probes for its own, and fails them all.",
  source: "Tencent Cloud CLB, loopback of internal load balancers (document 457/128648)",
  fix: "Lead what masters and their pods send to the CLB to a proxy of their own, as the entry of kind clb does, and bind its address nowhere",
  scope: "stack",
  judge: (stack) => [...mastersInALoop(stack), ...boundAddresses(stack)],
};

/** Masters that RemoteSteps make behind a CLB; what others do on theirs is not known. */
function mastersInALoop(stack: Stack): Finding[] {
  const clusters = new Set(apiTargets(stack).flatMap((targets) => [...targets.clusters]));
  const behind = new Set(
    instancesOf(stack)
      .filter(({ cluster }) => clusters.has(cluster))
      .map(({ resource }) => text(resource.props.instanceName)),
  );
  const led = new Set(stepsRunning(stack, "local-endpoint").map(({ host }) => host));
  return stepsRunning(stack, "control-plane")
    .filter(({ host }) => behind.has(host) && !led.has(host))
    .map(({ host, resource: { urn } }) => ({
      message: `master ${host} is behind a CLB, and has no other way to the API`,
      urn,
    }));
}

function boundAddresses(stack: Stack): Finding[] {
  const addresses = stack
    .of("balancer")
    .concat(stack.of("clbEntry"))
    .flatMap(({ props }) => text(props.vip ?? object(props.entry).vip) ?? []);
  return [...new Set(addresses)].flatMap((address) =>
    stepsOf(stack).flatMap(({ host, files, resource: { urn } }) =>
      files
        .filter(
          ({ path, content = "" }) => path.endsWith("keepalived.conf") && holds(content, address),
        )
        .map(({ path }) => ({
          message: `${path} puts ${address}, the address of a CLB, on an interface of ${host}`,
          urn,
        })),
    ),
  );
}

function holds(content: string, address: string): boolean {
  return content.split(/[\s/]+/).includes(address);
}
