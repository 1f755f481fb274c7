import { startTestCloud, type TestCloud } from "./support/cloud";
import { recorded, Replay } from "./support/recorded";
import { same, wholeLife } from "./support/recordedLife";

let cloud: TestCloud;
beforeAll(async () => {
  const hostOf = (zone: number) => (n: number) => ({
    name: `switch-${zone}-${n}`,
    racks: [
      {
        name: `rack-${zone}-${n}`,
        hosts: [{ name: `host-${zone}-${n}`, cpus: 64, memoryGiB: 256 }],
      },
    ],
  });
  const zones = [3, 6].map((zone) => ({
    name: `ap-guangzhou-${zone}`,
    switches: [1, 2, 3].map(hostOf(zone)),
  }));
  cloud = await startTestCloud({ inventory: { zones } });
});
afterAll(() => cloud.close());

test("the whole life of what provider 1.83.25 makes: every recorded call is accepted, none is left out", async () => {
  const replay = new Replay(cloud.cloud.apiPort, same);
  for (const step of wholeLife) {
    const [call, playing] = typeof step === "string" ? [step, {}] : step;
    await replay.play(call, playing);
  }
  expect([...recorded.keys()].filter((call) => !replay.played.has(call))).toEqual([]);
  const left = (await cloud.admin("GET", "/resources")) as Record<string, string[]>;
  expect(Object.values(left).flat()).toEqual([]);
});
