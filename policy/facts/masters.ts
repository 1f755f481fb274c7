import { type Stack } from "./stack";
import { documentsOf, type Step, stepsRunning } from "./steps";
import { list, object, type Props, text } from "./values";

/** A master as its step registers it: what kubeadm is told. */
export interface Master {
  step: Step;
  /** kubeadm's ClusterConfiguration; undefined when no file of the step holds one that can be read. */
  configuration: Props | undefined;
}

/** Masters of a stack that RemoteSteps make. Foreign masters are known by their instances only. */
export function mastersOf(stack: Stack): readonly Master[] {
  return stack.facts(readMasters);
}

/** Flags of the apiserver that a configuration sets. */
export function apiserverFlags(configuration: Props): ReadonlyMap<string, string> {
  const flags = list(object(configuration.apiServer).extraArgs).map(object);
  return new Map(flags.map(({ name, value }) => [text(name) ?? "", text(value) ?? ""]));
}

function readMasters(stack: Stack): Master[] {
  return stepsRunning(stack, "control-plane").map((step) => ({
    step,
    configuration: documentsOf(stack, step, "ClusterConfiguration")[0],
  }));
}
