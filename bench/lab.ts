import { ensureToolchain } from "../toolchain";
import { Engine } from "../lab/engine";
import { ensureImage } from "../lab/hosts/image";
import { labIdentity } from "../lab/identity";
import { Lab, type LabMaterial } from "../lab/lab";
import { ensureContents } from "../lab/mirror/contents";
import { Operator } from "../lab/operator";
import { say } from "../toolchain/progress";

/** A lab for measuring, beside the user's, with everything that is built once already there. */
export interface BenchLab {
  lab: Lab;
  engine: Engine;
  operator: Operator;
  material: LabMaterial;
}

export async function benchLab(): Promise<BenchLab> {
  const toolchain = await ensureToolchain({});
  const identity = labIdentity(undefined, "bench");
  const image = await ensureImage();
  const { directory: mirror } = await ensureContents({
    binaries: toolchain.binaries,
    progress: say,
  });
  return {
    lab: new Lab(identity),
    engine: new Engine(identity, toolchain.env()),
    operator: new Operator(identity, toolchain.binary("kubectl")),
    material: { image, mirror },
  };
}

/** Seconds that `work` takes, to a tenth. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((performance.now() - start) / 100) / 10;
}
