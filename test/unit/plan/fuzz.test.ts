import fc from "fast-check";
import {
  type ClusterPlan,
  ClusterConfigError,
  parseClusterConfig,
  planCluster,
} from "../../../components/plan";
import { contains, parseCidr } from "../../../components/plan/cidr";
import { clusterConfigs } from "../../support/clusterConfigs";

/** The plan, or what is wrong with the configuration; any other error is a fault of ours. */
function planOrProblems(input: unknown): ClusterPlan | ClusterConfigError {
  try {
    return planCluster(parseClusterConfig(input));
  } catch (error) {
    if (error instanceof ClusterConfigError) return error;
    throw error;
  }
}

function checkPlan({ hosts, network }: ClusterPlan): void {
  const names = hosts.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const addresses = hosts.map(({ address }) => address);
  expect(new Set(addresses).size).toBe(addresses.length);
  for (const { zone, address } of hosts) {
    const subnet = network.subnets.find((each) => each.zone === zone);
    expect(contains(parseCidr(subnet?.cidr ?? ""), parseCidr(`${address}/32`))).toBe(true);
  }
}

function checkProblems({ problems }: ClusterConfigError): void {
  expect(problems.length).toBeGreaterThan(0);
  for (const { path, message, fix } of problems) {
    expect(path).not.toBe("");
    expect(message).toMatch(/\S/);
    expect(fix).toMatch(/\S/);
  }
}

test("a configuration as people write them is planned, or refused with path, reason and fix", () => {
  let planned = 0;
  const runs = 500;
  fc.assert(
    fc.property(clusterConfigs, (config) => {
      const result = planOrProblems(config);
      if (result instanceof ClusterConfigError) checkProblems(result);
      else {
        planned += 1;
        checkPlan(result);
      }
    }),
    { numRuns: runs },
  );
  // Of a generator that makes one kind only, half of this test would never run.
  expect(planned).toBeGreaterThan(runs / 10);
  expect(planned).toBeLessThan((runs * 9) / 10);
});

test("one thing replaced by anything at all is still planned, or refused: never another error", () => {
  fc.assert(
    fc.property(clusterConfigs, fc.nat(), fc.jsonValue(), (config, at, value) => {
      const places = placesIn(config);
      const place = places[at % places.length];
      if (place === undefined) throw new Error("a configuration has places");
      place.holder[place.key] = value;
      const result = planOrProblems(config);
      if (result instanceof ClusterConfigError) checkProblems(result);
      else checkPlan(result);
    }),
    { numRuns: 500 },
  );
});

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

/** Everywhere in an object where a value could be replaced. */
function placesIn(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder: holder as Record<string, unknown>, key },
    ...(typeof value === "object" && value !== null ? placesIn(value as object) : []),
  ]);
}
