import {
  ensureAddonTools,
  ensureConformance,
  ensureDistribution,
  ensureFormerEtcd,
  ensureKubeNetworkPolicies,
  ensureNextKubernetes,
  ensureToolchain,
  type Toolchain,
} from "../toolchain";
import { say, step } from "../toolchain/progress";
import { versions } from "../toolchain/versions";
import { ensureImage } from "./hosts/image";
import { ensureKernelModules } from "./hosts/kernelModules";
import type { LabMaterial } from "./lab";
import { type ContentsOptions, ensureContents, ensureContentsPackages } from "../mirror/contents";
import { addonVersions, type Binaries, mirrorVersions } from "../mirror/layout";

/** All that a lab with real hosts is made of, from nothing. */
export interface Everything {
  toolchain: Toolchain;
  material: LabMaterial;
}

/** What some labs need beyond that. */
export interface EverythingOptions {
  /** There will be hosts with a kernel of their own, which need its modules: two minutes more the first time. @default false */
  ownKernel?: boolean;
  /** The mirror has the next minor release of Kubernetes as well, to upgrade to: seven minutes more the first time. @default false */
  nextKubernetes?: boolean;
  /** The mirror has the minor release of etcd before as well, to upgrade from: two minutes more the first time. @default false */
  formerEtcd?: boolean;
  /** The mirror has the program of a cluster's own registry as well: two minutes more the first time. @default false */
  registry?: boolean;
  /** The mirror has what enforces network policies as well: two minutes more the first time. @default false */
  networkPolicies?: boolean;
  /** The mirror has the images of Kubernetes' conformance tests as well: many minutes more the first time. @default false */
  conformance?: boolean;
  /** The mirror has the images of add-ons as well, and the tools what those go up by: twenty minutes more the first time. @default false */
  addons?: boolean;
}

/**
 * Gets the tools, the image of hosts and the mirror's contents; instant when they are there. What waits for the network (the image, the mirror's
 * packages) is got while the compiler works.
 *
 * @throws Error of the first part that failed, when those under way have ended.
 */
export async function ensureEverything({
  ownKernel = false,
  nextKubernetes = false,
  formerEtcd = false,
  registry = false,
  networkPolicies = false,
  conformance = false,
  addons = false,
}: EverythingOptions = {}): Promise<Everything> {
  await ensureToolchain({ need: ["debian"] });
  const parts = await Promise.allSettled([
    ensureToolchain({}),
    step("image of hosts", () => ensureImage()),
    step("the mirror's packages", () => ensureContentsPackages({ progress: say })),
  ]);
  const failed = parts.find((part) => part.status === "rejected");
  if (failed) throw failed.reason;
  const [{ value: toolchain }, { value: image }] = parts as [
    PromiseFulfilledResult<Toolchain>,
    PromiseFulfilledResult<string>,
    unknown,
  ];
  if (ownKernel) await step("modules of hosts' own kernel", () => ensureKernelModules(say));
  const next = nextKubernetes ? await ensureNextKubernetes() : {};
  const former = formerEtcd ? await ensureFormerEtcd() : {};
  const distribution = registry ? await ensureDistribution() : {};
  const policies = networkPolicies ? await ensureKubeNetworkPolicies() : {};
  const tests = conformance ? await ensureConformance() : {};
  const ofAddons = addons ? (await ensureAddonTools()).programs : {};
  const contents = await step("the mirror", () =>
    ensureContents({
      ...mirrored(toolchain.binaries, { next, former, distribution, policies, tests, ofAddons }),
      progress: say,
    }),
  );
  return { toolchain, material: { image, mirror: contents.directory } };
}

/** What the mirror is made of, with what is there of the rest: the next release of Kubernetes, the one of etcd before, the program of a registry, what enforces network policies, conformance tests, add-ons. */
function mirrored(
  binaries: Binaries,
  more: Record<
    "next" | "former" | "distribution" | "policies" | "tests" | "ofAddons",
    Record<string, string>
  >,
): Pick<ContentsOptions, "binaries" | "versions"> {
  const below = (directory: "next" | "former"): Binaries =>
    Object.fromEntries(
      Object.entries(more[directory]).map(([name, path]) => [`${directory}/${name}`, path]),
    );
  const has = (programs: object): boolean => Object.keys(programs).length > 0;
  const { nextKubernetes, formerEtcd, distribution, kubeNetworkPolicies } = versions;
  return {
    binaries: {
      ...{ ...binaries, ...below("next"), ...below("former") },
      ...{ ...more.distribution, ...more.policies, ...more.tests, ...more.ofAddons },
    },
    versions: {
      ...mirrorVersions,
      ...(has(more.next) && { nextKubernetes: `v${nextKubernetes}` }),
      ...(has(more.former) && { formerEtcd: `v${formerEtcd}` }),
      ...(has(more.distribution) && { distribution: `v${distribution}` }),
      ...(has(more.policies) && { kubeNetworkPolicies: `v${kubeNetworkPolicies}` }),
      ...(has(more.tests) && { conformance: mirrorVersions.kubernetes }),
      ...(has(more.ofAddons) && { addons: addonVersions }),
    },
  };
}
