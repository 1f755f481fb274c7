import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { say, step } from "../../toolchain/progress";
import { ensureBuckets } from "../buckets";
import { Engine } from "../engine";
import {
  enforcesPolicies,
  exampleConfig,
  labSettingsOf,
  type Variation,
  withSettings,
} from "../examples";
import type { LabIdentity } from "../identity";
import { Lab } from "../lab";
import { ensureEverything } from "../material";
import { Operator } from "../operator";
import { requireRoot } from "../present";
import { parseOwnKernel, readLabSettings, type LabSettings } from "../settings";
import { bringUp } from "../up";
import { configurationsOwn, keepVariation, readVariation, variationWith } from "../variation";
import { overview } from "./status";

/** Options of the command. */
export interface UpOptions extends Variation {
  /** Stack configuration that the examples are put into. @default the checkout's Pulumi.lab.yaml */
  configFile?: string | undefined;
  /** Judge the plan first. */
  check?: boolean;
  /** Settings of a new lab, as in `lab/settings.ts`; roles as `balancer=768`. */
  network?: LabSettings["network"];
  zones?: number;
  ownKernel?: string[];
  /** How long certificates are valid that hosts issue. @default as configured */
  certificateMinutes?: number;
  /** The mirror of a new lab has the next minor release of Kubernetes as well. */
  nextKubernetes?: boolean;
  /** The mirror of a new lab has the minor release of etcd before as well. */
  formerEtcd?: boolean;
  /** The mirror of a new lab has the images of add-ons as well. */
  addons?: boolean;
}

/** `npm run lab`: gets what is missing, starts the lab and brings its cluster up. */
export async function up(
  identity: LabIdentity,
  {
    configFile,
    check,
    network,
    zones,
    ownKernel,
    certificateMinutes,
    nextKubernetes,
    formerEtcd,
    addons,
    ...wanted
  }: UpOptions,
): Promise<void> {
  requireRoot();
  const last = readVariation(identity.dir);
  const variation = variationWith(last, wanted);
  const settings: Partial<LabSettings> = {
    ...labSettingsOf(variation),
    ...(network && { network }),
    ...(zones !== undefined && { zones }),
    ...(ownKernel && { ownKernel: parseOwnKernel(ownKernel) }),
    ...(addons && { addons }),
  };
  const made = { ...readLabSettings(identity.dir), ...settings };
  const from = configFile ?? join(identity.checkout, "Pulumi.lab.yaml");
  const { toolchain, material } = await ensureEverything({
    ownKernel: Object.keys(made.ownKernel).length > 0,
    nextKubernetes: nextKubernetes ?? false,
    formerEtcd: formerEtcd ?? false,
    registry: made.registry,
    networkPolicies: enforcesPolicies(exampleConfig(readFileSync(from, "utf8"), variation)),
    addons: made.addons,
  });
  await step("starting the local cloud", () => new Lab(identity).start(material, settings));
  const operator = new Operator(identity, toolchain.binary("kubectl"));
  const config = writeConfig(identity, { variation, certificateMinutes, from });
  keepVariation(identity.dir, variation);
  await ensureBuckets(identity, config);
  for (const [what, name] of Object.entries(variation))
    if (wanted[what as keyof Variation] === undefined)
      say(
        `--${what} ${name}, as last time (--${what} ${configurationsOwn}: the configuration's own)`,
      );
  await bringUp(new Engine(identity, toolchain.env()), operator, { config, check });
  await overview(identity);
  console.log(nextSteps(identity, operator));
}

/** What of the configuration was asked for. */
interface Wanted extends Pick<UpOptions, "certificateMinutes"> {
  variation: Variation;
  /** Stack configuration that the examples are put into. */
  from: string;
}

/** Writes the configuration that was asked for among the lab's files. @returns its path. */
function writeConfig(
  { dir }: LabIdentity,
  { variation, certificateMinutes, from }: Wanted,
): string {
  const { zones } = readLabSettings(dir);
  const file = join(dir, "wanted.yaml");
  const varied = exampleConfig(readFileSync(from, "utf8"), variation, zones);
  const wanted =
    certificateMinutes === undefined
      ? varied
      : withSettings(varied, { pki: { certificateValidity: `${certificateMinutes}m` } });
  writeFileSync(file, stringify(wanted), { mode: 0o600 });
  return file;
}

/** What people are told once the cluster is up. */
export function nextSteps(
  { operatorNetns }: Pick<LabIdentity, "operatorNetns">,
  { outputs, kubeconfig, sshConfig }: Pick<Operator, "outputs" | "kubeconfig" | "sshConfig">,
): string {
  const { entry, bastion, faultTolerance } = outputs;
  const tolerated = Object.entries(faultTolerance).map(([what, count]) => `${what} ${count}`);
  return `
Entry: https://${entry.name}:${entry.port} (${entry.kind}, ${entry.address}) through the bastion ${bastion.publicIp}
Failures tolerated: ${tolerated.join(", ")}

Next:
  npm run lab -- kubectl get nodes        # any kubectl command
  npm run lab -- ssh master-1             # a shell on a host
  npm run lab -- host kill 1              # a physical machine loses power
  npm run lab -- host start 1
  npm run lab -- status                   # is it healthy, and what may still be lost
  npm run lab -- ui                       # a page that shows all this
  npm run lab -- dashboards               # metrics and alerts, of a lab with --monitoring
  npm run drill -- --list                 # what may be lost, tried with clients that look on
  npm run lab -- down                     # leaves nothing behind

The same without npm, as with a real account (npm run access) but inside the operator's network:
  nsenter --net=/run/netns/${operatorNetns}
  ssh -F ${sshConfig} -fN bastion-socks   # unless it runs already
  kubectl --kubeconfig ${kubeconfig} get nodes`;
}
