import type { Said } from "./support/host";
import { Masters } from "./support/masters";

const [old, newer] = ["v1.36.3", "v1.37.2"];
const all = (release: string) => [release, release, release, release];

function succeeded(ended: Said[]): void {
  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
}

test("all apiservers first, one after another; then the rest of each, drained, one after another", async () => {
  const masters = new Masters(3, old);
  masters.prepare(newer);
  succeeded(await masters.step(newer));
  for (const name of ["m1", "m2", "m3"]) expect(masters.releases(name)).toEqual(all(newer));
  const { acts } = masters;
  expect(acts.slice(0, 3).sort()).toEqual(["m1 apiserver", "m2 apiserver", "m3 apiserver"]);
  const rest = acts.slice(3);
  expect(rest).toHaveLength(6);
  for (const at of [0, 2, 4]) {
    const [name] = rest[at]?.split(" ") ?? [];
    expect(rest.slice(at, at + 2)).toEqual([`${name} drained`, `${name} rest`]);
  }
  expect([masters.holder, masters.failed]).toEqual(["", []]);
  masters.forget();
  succeeded(await masters.step(newer));
  expect(masters.acts).toEqual([]);
});

test("one whose apiserver does not come up has the one of before; the others stay as they are, at once; the next run goes on", async () => {
  const masters = new Masters(3, old);
  masters.prepare(newer);
  masters.spoil("m2", true);
  const ended = await masters.step(newer);
  expect(ended.map(({ code }) => code)).toEqual([1, 1, 1]);
  expect(ended[1]?.said).toContain("the one of before is back");
  expect(ended[0]?.said).toContain("another master has failed, so m1 stays as it is");
  expect(masters.releases("m2")).toEqual(all(old));
  // Whatever was done to the others, it was no more than their apiservers.
  for (const name of ["m1", "m3"])
    expect(masters.releases(name).slice(1)).toEqual(all(old).slice(1));
  expect(masters.holder).toBe("m2");

  masters.spoil("m2", false);
  succeeded(await masters.step(newer));
  for (const name of ["m1", "m2", "m3"]) expect(masters.releases(name)).toEqual(all(newer));
  expect([masters.holder, masters.failed]).toEqual(["", []]);
});

test("where an upgrade has not reached a node, the next one does not begin", async () => {
  const masters = new Masters(2, newer);
  masters.node("w1", old);
  masters.prepare("v1.38.0");
  const ended = await masters.step("v1.38.0");
  expect(ended.map(({ code }) => code)).toEqual([1, 1]);
  expect(ended[0]?.said).toContain(
    `node w1 still runs ${old}: bring it to the release between first`,
  );
  expect(masters.acts).toEqual([]);
});

test("an API that does not tell of its nodes: nothing is begun", async () => {
  const masters = new Masters(2, old);
  masters.prepare(newer);
  masters.silence();
  const ended = await masters.step(newer);
  expect(ended.map(({ code }) => code)).toEqual([1, 1]);
  expect(ended[0]?.said).toContain(
    "the API tells of its nodes: not so after 2 s; last seen: no answer",
  );
  expect(masters.acts).toEqual([]);
});
