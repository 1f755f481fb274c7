import { join } from "node:path";
import { desiredWorld } from "../lab/cloud/desiredWorld";
import { Store } from "../lab/cloud/store";
import { NspawnWorld } from "../lab/hosts/nspawn";
import { learn } from "../lab/learn";
import { bringUp, clusterReady } from "../lab/up";
import { say } from "../toolchain/progress";
import { benchLab, seconds } from "./lab";
import { runBare, type ExportedState } from "./bare";

/**
 * From the start of `up` to all nodes Ready, with everything built before; against the bare parallel script, which boots the same hosts and runs the same
 * steps by plain ssh. Both in one run on one machine, so their ratio says what engine, provider and cloud API cost.
 */
export async function create(): Promise<Record<string, number>> {
  const { lab, engine, operator, material } = await benchLab();
  await lab.down();
  await lab.start(material);
  await engine.prepare();
  const own = await seconds(() => bringUp(engine, operator));
  say(`up: ${own} s`);

  const state = JSON.parse(
    (await engine.capture(["stack", "export", "--show-secrets", "--stack", "lab"])).stdout,
  ) as ExportedState;
  const store = new Store(join(lab.identity.dir, "cloud"));
  const desired = desiredWorld(store);
  await store.close();
  const outputs = operator.outputs;

  await lab.down();
  await lab.start(material);
  learn(operator, outputs);
  // The cloud of this second lab is empty and stays so: the world is driven by hand.
  const world = new NspawnWorld({ lab: lab.identity, image: material.image });
  const bare = await seconds(async () => {
    const booted = world.apply(desired);
    await Promise.all([booted, runBare(operator, state)]);
    await clusterReady(operator, outputs.nodes);
  });
  await world.close({ keepDisks: false });
  await lab.down();
  return { seconds: own, bareSeconds: bare, ratio: Math.round((own / bare) * 100) / 100 };
}
