import { certificateNames as policy } from "../../../policy/rules/entry/certificateNames";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";
import { clusterComponent, editApiserver, editDocument, filesOf, nodeSteps } from "../steps";

const name = "master-1-control-plane";

function stack(): FixtureResource[] {
  const hosts = compliantStack();
  [1, 2, 3].forEach((i) => {
    Object.assign(named(hosts, `master-${i}`).props, {
      instanceName: `master-${i}`,
      privateIp: `10.0.0.${79 + i}`,
    });
  });
  const entry = {
    type: tokenOf("vipEntry"),
    name: "entry",
    parent: "prod",
    props: { entry: { vip: "10.0.0.10" } },
  };
  return [...nodeSteps(), ...hosts, entry];
}
function edited(change: (resources: FixtureResource[]) => unknown) {
  const resources = stack();
  change(resources);
  return found(policy, resources);
}

test("a certificate that holds all of them is allowed", () => {
  expect(found(policy, stack())).toEqual([]);
});

test.each(["api.prod.internal", "10.0.0.10", "master-2", "10.0.0.82"])(
  "one without %s is denied",
  (gone) => {
    const change = (resources: FixtureResource[]) =>
      editApiserver(named(resources, name), (apiserver) => {
        apiserver.certSANs = apiserver.certSANs.filter((held) => held !== gone);
      });
    expect(edited(change)).toEqual([
      `${name}: the certificate of the apiserver lacks ${gone}. Add it to certSANs of the ClusterConfiguration.`,
    ]);
  },
);

test("the VIP of LVS must be in it as that of a balancer", () => {
  const lvs = (resources: FixtureResource[]) =>
    Object.assign(named(resources, "entry"), {
      type: tokenOf("lvsEntry"),
      props: { entry: { vip: "10.0.0.12" } },
    });
  expect(edited(lvs)).toEqual([expect.stringContaining("lacks 10.0.0.12.")]);
});

test("all that are missing are named, once", () => {
  const change = (resources: FixtureResource[]) =>
    editApiserver(named(resources, name), (apiserver) => {
      apiserver.certSANs = [];
    });
  expect(edited(change)).toEqual([
    expect.stringContaining(
      "lacks api.prod.internal, 10.0.0.10, master-1, 10.0.0.80, master-2, 10.0.0.81, master-3, 10.0.0.82. Add",
    ),
  ]);
});

test.each<[string, (resources: FixtureResource[]) => unknown, string]>([
  [
    "name",
    (r) =>
      editDocument(
        named(r, name),
        "ClusterConfiguration",
        (d) => (d.controlPlaneEndpoint = "k.test:6443"),
      ),
    "lacks k.test.",
  ],
  ["VIP", (r) => (named(r, "entry").props.entry = { vip: "10.0.0.11" }), "lacks 10.0.0.11."],
  ["master", (r) => (named(r, "master-3").props.privateIp = "10.0.0.99"), "lacks 10.0.0.99."],
])("a new %s must be in it", (_, change, expected) => {
  expect(edited(change)).toEqual([expect.stringContaining(expected)]);
});

test("entries and masters of other clusters, and other hosts, need not be in it", () => {
  const change = (resources: FixtureResource[]) => {
    Object.assign(named(resources, "master-3").props, { privateIp: "10.9.9.9" });
    tagsOf(named(resources, "master-3"))["kubernetes-ha/cluster"] = "other";
    Object.assign(named(resources, "worker-1").props, { privateIp: "10.8.8.8" });
    resources.push(clusterComponent("other"), {
      ...structuredClone(named(resources, "entry")),
      name: "other-entry",
      parent: "other",
      props: { entry: { vip: "10.7.7.7" } },
    });
  };
  expect(edited(change)).toEqual([]);
});

test("an address not known yet is not compared", () => {
  expect(edited((resources) => (named(resources, "master-3").props.privateIp = unknown))).toEqual(
    [],
  );
});

test("no endpoint, nothing to hold", () => {
  const change = (r: FixtureResource[]) =>
    editDocument(
      named(r, name),
      "ClusterConfiguration",
      (d) => (d.controlPlaneEndpoint = undefined),
    );
  expect(edited(change)).toEqual([]);
});

test("a configuration not known yet leaves it undecided", () => {
  const change = (resources: FixtureResource[]) =>
    filesOf(named(resources, name)).forEach((file) => (file.content = unknown));
  expect(edited(change)).toEqual([
    expect.stringContaining(`${name}: cannot decide: the step of the master places no Cluster`),
  ]);
});

test("the address of the proxies counts as the entry's", () => {
  const change = (resources: FixtureResource[]) => {
    const entry = named(resources, "entry");
    entry.type = tokenOf("nodeLocalEntry");
    entry.props = { cluster: "prod", entry: { address: "10.103.97.2" } };
  };
  expect(edited(change)).toEqual([
    expect.stringContaining("the certificate of the apiserver lacks 10.103.97.2"),
  ]);
});
