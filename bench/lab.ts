import { Engine } from "../lab/engine";
import { labIdentity } from "../lab/identity";
import { Lab, type LabMaterial } from "../lab/lab";
import { ensureEverything } from "../lab/material";
import { Operator } from "../lab/operator";

/** A lab for measuring, beside the user's, with everything that is built once already there. */
export interface BenchLab {
  lab: Lab;
  engine: Engine;
  operator: Operator;
  material: LabMaterial;
}

export async function benchLab(): Promise<BenchLab> {
  const { toolchain, material } = await ensureEverything();
  const identity = labIdentity(undefined, "bench");
  return {
    lab: new Lab(identity),
    engine: new Engine(identity, toolchain.env()),
    operator: new Operator(identity, toolchain.binary("kubectl")),
    material,
  };
}

/** Seconds that `work` takes, to a tenth. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((performance.now() - start) / 100) / 10;
}
