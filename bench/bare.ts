import { readFileSync } from "node:fs";
import type { Operator } from "../lab/operator";
import { waitFor } from "../lab/wait";

/** The part of the engine's exported state that tells what was run where, and after what. */
export interface ExportedState {
  deployment: { resources: StateResource[] };
}

interface StateResource {
  urn: string;
  type: string;
  parent?: string;
  dependencies?: string[];
  inputs?: Record<string, unknown>;
}

/** One remote act: a command with its standard input, or a file to copy. */
export interface Act {
  urn: string;
  /** Address the engine dialled. */
  host: string;
  command: string;
  input: string;
  /** Acts that must have ended before. */
  after: Set<string>;
}

/**
 * The bare parallel script: what the engine had run on the hosts, run by plain ssh in the same order, each act as soon as those
 * it depends on have ended. No engine, no provider, no cloud API.
 *
 * @param acts Of {@link actsOf}.
 */
export async function runBare(operator: Operator, acts: ReadonlyMap<string, Act>): Promise<void> {
  const done = new Map<string, Promise<void>>();
  const start = (act: Act): Promise<void> => {
    const known = done.get(act.urn);
    if (known !== undefined) return known;
    const running = (async () => {
      await Promise.all([...act.after].map((urn) => start(acts.get(urn) as Act)));
      await perform(operator, act);
    })();
    done.set(act.urn, running);
    return running;
  };
  await Promise.all([...acts.values()].map(start));
}

async function perform(operator: Operator, act: Act): Promise<void> {
  const { bastion, nodes } = operator.outputs;
  const name =
    nodes.find(({ privateIp }) => privateIp === act.host)?.name ??
    (act.host === bastion.publicIp ? bastion.name : act.host);
  await waitFor(
    { what: `${act.urn.split("::").at(-1) ?? ""} on ${act.host}`, deadlineSeconds: 900 },
    async (seen) => {
      const { code, stderr } = await operator.ssh(name, [act.command], { input: act.input });
      if (code === 0) return true;
      // 255 is ssh's own: the host still boots. Anything else is the script's and final.
      if (code !== 255) throw new Error(`ended with ${code}: ${stderr.slice(-2000)}`);
      seen(stderr);
      return undefined;
    },
  );
}

/**
 * What the engine had run on the hosts, by URN. Reads the files it copied, which go with the lab.
 *
 * @param state `pulumi stack export --show-secrets`.
 */
export function actsOf({ deployment }: ExportedState): Map<string, Act> {
  const resources = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
  const isAct = (resource: StateResource | undefined): boolean =>
    resource !== undefined && /^command:remote:/.test(resource.type);
  /** Acts that a resource waits for, through whatever lies between. */
  const actsBefore = (urn: string, seen = new Set<string>()): Set<string> => {
    const found = new Set<string>();
    for (const dependency of resources.get(urn)?.dependencies ?? []) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      if (isAct(resources.get(dependency))) found.add(dependency);
      else for (const act of actsBefore(dependency, seen)) found.add(act);
    }
    return found;
  };
  return new Map(
    deployment.resources.filter(isAct).map((resource) => {
      const inputs = plain(resource.inputs ?? {}) as {
        connection: { host: string };
        create?: string;
        stdin?: string;
        remotePath?: string;
        /** Where a file to copy lies on this machine. */
        source?: { path: string };
      };
      const copy = resource.type === "command:remote:CopyToRemote";
      const act: Act = {
        urn: resource.urn,
        host: inputs.connection.host,
        command: copy ? `base64 -d > ${inputs.remotePath ?? ""}` : (inputs.create ?? "true"),
        input: copy ? readFileSync(inputs.source?.path ?? "", "base64") : (inputs.stdin ?? ""),
        after: actsBefore(resource.urn),
      };
      return [act.urn, act];
    }),
  );
}

/** Secrets of an export with --show-secrets are objects that hold their JSON in `plaintext`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (typeof object["plaintext"] === "string") return plain(JSON.parse(object["plaintext"]));
  return Object.fromEntries(Object.entries(object).map(([key, each]) => [key, plain(each)]));
}
