import fc from "fast-check";

import {
  debian,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

interface Placement {
  instanceId: string;
  physicalHost: string;
  rack: string;
  switch: string;
}

async function group(cloud: TestCloud, type: string, affinity?: number): Promise<string> {
  const { DisasterRecoverGroupId } = await cloud.cvm.CreateDisasterRecoverGroup({
    Name: "group",
    Type: type,
    ...(affinity !== undefined && { Affinity: affinity }),
  });
  return DisasterRecoverGroupId as string;
}

function order(
  cloud: TestCloud,
  network: { vpcId: string; subnetId: string },
  count: number,
  groupIds: string[],
) {
  return cloud.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL1",
    InstanceCount: count,
    DisasterRecoverGroupIds: groupIds,
    VirtualPrivateCloud: { VpcId: network.vpcId, SubnetId: network.subnetId },
  });
}

test("life, quota and strictness of a group", async () => {
  const cloud = await startTestCloud();
  try {
    const network = await makeNetwork(cloud);
    const id = await group(cloud, "HOST");
    await order(cloud, network, 3, [id]);
    expect(await outcome(order(cloud, network, 1, [id]))).toBe(
      "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
    );
    const { DisasterRecoverGroupSet } = await cloud.cvm.DescribeDisasterRecoverGroups({
      DisasterRecoverGroupIds: [id],
    });
    expect(DisasterRecoverGroupSet?.[0]).toMatchObject({
      Affinity: 1,
      CurrentNum: 3,
      CvmQuotaTotal: 50,
      Type: "HOST",
    });
    expect(
      await outcome(cloud.cvm.DeleteDisasterRecoverGroups({ DisasterRecoverGroupIds: [id] })),
    ).toBe("FailedOperation.PlacementSetNotEmpty");

    const ids = DisasterRecoverGroupSet?.[0]?.InstanceIds as string[];
    await until(
      () => cloud.cvm.DescribeInstancesStatus({ InstanceIds: ids }),
      (r) => (r.InstanceStatusSet ?? []).every((each) => each.InstanceState === "RUNNING"),
    );
    await cloud.cvm.TerminateInstances({ InstanceIds: ids });
    await cloud.cvm.DeleteDisasterRecoverGroups({ DisasterRecoverGroupIds: [id] });

    for (let n = 0; n < 10; n++) {
      await group(cloud, "RACK");
    }
    expect(await outcome(group(cloud, "RACK"))).toBe("LimitExceeded.DisasterRecoverGroup");
    expect(await outcome(group(cloud, "SHELF"))).toBe("InvalidParameterValue");
  } finally {
    await cloud.close();
  }
});

test("an instance joins a group where it stands, or moves when it may", async () => {
  const cloud = await startTestCloud();
  try {
    const network = await makeNetwork(cloud);
    const id = await group(cloud, "HOST");
    const first = await makeInstance(cloud, network, { DisasterRecoverGroupIds: [id] });
    const others = [await makeInstance(cloud, network), await makeInstance(cloud, network)];
    const late = await makeInstance(cloud, network);
    const where = async (instanceId: string): Promise<string | undefined> =>
      ((await cloud.admin("GET", "/placement")) as Placement[]).find(
        (each) => each.instanceId === instanceId,
      )?.physicalHost;
    expect(await where(late)).toBe(await where(first));
    const join = (force: boolean) =>
      cloud.cvm.ModifyInstancesDisasterRecoverGroup({
        InstanceIds: [late],
        DisasterRecoverGroupIds: [id],
        Force: force,
      });
    expect(await outcome(join(false))).toBe("UnsupportedOperation");
    expect(await outcome(join(true))).toBe("ok");
    expect(await where(late)).not.toBe(await where(first));
    expect(others).toHaveLength(2);
  } finally {
    await cloud.close();
  }
});

test("whatever is ordered, no strict group ever has two members in one fault domain", async () => {
  const cloud = await startTestCloud({
    inventory: {
      zones: [
        {
          name: zone,
          switches: [1, 2].map((s) => ({
            name: `s${s}`,
            racks: [1, 2].map((r) => ({
              name: `r${r}`,
              hosts: [1, 2].map((h) => ({ name: `h${s}${r}${h}`, cpus: 64, memoryGiB: 128 })),
            })),
          })),
        },
      ],
    },
  });
  try {
    const network = await makeNetwork(cloud);
    const domains = { HOST: "physicalHost", RACK: "rack", SW: "switch" } as const;
    const sizes = { HOST: 8, RACK: 4, SW: 2 } as const;
    const orders = fc.array(
      fc.record({
        type: fc.constantFrom<keyof typeof domains>("HOST", "RACK", "SW"),
        count: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(orders, async (wanted) => {
        const made: { id: string; instances: string[] }[] = [];
        for (const { type, count } of wanted) {
          const id = await group(cloud, type);
          const entry = { id, instances: [] as string[] };
          made.push(entry);
          const ordered = order(cloud, network, count, [id]);
          if (count > sizes[type]) {
            expect(await outcome(ordered)).toBe(
              "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
            );
            continue;
          }
          const { InstanceIdSet } = await ordered;
          entry.instances = InstanceIdSet as string[];
          const all = (await cloud.admin("GET", "/placement")) as Placement[];
          const taken = all
            .filter((each) => InstanceIdSet?.includes(each.instanceId))
            .map((each) => each[domains[type]]);
          expect(new Set(taken).size).toBe(count);
        }
        for (const { id, instances } of made) {
          if (instances.length > 0) {
            await cloud.cvm.TerminateInstances({ InstanceIds: instances });
          }
          await cloud.cvm.DeleteDisasterRecoverGroups({ DisasterRecoverGroupIds: [id] });
        }
      }),
      { numRuns: 25 },
    );
  } finally {
    await cloud.close();
  }
}, 60_000);
