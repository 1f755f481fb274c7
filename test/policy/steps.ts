import { parse, stringify } from "yaml";
import { type FixtureResource, tokenOf } from "./judge";
import { encryption, type FixtureFile, kubeletFile, masterFiles } from "./stepFiles";

/** What a step registers for review: the second trigger of its command. */
export interface FixtureTrigger extends Record<string, unknown> {
  params: Record<string, unknown>;
  files: { path: string; content: unknown }[];
  secretFiles: { path: string }[];
}

/** A step, as RemoteStep makes it; its parent is the cluster's component. */
export function step(
  script: string,
  host: string,
  files: FixtureFile[] = [],
  params: Record<string, unknown> = {},
): FixtureResource {
  return {
    type: tokenOf("command"),
    name: `${host}-${script}`,
    parent: "prod",
    props: {
      create: `run-step.sh ${script}`,
      triggers: [
        `ins-${host}`,
        { step: script, host, script: "1", params, files, secretFiles: [] },
      ],
    },
  };
}

/** What a step registers, to change it in place. */
export function triggerOf(resource: FixtureResource): FixtureTrigger {
  return (resource.props.triggers as [string, FixtureTrigger])[1];
}

/** What brings a host the binaries of a release. */
export function prepareStep(host: string, ...artifacts: string[]): FixtureResource {
  return step("prepare-host", host, [], { ARTIFACTS: artifacts });
}

/** The cluster's component. */
export function clusterComponent(name = "prod"): FixtureResource {
  const config = { name, bastion: { allowedCidrs: ["203.0.113.0/24"] } };
  return { type: tokenOf("cluster"), name, props: { config } };
}

/** Steps that make a master and a worker, as the components of this project would. */
export function nodeSteps(): FixtureResource[] {
  const master = step("control-plane", "master-1", masterFiles());
  triggerOf(master).secretFiles.push({ path: encryption });
  return [clusterComponent(), master, step("worker", "worker-1", [kubeletFile()])];
}

/** Files of a step, to change them in place. */
export function filesOf(resource: FixtureResource): { path: string; content: unknown }[] {
  return triggerOf(resource).files;
}

/** Changes the document in a file of a step, found by the document's kind. */
export function editDocument(
  resource: FixtureResource,
  kind: string,
  edit: (document: Record<string, unknown>) => void,
): void {
  for (const file of filesOf(resource)) {
    const document = parse(String(file.content)) as Record<string, unknown>;
    if (document.kind !== kind) continue;
    edit(document);
    file.content = stringify(document);
    return;
  }
  throw new Error(`the step has no ${kind}`);
}

/** The apiserver's part of the ClusterConfiguration. */
export interface Apiserver {
  certSANs: string[];
  extraArgs: { name: string; value: string }[];
}

/** Changes what the step of a master tells the apiserver. */
export function editApiserver(resource: FixtureResource, edit: (apiserver: Apiserver) => void) {
  editDocument(resource, "ClusterConfiguration", ({ apiServer }) => edit(apiServer as Apiserver));
}

/** Takes a flag of the apiserver away, or sets it. */
export function setFlag(resource: FixtureResource, flag: string, value?: string): void {
  editApiserver(resource, (apiserver) => {
    apiserver.extraArgs = apiserver.extraArgs.filter(({ name }) => name !== flag);
    if (value !== undefined) apiserver.extraArgs.push({ name: flag, value });
  });
}
