import { ensureToolchain, type Toolchain } from "../toolchain";
import { say, step } from "../toolchain/progress";
import { ensureImage } from "./hosts/image";
import { ensureKernelModules } from "./hosts/kernelModules";
import type { LabMaterial } from "./lab";
import { ensureContents, ensureContentsPackages } from "./mirror/contents";

/** All that a lab with real hosts is made of, from nothing. */
export interface Everything {
  toolchain: Toolchain;
  material: LabMaterial;
}

/** What some labs need beyond that. */
export interface EverythingOptions {
  /** There will be hosts with a kernel of their own, which need its modules: two minutes more the first time. @default false */
  ownKernel?: boolean;
}

/**
 * Gets the tools, the image of hosts and the mirror's contents; instant when they are there. What waits for the network (the image, the mirror's
 * packages) is got while the compiler works.
 *
 * @throws Error of the first part that failed, when those under way have ended.
 */
export async function ensureEverything({
  ownKernel = false,
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
  const contents = await step("the mirror", () =>
    ensureContents({ binaries: toolchain.binaries, progress: say }),
  );
  return { toolchain, material: { image, mirror: contents.directory } };
}
