import { lvs } from "../../../../components/plan/entry/lvs";
import { peersOf } from "../../../../components/plan/peers";
import { first, line, lvsPlanOf, minimalConfig, problemsIn } from "../fixture";

const directors = { members: 2, instanceType: "S5.MEDIUM2" };
const balancers = { members: 2, instanceType: "S5.MEDIUM2" };
const direct = lvsPlanOf();
const pooled = lvsPlanOf({ forwarding: "nat", balancers });

describe("where it is", () => {
  test("directors have addresses, a group and a placement of their own", () => {
    const own = direct.hosts.filter(({ role }) => role === "director");
    expect(own.map(({ name, address }) => [name, address])).toEqual([
      ["prod-director-1", "10.0.0.22"],
      ["prod-director-2", "10.0.0.23"],
    ]);
    expect(direct.placementGroups.map(({ role }) => role)).toContain("director");
    expect(direct.securityGroups.map(({ role }) => role)).toContain("director");
    expect(direct.balancers).toEqual([]);
  });

  test("a VPC has a HAVIP for it; on a layer-2 network whoever announces the address has it", () => {
    expect(pooled.entry.vip).toBe("10.0.0.12");
    expect(lvs.makes(pooled.entry)).toEqual([{ kind: "haVip", name: "prod-lvs" }]);
    expect(direct.entry.vip).toBe("10.0.0.12");
    expect(lvs.makes(direct.entry)).toEqual([]);
  });

  test("connections go to HAProxy where there is some, or else to the masters", () => {
    const names = ({ entry }: typeof direct) => entry.realServers.map(({ name }) => name);
    expect(names(direct)).toEqual(["prod-master-1", "prod-master-2", "prod-master-3"]);
    expect(names(pooled)).toEqual(["prod-balancer-1", "prod-balancer-2"]);
  });
});

describe("who talks to whom", () => {
  const rules = (plan: typeof direct, role: string) =>
    plan.securityGroups
      .find((group) => group.role === role)
      ?.ingress.filter(({ description }) => !/ping|log in|kubelet|etcd|pods|Pod/.test(description))
      .map(({ protocol, port, role, cidr }) => `${protocol} ${port} ${role ?? cidr}`);

  test("nat: clients reach directors, these the balancers and their health, these the masters", () => {
    expect(rules(pooled, "director")).toEqual([
      ...["TCP 6443 worker", "TCP 6443 master", "TCP 6443 bastion"],
      "ALL ALL director",
    ]);
    expect(rules(pooled, "balancer")).toEqual(
      expect.arrayContaining(["TCP 6443 director", "TCP 8404 director"]),
    );
    expect(rules(pooled, "master")).toEqual(
      expect.arrayContaining(["TCP 6443 balancer", "TCP 6443 worker"]),
    );
  });

  test("dr: what is forwarded by MAC has its client's address", () => {
    const through = lvsPlanOf({ balancers });
    expect(rules(through, "balancer")?.sort()).toEqual([
      // Of kind vip, among themselves.
      "ALL ALL balancer",
      ...["TCP 6443 bastion", "TCP 6443 director", "TCP 6443 master", "TCP 6443 worker"],
      "TCP 8404 director",
    ]);
    expect(rules(direct, "master")).toEqual(
      expect.arrayContaining(["TCP 6443 director", "TCP 6443 bastion", "TCP 6443 worker"]),
    );
  });

  test("a director looks whether it reaches its peers and those it sends to", () => {
    const director = first(direct.entry.directors);
    expect(peersOf(direct, director)).toEqual([
      ...["64", "65", "66"].map((end, index) => ({
        name: `prod-master-${index + 1}`,
        address: `10.0.0.${end}`,
        ports: [6443],
      })),
      { name: "prod-director-2", address: "10.0.0.23", ports: [] },
    ]);
  });
});

describe("what hosts need", () => {
  const needs = (plan: typeof direct, role: string) => {
    const host = first(plan.hosts.filter((each) => each.role === role));
    const { packages, modules, sysctls, silentAddresses, directRouting } = lvs.needs(
      plan.entry,
      host,
    );
    const settings = Object.assign({}, ...(sysctls ?? []).map((group) => group.settings)) as object;
    return { packages, modules, settings, silentAddresses, directRouting };
  };

  test("a director by MAC: IPVS, and proof that frames reach the real servers", () => {
    expect(needs(direct, "director")).toEqual({
      packages: ["ipvsadm", "keepalived"],
      modules: ["ip_vs", "ip_vs_lc"],
      settings: {
        "net.ipv4.vs.expire_nodest_conn": "1",
        "net.ipv4.conf.all.send_redirects": "0",
        "net.ipv4.conf.eth0.send_redirects": "0",
      },
      silentAddresses: [],
      directRouting: [{ vip: "10.0.0.12", realServers: ["10.0.0.64", "10.0.0.65", "10.0.0.66"] }],
    });
  });

  test("a director by NAT: a way back, and no proof of what it does not do", () => {
    expect(needs(pooled, "director")).toMatchObject({
      packages: ["iptables", "ipvsadm", "keepalived"],
      modules: ["ip_vs", "ip_vs_lc", "nf_conntrack"],
      settings: { "net.ipv4.ip_forward": "1", "net.ipv4.vs.conntrack": "1" },
      directRouting: [],
    });
  });

  test("those that frames are sent to hold the address silently, and nobody else", () => {
    const holders = (plan: typeof direct) =>
      plan.hosts
        .filter((host) => (lvs.needs(plan.entry, host).silentAddresses ?? []).length > 0)
        .map(({ role }) => role);
    expect(new Set(holders(direct))).toEqual(new Set(["master"]));
    expect(new Set(holders(lvsPlanOf({ balancers })))).toEqual(new Set(["balancer"]));
    expect(holders(pooled)).toEqual([]);
  });

  test("a balancer of the pool runs HAProxy and no keepalived", () => {
    expect(needs(pooled, "balancer").packages).toEqual(["haproxy"]);
  });
});

test.each([
  [{}, 1],
  [{ directors: { ...directors, members: 3 } }, 2],
  [{ directors: { ...directors, members: 3 }, balancers }, 1],
])("of %j so many hosts of any layer may be lost: %i", (entry, lost) => {
  expect(lvs.tolerated(lvsPlanOf(entry).entry)).toBe(lost);
});

describe("what is wrong with the section", () => {
  const said = (more: object, layer2 = true, masters: unknown = 3) => {
    const config = minimalConfig();
    config.network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
    return problemsIn({
      ...config,
      network: { ...config.network, layer2 },
      masters: { ...config.masters, members: masters },
      entry: { kind: "lvs", forwarding: "dr", directors, ...more },
    }).map(line);
  };
  const apart = [{ key: "1" }, { key: "2", zone: "ap-guangzhou-4" }];

  test("nothing", () => {
    expect(said({})).toEqual([]);
    expect(said({ forwarding: "nat" }, false)).toEqual([]);
    expect(said({ forwarding: "nat" }, true)).toEqual([]);
  });

  test("direct routing where frames are not forwarded by MAC", () => {
    expect(said({}, false)).toEqual([
      "entry.forwarding: got dr, but a VPC forwards by address: what a director sends to another MAC comes back to it, and what a server answers from the virtual address is dropped. " +
        "Use nat, or kind vip; where these hosts are on a real layer-2 network, say so by network.layer2: true.",
    ]);
  });

  test("frames that would have to leave their subnet", () => {
    const masters =
      "masters.members: there are some in ap-guangzhou-4, but `dr` sends frames, which stay in the directors' subnet, in ap-guangzhou-3. " +
      "Put them into the directors' zone, or use `entry.forwarding: nat`.";
    expect(said({}, true, apart)).toEqual([masters]);
    expect(said({ balancers }, true, apart)).toEqual([]);
    expect(said({ forwarding: "nat" }, true, apart)).toEqual([]);
    expect(said({ balancers: { ...balancers, members: apart } })).toEqual([
      masters.replace("masters", "entry.balancers"),
    ]);
  });

  test("directors in two zones, or too few of a layer", () => {
    expect(said({ forwarding: "nat", directors: { ...directors, members: apart } })).toEqual([
      "entry.directors.members: the directors are in ap-guangzhou-3, ap-guangzhou-4, but their virtual address belongs to one subnet, so to one zone. Put all directors in one zone.",
    ]);
    expect(
      said({
        directors: { ...directors, members: 1 },
        balancers: { ...balancers, members: 1 },
      }),
    ).toEqual([
      "entry.directors.members: the API entry needs 2 or more directors: got 1, and the VIP has nowhere to go. Use 2 directors.",
      "entry.balancers.members: the API entry needs 2 or more balancers: got 1, and directors have nowhere to send to. Use 2 balancers.",
    ]);
  });

  test("an address that some host has or gets", () => {
    expect(said({ vip: "10.0.0.64" })).toEqual([
      "entry.vip: got 10.0.0.64, but the addresses for it are 10 to 19 of 10.0.0.0/20. Use one of those, or leave it out.",
    ]);
  });

  test("more directors than there are addresses, or than can take a HAVIP", () => {
    expect(said({ directors: { ...directors, members: 11 } })).toEqual([
      'entry.directors.members.10: got key "11", but there are addresses for keys up to "10". Use keys from "1" to "10".',
    ]);
  });

  test("a forwarding or a scheduler that is none", () => {
    expect(said({ forwarding: "tun" })).toEqual([
      'entry.forwarding: got "tun". Use one of dr, nat.',
    ]);
    expect(said({ scheduler: "wlc" })).toEqual([
      'entry.scheduler: got "wlc". Use one of lc, rr, sh.',
    ]);
  });
});
