import * as fc from "fast-check";
import type {
  HealthCheckSpec,
  HealthState,
  TargetSpec,
} from "../../../../../lab/hosts/loadBalancer";
import {
  inRotation,
  leastConnections,
  weightedRound,
} from "../../../../../lab/hosts/platform/rotation";
import { listener } from "../worlds";

const target = (name: string, weight = 10): TargetSpec => ({
  instanceId: `ins-${name}`,
  address: "10.0.1.2",
  port: 6443,
  weight,
});
const names = (targets: readonly TargetSpec[]): string =>
  targets.map(({ instanceId }) => instanceId.slice(4)).join("");
const healthCheck: HealthCheckSpec = {
  kind: "TCP",
  timeout: 2,
  interval: 5,
  healthyAfter: 3,
  unhealthyAfter: 3,
  source: "range",
};

describe("who gets new connections", () => {
  type Row = [
    why: string,
    targets: Record<string, [weight: number, state: HealthState]>,
    who: string,
  ];
  test.each<Row>([
    ["the living", { a: [10, "Alive"], b: [10, "Dead"], c: [1, "Alive"] }, "ac"],
    ["not those that are still detected", { a: [10, "Alive"], b: [10, "Unknown"] }, "a"],
    ["nobody of weight 0", { a: [0, "Alive"], b: [10, "Alive"] }, "b"],
    ["all, when all are dead", { a: [10, "Dead"], b: [10, "Dead"] }, "ab"],
    ["all with a weight, when none of these lives", { a: [0, "Alive"], b: [10, "Dead"] }, "b"],
    ["all, when nothing is known", { a: [10, "Unknown"], b: [10, "Unknown"] }, "ab"],
    ["nobody, when nobody has a weight", { a: [0, "Alive"] }, ""],
    ["nobody, when there is nobody", {}, ""],
  ])("%s", (_, given, who) => {
    const targets = Object.entries(given).map(([name, [weight]]) => target(name, weight));
    const stateOf = ({ instanceId }: TargetSpec): HealthState =>
      given[instanceId.slice(4)]?.[1] ?? "Unknown";
    expect(names(inRotation(listener([], { targets, healthCheck }), stateOf))).toBe(who);
  });

  test("everybody with a weight, without a check", () => {
    const targets = [target("a"), target("b", 0), target("c")];
    expect(names(inRotation(listener([], { targets }), () => "Dead"))).toBe("ac");
  });
});

describe("a round by weight", () => {
  test.each([
    [[10, 10], "ab"],
    [[30, 10], "aaba"],
    [[50, 10, 10], "aabacaa"],
    [[7], "a"],
    [[], ""],
  ])("of %j is %s", (weights, round) => {
    const targets = weights.map((weight, index) => target("abc".charAt(index), weight));
    expect(names(weightedRound(targets))).toBe(round);
  });

  test("has every target as often as its weight says", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, (given) => {
        const round = weightedRound(given.map((weight, index) => target(String(index), weight)));
        const counts = given.map(
          (_, index) => round.filter(({ instanceId }) => instanceId === `ins-${index}`).length,
        );
        const [first = 0] = given;
        for (const [index, weight] of given.entries())
          expect((counts[index] ?? 0) * first).toBe((counts[0] ?? 0) * weight);
      }),
    );
  });
});

describe("the next by least connections", () => {
  test.each<[string, Record<string, [weight: number, connections: number]>, string]>([
    ["levels out", { a: [10, 3], b: [10, 0] }, "bbbab"],
    ["goes by weight", { a: [20, 0], b: [10, 0] }, "aabaa"],
    ["is in turn when all are even", { a: [10, 2], b: [10, 2] }, "ababa"],
  ])("%s", (_, given, next) => {
    const targets = Object.entries(given).map(([name, [weight]]) => target(name, weight));
    const count = ({ instanceId }: TargetSpec): number => given[instanceId.slice(4)]?.[1] ?? 0;
    expect(names(leastConnections(targets, count, 5))).toBe(next);
  });

  test("is nobody without targets", () => {
    expect(leastConnections([], () => 0, 5)).toEqual([]);
  });
});
