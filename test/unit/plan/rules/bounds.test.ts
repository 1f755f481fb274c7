import { layout, subnetPrefix } from "../../../../components/plan/addresses";
import { exposureFault, isWorld } from "../../../../components/plan/rules/exposure";
import {
  balancersFault,
  etcdSizeFault,
  mastersFault,
} from "../../../../components/plan/rules/quorum";
import { kubeletSkewFault } from "../../../../components/plan/rules/skew";
import { upgradeFault } from "../../../../components/plan/rules/upgrade";
import { line, problemsOf, type TestConfig } from "../fixture";

/** What is wrong with the minimal configuration after a change: `<path>: <message>. <fix>.` */
function problems(change: (config: TestConfig) => unknown): string[] {
  return problemsOf(change).map(line);
}
const keys = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

describe("upgrades", () => {
  test.each([
    ["v1.36.3", "v1.36.3"],
    ["v1.36.3", "v1.36.1"],
    ["v1.36.3", "v1.37.0"],
    ["1.36.3", "v1.36.4"],
  ])("from %s to %s is one step", (before, after) => {
    expect(upgradeFault("Kubernetes", before, after)).toBeUndefined();
  });

  test.each([
    [
      "v1.36.3",
      "v1.38.0",
      "Kubernetes goes from v1.36.3 to v1.38.0, 2 minor releases at once",
      "Go to 1.37 first",
    ],
    [
      "v1.36.3",
      "v1.35.9",
      "Kubernetes goes from v1.36.3 to v1.35.9, a minor release down",
      "Stay at v1.36.3 or later",
    ],
    [
      "v1.36.3",
      "v2.36.3",
      "Kubernetes goes from v1.36.3 to v2.36.3, another major release",
      "Make a new cluster and move to it",
    ],
    [
      "x",
      "v1.36.3",
      "Kubernetes goes from x to v1.36.3, of which one is no version",
      "Use versions like v1.36.3",
    ],
    [
      "v1.36.3",
      "x",
      "Kubernetes goes from v1.36.3 to x, of which one is no version",
      "Use versions like v1.36.3",
    ],
  ])("from %s to %s is none", (before, after, message, fix) => {
    expect(upgradeFault("Kubernetes", before, after)).toEqual({ message, fix });
  });

  test("a kubelet of a later major with an earlier minor is newer", () => {
    expect(kubeletSkewFault("v1.36.0", "v2.0.0")?.message).toContain("newer than the apiserver");
  });
});

describe("exposure", () => {
  test.each([
    ["::/0", true],
    ["2000::/15", true],
    ["2001::/16", false],
    ["2001:db8::1", false],
    [" 0.0.0.0/0 ", true],
    ["10.0.0.0/8", false],
    ["10.0.0.0/7", true],
    ["10.1.2.3/8", false],
    ["10.1.2.3/4", true],
    ["10.1.2.3", false],
    ["nonsense", true],
  ])("%j means everybody: %s", (cidr, world) => {
    expect(isWorld(cidr)).toBe(world);
  });

  test.each([
    ["22", true],
    [" 80, 22 ", true],
    ["21-22", true],
    ["22-23", true],
    ["23-2378", false],
    ["x22", true],
    ["22x", true],
    ["80-x", true],
    ["80-90x", true],
    ["80-x90", true],
  ])("ports %j open a guarded one: %s", (ports, open) => {
    const fault = exposureFault({ cidr: "0.0.0.0/0", protocol: "TCP", ports });
    expect(fault !== undefined).toBe(open);
  });

  test("nobody is no fault", () => {
    expect(exposureFault({ protocol: "TCP", ports: "22" })).toBeUndefined();
  });
});

describe("sizes", () => {
  test.each([
    [2, "Use 3 members"],
    [4, "Use 3 or 5 members"],
    [6, "Use 5 or 7 members"],
    [8, "Use 7 members"],
  ])("%i etcd members: %s", (members, fix) => {
    expect(etcdSizeFault(members)?.fix).toBe(fix);
  });

  test("masters and balancers say what to use", () => {
    expect(mastersFault(1)?.fix).toBe("Use 2 or more masters; 3 keep two while one is upgraded");
    expect(balancersFault(1)?.fix).toBe("Use 2 balancers");
    expect([mastersFault(2), balancersFault(2)]).toEqual([undefined, undefined]);
  });

  test("masters fill their addresses, and not one more", () => {
    const { count } = layout.master;
    const last = (key: number) => (config: TestConfig) =>
      (config.masters.members = [...keys(1, 2), String(key)]);
    expect(problems(last(count))).toEqual([]);
    expect(problems(last(count + 1))).toEqual([
      `masters.members.2: got key "${count + 1}", but there are addresses for keys up to "${count}". Use keys from "1" to "${count}".`,
    ]);
  });

  test("balancers have their own room", () => {
    const { count } = layout.balancer;
    expect(
      problems((config) => (config.entry.balancers.members = ["1", String(count + 1)])),
    ).toEqual([
      expect.stringContaining(
        `entry.balancers.members.1: got key "${count + 1}", but there are addresses`,
      ),
    ]);
  });
});

describe("ranges", () => {
  const subnet = (prefix: number) => (config: TestConfig) => {
    config.network.vpcCidr = "10.0.0.0/12";
    config.network.zones[0].subnetCidr = `10.0.0.0/${prefix}`;
  };

  test("subnets have their bounds", () => {
    for (const prefix of [subnetPrefix.min, subnetPrefix.max]) {
      expect(problems(subnet(prefix)).join()).not.toContain("addresses are laid out for");
    }
    for (const prefix of [subnetPrefix.min - 1, subnetPrefix.max + 1]) {
      expect(problems(subnet(prefix)).join()).toContain(
        `network.zones.0.subnetCidr: got a /${prefix}, but addresses are laid out for`,
      );
    }
  });

  test.each([
    ["172.16.0.0/12", false],
    ["172.16.0.0/24", false],
    ["172.16.0.0/25", true],
    ["10.224.0.0/11", true],
  ])("services %s refused: %s", (serviceCidr, refused) => {
    const said = problems((config) => {
      config.network.vpcCidr = "10.0.0.0/16";
      config.network.podCidr = "192.168.0.0/16";
      config.network.serviceCidr = serviceCidr;
    });
    expect(said.some((line) => line.includes("but the API takes /12 to /24"))).toBe(refused);
  });

  test.each([
    ["192.168.0.0/25", "but every node takes a /24 of it"],
    ["192.168.0.0/24", "192.168.0.0/24 has room for 1 nodes: got 5"],
    ["192.168.0.0/22", "192.168.0.0/22 has room for 4 nodes: got 5"],
    ["192.168.0.0/21", ""],
  ])("pods in %s: %j", (podCidr, expected) => {
    const said = problems((config) => (config.network.podCidr = podCidr));
    expect(said.join("\n")).toContain(expected);
    expect(said.length).toBe(expected === "" ? 0 : 1);
  });

  test("exactly as many nodes as there is room for", () => {
    const said = problems((config) => {
      config.network.podCidr = "192.168.0.0/22";
      config.workers[0].members = 1;
    });
    expect(said).toEqual([]);
  });

  test("the VIP has its own addresses", () => {
    const vip = (offset: number) => problems((config) => (config.entry.vip = `10.0.0.${offset}`));
    expect(vip(layout.vip)).toEqual([]);
    expect(vip(layout.bastion.first - 1)).toEqual([]);
    for (const offset of [layout.vip - 1, layout.bastion.first]) {
      expect(vip(offset)).toEqual([
        `entry.vip: got 10.0.0.${offset}, but the addresses for it are ${layout.vip} to ${layout.bastion.first - 1} of 10.0.0.0/20. Use one of those, or leave it out.`,
      ]);
    }
  });
});

describe("zones", () => {
  const second = (config: TestConfig) =>
    config.network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });

  test("balancers in two are refused, in whole", () => {
    const said = problems((config) => {
      second(config);
      config.entry.balancers.members = ["1", { key: "2", zone: "ap-guangzhou-4" }];
    });
    expect(said).toEqual([
      "entry.balancers.members: the balancers are in ap-guangzhou-3, ap-guangzhou-4, but a HAVIP belongs to one subnet, so to one zone. " +
        "Put all balancers in one zone.",
    ]);
  });

  test("a quorum of etcd in one is refused, in whole", () => {
    const said = problems((config) => {
      second(config);
      config.etcd.members = ["1", "2", { key: "3", zone: "ap-guangzhou-4" }];
    });
    expect(said).toEqual([
      "etcd.members: ap-guangzhou-3 holds 2 of 3 etcd members, a quorum, so the other zones add nothing. Leave at most 1 in one zone, or put all in one.",
    ]);
  });

  test("a VIP lies in the balancers' subnet, wherever that is", () => {
    const said = problems((config) => {
      second(config);
      const zone = "ap-guangzhou-4";
      config.entry.balancers.members = [
        { key: "1", zone },
        { key: "2", zone },
      ];
      config.entry.vip = `10.0.16.${layout.vip}`;
    });
    expect(said).toEqual([]);
  });

  test("workers have addresses in their own zone", () => {
    const said = problems((config) => {
      second(config);
      config.workers.push({
        pool: "other",
        members: 2,
        instanceType: "S5.LARGE8",
        zone: "ap-guangzhou-4",
      });
    });
    expect(said).toEqual([]);
  });
});

describe("worker pools", () => {
  const pool = (change: object) => (config: TestConfig) => Object.assign(config.workers[0], change);

  test("a role's name is refused", () => {
    expect(problems(pool({ pool: "etcd" }))).toEqual([
      'workers.0.pool: got "etcd", which is the pool of a role. Use another name than bastion, etcd, master, balancer, director, registry.',
    ]);
  });

  test("a name that is there is refused", () => {
    const said = problems((config) =>
      config.workers.push({ ...config.workers[0], addressBlock: 1 }),
    );
    expect(said).toEqual([
      'workers.1.pool: pool "worker" is there twice. Give every pool a name of its own.',
    ]);
  });

  test.each(["kubernetes.io/x", "node-role.kubernetes.io/x", "a.k8s.io/x"])(
    "label %s is no node's to give",
    (label) => {
      expect(problems(pool({ labels: { [label]: "y" } }))).toEqual([
        `workers.0.labels: got label ${label}, which no node may give itself. ` +
          "Use a domain of your own, or node.kubernetes.io/ or kubelet.kubernetes.io/.",
      ]);
    },
  );

  test.each(["node.kubernetes.io/x", "example.com/x", "notkubernetes.io/x"])(
    "label %s is",
    (label) => {
      expect(problems(pool({ labels: { [label]: "y" } }))).toEqual([]);
    },
  );
});
