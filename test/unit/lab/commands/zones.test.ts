import { inventoryOf } from "../../../../lab/cloud/settings";
import { zoneTable } from "../../../../lab/commands/zones";

test("zones are numbered as `zone kill 1` counts them, with the power of their hosts", () => {
  const table = zoneTable([
    { name: "host-1", zone: "ap-guangzhou-3", power: "running", instances: ["ins-aaaaaaaa"] },
    { name: "host-2", zone: "ap-guangzhou-4", power: "failed", instances: [] },
    { name: "host-3", zone: "ap-guangzhou-4", power: "failed", instances: [] },
  ]);
  expect(table).toMatch(/ 1 │ ap-guangzhou-3 │ host-1 +│ running │ +1 /);
  expect(table).toMatch(/ 2 │ ap-guangzhou-4 │ host-2 +│ failed +│ +0 /);
  expect(table).toMatch(/ +│ +│ host-3 +│ failed +│ +0 /);
});

describe("an inventory", () => {
  const layout = (...sizes: [zones: number, hostsPerZone?: number]): string[][] =>
    inventoryOf(...sizes).zones.map(({ switches }) =>
      switches.flatMap(({ racks }) => racks.flatMap(({ hosts }) => hosts.map(({ name }) => name))),
    );

  test("has its hosts in the first zones, numbered through", () => {
    expect(layout(1)).toEqual([["host-1", "host-2", "host-3"], [], []]);
    expect(layout(3)).toEqual([
      ["host-1", "host-2"],
      ["host-3", "host-4"],
      ["host-5", "host-6"],
    ]);
    expect(layout(2, 1)).toEqual([["host-1"], ["host-2"], []]);
  });

  test.each([0, 4, 1.5])("of %s zones is refused", (zones) => {
    expect(() => inventoryOf(zones)).toThrow("the lab's region has 1 to 3");
  });
});
