import { type FlaggedComponent, ownerOf } from "../ownFlags";
import { type ReadSections } from "../parse";
import { type Problem } from "../problems";

type Flags = Readonly<Record<string, string>>;

/** Admission plugins that the cluster relies on, and why. */
const reliedOn: Readonly<Record<string, string>> = {
  NodeRestriction: "without it the kubelet of one node may change any other",
  PodSecurity: "controlPlane.podSecurity works by it",
  DefaultTolerationSeconds: "controlPlane.podEvictionSeconds works by it",
};

/** Flags that are not people's to set, and admission plugins that are not theirs to leave out. */
export function flagProblems({ controlPlane, etcd }: ReadSections): Problem[] {
  const { apiServer = {}, controllerManager = {}, scheduler = {} } = controlPlane?.extraArgs ?? {};
  const path = "controlPlane.extraArgs";
  return [
    ...ownFlagProblems(`${path}.apiServer`, "apiServer", apiServer),
    ...admissionProblems(`${path}.apiServer`, apiServer),
    ...ownFlagProblems(`${path}.controllerManager`, "controllerManager", controllerManager),
    ...ownFlagProblems(`${path}.scheduler`, "scheduler", scheduler),
    ...ownFlagProblems("etcd.extraArgs", "etcd", etcd?.extraArgs ?? {}),
  ];
}

function ownFlagProblems(path: string, component: FlaggedComponent, flags: Flags): Problem[] {
  return Object.keys(flags).flatMap((flag) => {
    const owner = ownerOf(component, flag);
    if (owner === undefined) return [];
    const { setting } = owner;
    return [
      {
        path: `${path}.${flag}`,
        message: "the cluster sets this flag itself",
        fix:
          setting === undefined ? "Take it out" : `Take it out; what decides on it is ${setting}`,
      },
    ];
  });
}

function admissionProblems(path: string, flags: Flags): Problem[] {
  const enabled = flags["enable-admission-plugins"];
  const disabled = pluginsOf(flags["disable-admission-plugins"] ?? "");
  return [
    ...(enabled === undefined || pluginsOf(enabled).includes("NodeRestriction")
      ? []
      : [
          {
            path: `${path}.enable-admission-plugins`,
            message: `got ${enabled}, which replaces the list and has no NodeRestriction: ${reliedOn["NodeRestriction"] ?? ""}`,
            fix: `Use NodeRestriction,${enabled}`,
          },
        ]),
    ...Object.entries(reliedOn)
      .filter(([plugin]) => disabled.includes(plugin))
      .map(([plugin, why]) => ({
        path: `${path}.disable-admission-plugins`,
        message: `got ${plugin}, but ${why}`,
        fix: `Take ${plugin} out`,
      })),
  ];
}

function pluginsOf(list: string): string[] {
  return list.split(",").map((plugin) => plugin.trim());
}
