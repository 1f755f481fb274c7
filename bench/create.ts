import { join } from "node:path";
import { desiredWorld } from "../lab/cloud/desiredWorld";
import { Store } from "../lab/cloud/store";
import { NspawnWorld } from "../lab/hosts/nspawn";
import { learn } from "../lab/learn";
import { bringUp, clusterReady } from "../lab/up";
import { say } from "../toolchain/progress";
import { benchLab } from "./lab";
import { actsOf, runBare, type ExportedState } from "./bare";
import { callsOf, momentsOfCluster, momentsOfUp, timed } from "./timeline/collect";
import { timeline } from "./timeline/tables";

/**
 * From the start of `up` to all nodes Ready, with everything built before; against the bare parallel script, which boots the same hosts and runs the same
 * steps by plain ssh. Both in one run on one machine, so their ratio says what engine, provider and cloud API cost.
 *
 * @param options.timeline Also print which host did what when, in both.
 */
export async function create(options: { timeline?: boolean }): Promise<Record<string, number>> {
  const { lab, engine, operator, material } = await benchLab();
  await lab.down();
  await lab.start(material);
  const own = await timed(() => bringUp(engine, operator));
  say(`up: ${own.seconds} s`);
  const calls = callsOf(lab.identity);
  if (options.timeline)
    own.moments = [...momentsOfUp(engine, operator), ...(await momentsOfCluster(operator))];

  const state = JSON.parse(
    (await engine.capture(["stack", "export", "--show-secrets", "--stack", "lab"])).stdout,
  ) as ExportedState;
  const acts = actsOf(state);
  const store = new Store(join(lab.identity.dir, "cloud"));
  const desired = desiredWorld(store);
  await store.close();
  const outputs = operator.outputs;

  await lab.down();
  await lab.start(material);
  learn(operator, outputs);
  // The cloud of this second lab is empty and stays so: the world is driven by hand.
  const world = new NspawnWorld({ lab: lab.identity, image: material.image });
  const bare = await timed(async () => {
    const booted = world.apply(desired);
    await Promise.all([booted, runBare(operator, acts)]);
    await clusterReady(operator, outputs.nodes);
  });
  if (options.timeline) {
    bare.moments = await momentsOfCluster(operator);
    const hosts = outputs.nodes.map(({ name }) => name);
    console.log(timeline(own, bare, { hosts, calls }));
  }
  await world.close({ keepDisks: false });
  await lab.down();
  const ratio = Math.round((own.seconds / bare.seconds) * 100) / 100;
  return { seconds: own.seconds, bareSeconds: bare.seconds, ratio };
}
