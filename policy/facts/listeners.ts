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

/** Sets of CLB targets that are masters. */
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
  return stack.of("balancerTargets").flatMap((resource) => {
    const clusters = stack
      .sources(resource, "targets", "instance")
      .flatMap(({ urn }) => masters.get(urn) ?? []);
    if (clusters.length === 0) return [];
    const live = list(resource.props.targets).filter((target) => object(target).weight !== 0);
    return [
      {
        resource,
        count: live.length,
        listener: stack.sources(resource, "listenerId", "balancerListener")[0],
        clusters: new Set(clusters),
      },
    ];
  });
}
