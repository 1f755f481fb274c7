import { ports } from "../../components/plan/ports";
import { instancesOf } from "./instances";
import { type Resource, type Stack } from "./stack";
import { list, number, object } from "./values";

/** Targets that a CLB sends the API's connections to. */
export interface ApiTargets {
  resource: Resource;
  /** Those that get connections; one of weight 0 is being drained. */
  count: number;
  /** Listener they are behind, if it is in the stack. */
  listener: Resource | undefined;
  /** Clusters whose masters they are. */
  clusters: ReadonlySet<string>;
}

/** Sets of CLB targets that are masters: of a listener, or of a target group. */
export function apiTargets(stack: Stack): readonly ApiTargets[] {
  return stack.facts(readTargets);
}

/** Listeners of the API: those on its port, or with masters behind them. */
export function apiListeners(stack: Stack): Resource[] {
  const before = new Set(apiTargets(stack).map(({ listener }) => listener));
  return stack
    .of("balancerListener")
    .filter((listener) => number(listener.props.port) === ports.api || before.has(listener));
}

function readTargets(stack: Stack): ApiTargets[] {
  const masters = new Map(
    instancesOf(stack)
      .filter(({ role }) => role === "master")
      .map(({ resource, cluster }) => [resource.urn, cluster]),
  );
  const clustersOf = (resource: Resource, input: string) =>
    stack.sources(resource, input, "instance").flatMap(({ urn }) => masters.get(urn) ?? []);
  return [
    ...stack.of("balancerTargets").map((resource) => ({
      resource,
      count: list(resource.props.targets).filter(getsConnections).length,
      listener: stack.sources(resource, "listenerId", "balancerListener")[0],
      clusters: new Set(clustersOf(resource, "targets")),
    })),
    ...stack.of("targetGroup").map((resource) => {
      const ofGroup = (kind: "targetGroupMember" | "targetGroupAttachment") =>
        stack
          .of(kind)
          .filter((one) => stack.sources(one, "targetGroupId", "targetGroup").includes(resource));
      const members = ofGroup("targetGroupMember");
      const [listener] = ofGroup("targetGroupAttachment").flatMap((one) =>
        stack.sources(one, "listenerId", "balancerListener"),
      );
      return {
        resource,
        count: members.filter(({ props }) => getsConnections(props)).length,
        listener,
        clusters: new Set(members.flatMap((one) => clustersOf(one, "bindIp"))),
      };
    }),
  ].filter(({ clusters }) => clusters.size > 0);
}

function getsConnections(target: unknown): boolean {
  return object(target).weight !== 0;
}
