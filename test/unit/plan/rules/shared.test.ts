import fc from "fast-check";
import { detectionFault, detectionSeconds } from "../../../../components/plan/rules/detection";
import { etcdDiskFault, slowerDisk } from "../../../../components/plan/rules/disks";
import { flowsLetIn } from "../../../../components/plan/rules/flows";
import { apiserverSkewFault, kubeletSkewFault } from "../../../../components/plan/rules/skew";
import { zoneQuorumFaults } from "../../../../components/plan/rules/quorum";
import { tolerated } from "../../../../components/plan/topology/quorum";
import { planOf } from "../fixture";

describe("zones", () => {
  test("no zone of several may be lost with the quorum: exactly then the rule is silent", () => {
    const zones = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(zones, (of) => {
        const several = new Set(of).size > 1;
        const fatal = [...new Set(of)].filter(
          (zone) => of.filter((other) => other === zone).length > tolerated(of.length),
        );
        const faults = zoneQuorumFaults(of);
        // Of an even count the half is no quorum, but its loss takes the quorum: odd counts are another rule.
        fc.pre(of.length % 2 === 1);
        expect(faults.length).toBe(several ? fatal.length : 0);
      }),
    );
  });

  test("the message counts", () => {
    expect(zoneQuorumFaults(["a", "a", "b", "a", "c"])).toEqual([
      {
        message: "a holds 3 of 5 etcd members, a quorum, so the other zones add nothing",
        fix: "Leave at most 2 in one zone, or put all in one",
      },
    ]);
  });
});

describe("detection", () => {
  test("interval times failures, and one more timeout", () => {
    expect(detectionSeconds({ interval: 5, failures: 3, timeout: 2 })).toBe(17);
    expect(detectionSeconds({ interval: 2, failures: 2, timeout: 2 })).toBe(6);
  });

  test("at the limit is in time", () => {
    const check = { interval: 2, failures: 2, timeout: 2 };
    expect(detectionFault(check, 6)).toBeUndefined();
    expect(detectionFault(check, 5.9)).toEqual({
      message:
        "a master that is gone still gets connections for 6 s (2 checks 2 s apart, 2 s each), more than 5.9 s",
      fix: "Check more often, or give up sooner",
    });
  });
});

describe("disks", () => {
  test("etcd's own", () => {
    expect(etcdDiskFault("CLOUD_BSSD")).toBeUndefined();
    expect(etcdDiskFault("CLOUD_PREMIUM")).toEqual({
      message:
        "got CLOUD_PREMIUM, whose writes take several ms; etcd elects a new leader when they do",
      fix: "Use one of CLOUD_BSSD, CLOUD_SSD, CLOUD_HSSD, CLOUD_TSSD",
    });
    expect(etcdDiskFault("FLOPPY")?.message).toContain("no type known to be fast enough");
  });

  test.each([
    ["CLOUD_HSSD", "CLOUD_SSD", true],
    ["CLOUD_SSD", "CLOUD_HSSD", false],
    ["CLOUD_SSD", "CLOUD_SSD", false],
    ["CLOUD_BASIC", "FLOPPY", true],
  ])("from %s to %s is slower: %s", (before, after, slower) => {
    expect(slowerDisk(before, after)).toBe(slower);
  });
});

describe("flows", () => {
  test("the planned security groups let in no guarded flow but for those who may have it", () => {
    for (const { role, ingress } of planOf().securityGroups) {
      for (const rule of ingress) {
        const { protocol, port } = rule;
        for (const flow of flowsLetIn(role, { protocol, ports: port })) {
          expect({ to: role, what: flow.what, from: rule.role }).toEqual({
            to: role,
            what: flow.what,
            from: flow.from.find((from) => from === rule.role),
          });
        }
      }
    }
  });

  test.each([
    ["etcd", { protocol: "TCP", ports: "2379" }, ["etcd's clients' port"]],
    [
      "etcd",
      { protocol: "TCP" },
      ["etcd's clients' port", "etcd's peers' port", "the kubelet", "SSH"],
    ],
    ["etcd", {}, ["etcd's clients' port", "etcd's peers' port", "the kubelet", "SSH"]],
    ["balancer", {}, ["VRRP"]],
    ["balancer", { protocol: "TCP" }, ["SSH"]],
    ["balancer", { protocol: "udp" }, []],
    ["bastion", {}, []],
    ["worker", { protocol: "TCP", ports: "10250" }, ["the kubelet"]],
  ] as const)("into %s, %j lets %j", (role, rule, expected) => {
    expect(flowsLetIn(role, rule).map(({ what }) => what)).toEqual(expected);
  });
});

describe("version skew", () => {
  test.each([
    ["v1.36.3", "v1.36.3"],
    ["v1.36.3", "v1.36.0"],
    ["v1.36.3", "v1.33.9"],
    ["1.36.3", "1.35.9"],
  ])("apiserver %s takes a kubelet %s", (apiserver, kubelet) => {
    expect(kubeletSkewFault(apiserver, kubelet)).toBeUndefined();
  });

  test.each([
    [
      "v1.36.3",
      "v1.36.4",
      "the kubelet is v1.36.4, newer than the apiserver, v1.36.3",
      "Upgrade the masters first",
    ],
    ["v1.36.3", "v2.1.0", "the kubelet is v2.1.0, newer than", "Upgrade the masters first"],
    [
      "v1.36.3",
      "v1.32.9",
      "4 minors older than the apiserver, v1.36.3; 3 are supported",
      "Upgrade the workers before",
    ],
    ["v2.0.0", "v1.36.0", "Infinity minors older", "Upgrade the workers before"],
  ])("apiserver %s refuses a kubelet %s", (apiserver, kubelet, message, fix) => {
    expect(kubeletSkewFault(apiserver, kubelet)?.message).toContain(message);
    expect(kubeletSkewFault(apiserver, kubelet)?.fix).toContain(fix);
  });

  test.each([[[]], [["v1.36.3"]], [["v1.36.3", "v1.35.0"]], [["v1.35.0", "v1.36.3", "v1.35.1"]]])(
    "apiservers %j may serve together",
    (releases) => {
      expect(apiserverSkewFault(releases)).toBeUndefined();
    },
  );

  test("two minors apart they may not, in whatever order", () => {
    const releases = ["v1.36.3", "v1.34.0", "v1.35.0"];
    const expected = {
      message: "apiservers of v1.34.0 and v1.36.3 are 2 minors apart; 1 is supported",
      fix: "Upgrade by one minor at a time, all masters before the next",
    };
    expect(apiserverSkewFault(releases)).toEqual(expected);
    expect(apiserverSkewFault(releases.reverse())).toEqual(expected);
    expect(releases).toHaveLength(3);
  });
});
