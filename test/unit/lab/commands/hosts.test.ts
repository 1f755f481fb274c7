import { hostTable } from "../../../../lab/commands/hosts";

test("instances are named, and hosts numbered as `host kill 1` counts them", () => {
  const table = hostTable(
    [
      {
        name: "host-1",
        zone: "ap-guangzhou-3",
        power: "running",
        instances: ["ins-aaaaaaaa", "ins-bbbbbbbb"],
      },
      { name: "host-2", zone: "ap-guangzhou-4", power: "failed", instances: ["ins-cccccccc"] },
    ],
    [
      { instanceId: "ins-aaaaaaaa", name: "lab-etcd-1" },
      { instanceId: "ins-bbbbbbbb", name: "lab-master-1" },
    ],
  );
  expect(table).toMatch(/ 1 │ host-1 +│ ap-guangzhou-3 +│ running │ lab-etcd-1 /);
  expect(table).toContain("lab-master-1");
  expect(table).not.toContain("ins-aaaaaaaa");
  // One that has just gone from the other list keeps its id.
  expect(table).toMatch(/ 2 │ host-2 +│ ap-guangzhou-4 +│ failed +│ ins-cccccccc /);
});
