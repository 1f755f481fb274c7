import { judge } from "../../../policy/check/judge";
import type { State } from "../../../policy/check/preview";
import {
  addDeparture,
  addMember,
  addOwnDeparture,
  livingCluster,
  previewOf,
  removeMember,
  type Stack,
  withRegistry,
} from "./stack";

/** A change of a living cluster. */
type Edit = (after: Stack) => void;

/** Rules that deny a change, sorted, and their messages. */
function denials(before: Stack, edit: Edit): { rules: string[]; messages: string[] } {
  const after = before.copy();
  edit(after);
  const denied = judge(previewOf(before, after)).rules.filter(
    ({ verdict }) => verdict === "denied",
  );
  return {
    rules: denied.map(({ rule }) => rule).sort(),
    messages: denied.flatMap(({ findings }) => findings.map(({ message }) => message)),
  };
}

const input = (state: State, name: string, value: unknown) => void (state.inputs[name] = value);
const tags = (state: State) => state.inputs["tags"] as Record<string, string>;

/** Instances that are made anew, and the steps on them. */
function replace(after: Stack, ...names: string[]): void {
  for (const name of names) {
    input(after.gate(name), "triggers", [`ins-${name}-new`]);
    after.replace(after.instance(name), after.gate(name));
  }
}

/** Has what touches a member wait until another one is healthy again. */
function order(after: Stack, second: string, first: string): void {
  const gate = after.gate(first).urn;
  after.instance(second).dependencies.push(gate);
  after.gate(second).dependencies.push(gate);
}

/** Runs a command that is no step of ours on a member. */
function runForeign(after: Stack, name: string): void {
  const gate = after.gate(name);
  gate.inputs["triggers"] = [`ins-${name}`];
  input(gate, "create", "systemctl restart etcd");
}

const stopAll = (after: Stack, names: string[]) =>
  names.forEach((name) => {
    input(after.instance(name), "instanceType", "S5.2XLARGE32");
    input(after.gate(name), "triggers", [name, "resized"]);
  });

/** A cluster of so many members of etcd, some of whom have departures of this project. */
function departing(etcd: number, ...members: string[]): Stack {
  const stack = livingCluster(etcd);
  members.forEach((name) => addOwnDeparture(stack, name));
  return stack;
}

const endpoint = "api.prod.internal:6443";

/** A cluster whose entry says what it is. */
function entered(): Stack {
  const stack = livingCluster();
  stack.add("vipEntry", "vip", { inputs: { entry: { endpoint } } });
  return stack;
}

/** Takes the entry away with all that is its own. */
function leaveVip(after: Stack): void {
  after.remove(after.get("vipEntry", "vip").urn, after.get("haVip", "api").urn);
  ["balancer-1", "balancer-2"].forEach((name) => removeMember(after, name));
}

/** Adds a proxy on every node. */
function enter(after: Stack, at: string): void {
  after.add("nodeLocalEntry", "proxies", { inputs: { cluster: "prod", entry: { endpoint: at } } });
}

/** A cluster whose etcd-2 and its disk are protected. */
function protectedCluster(): Stack {
  const stack = livingCluster();
  stack.instance("etcd-2").protect = true;
  stack.get("disk", "etcd-2-data").protect = true;
  return stack;
}

describe("denied", () => {
  const three = livingCluster();
  const behindClb = livingCluster();
  behindClb.add("balancer", "api", { inputs: { networkType: "INTERNAL", vip: "10.0.0.11" } });
  const guarded = protectedCluster();
  const five = livingCluster(5);
  addDeparture(five, "etcd-5");
  addDeparture(five, "etcd-4");

  test.each<[string, Stack, string, string, Edit]>([
    [
      "two etcd members replaced",
      three,
      "change-one-replacement",
      "2 of role etcd are replaced at once: etcd-1, etcd-2",
      (after) => replace(after, "etcd-1", "etcd-2"),
    ],
    [
      "two etcd members replaced in order",
      three,
      "change-one-replacement",
      "2 of role etcd are replaced at once: etcd-1, etcd-2",
      (after) => {
        order(after, "etcd-2", "etcd-1");
        replace(after, "etcd-1", "etcd-2");
      },
    ],
    [
      "all etcd members replaced",
      three,
      "change-quorum-kept",
      "of 3 etcd members of cluster prod 0 stay, of 3 there are to be; a quorum takes 2",
      (after) => replace(after, "etcd-1", "etcd-2", "etcd-3"),
    ],
    [
      "both balancers replaced",
      three,
      "change-quorum-kept",
      "no balancer of cluster prod stays: balancer-1, balancer-2 are all replaced or removed",
      (after) => replace(after, "balancer-1", "balancer-2"),
    ],
    [
      "both hosts of the registry replaced",
      withRegistry(),
      "change-quorum-kept",
      "no host of the registry of cluster prod stays: registry-1, registry-2 are all replaced or removed",
      (after) => replace(after, "registry-1", "registry-2"),
    ],
    [
      "two masters replaced",
      three,
      "change-one-replacement",
      "2 of role master are replaced at once: master-1, master-3",
      (after) => replace(after, "master-1", "master-3"),
    ],
    [
      "two masters stopped, unordered",
      three,
      "change-in-order",
      "master-1 (its instance is stopped or reset, as instanceType changes) and master-2 (its instance is stopped or reset, as " +
        "instanceType changes) may be out of service at the same time: nothing makes the second wait for master-1-step",
      (after) => stopAll(after, ["master-1", "master-2"]),
    ],
    [
      "two etcd members stopped in order, but the gate is not run",
      three,
      "change-in-order",
      "no step of etcd-1 is run in this plan that would tell whether it is healthy again",
      (after) => {
        input(after.instance("etcd-1"), "instanceType", "S5.2XLARGE32");
        input(after.instance("etcd-2"), "instanceType", "S5.2XLARGE32");
        order(after, "etcd-2", "etcd-1");
      },
    ],
    [
      "a replaced and a stopped member",
      three,
      "change-in-order",
      "etcd-1 (its instance is replaced) and etcd-2 (its instance is stopped or reset",
      (after) => {
        input(after.instance("etcd-2"), "systemDiskSize", 200);
        replace(after, "etcd-1");
      },
    ],
    [
      "somebody's command on two members at once",
      three,
      "change-in-order",
      "etcd-1-step is run on it, and may stop it",
      (after) => ["etcd-1", "etcd-2"].forEach((name) => runForeign(after, name)),
    ],
    [
      "all keys made anew at once",
      three,
      "change-in-order",
      "its keys or certificates are made anew",
      (after) =>
        ["etcd-1", "etcd-2"].forEach((name) => input(after.gate(name), "stdin", "[other secret]")),
    ],
    [
      "a release that was only told of, two minors below the one that is wanted now",
      broughtTo("v1.36.3", "v1.37.0"),
      "change-one-minor",
      "control-plane: Kubernetes goes from v1.36.3 to v1.38.0, 2 minor releases at once",
      (after) => upgrade(after, "v1.38.0"),
    ],
    [
      "two minors up, in order",
      three,
      "change-one-minor",
      "control-plane: Kubernetes goes from v1.36.3 to v1.38.0, 2 minor releases at once",
      (after) => {
        upgrade(after, "v1.38.0");
        order(after, "master-2", "master-1");
        order(after, "master-3", "master-2");
      },
    ],
    [
      "a minor down",
      three,
      "change-one-minor",
      "control-plane: Kubernetes goes from v1.36.3 to v1.35.9, a minor release down",
      (after) => upgrade(after, "v1.35.9"),
    ],
    [
      "5 -> 3 with departures that run side by side",
      five,
      "change-in-order",
      "etcd-4 and etcd-5 leave at the same time: neither departure depends on the other",
      (after) => ["etcd-4", "etcd-5"].forEach((name) => removeMember(after, name)),
    ],
    [
      "5 -> 3, one of the departures made of nothing",
      (() => {
        const stack = livingCluster(5);
        addOwnDeparture(stack, "etcd-4");
        delete addOwnDeparture(stack, "etcd-5").inputs["delete"];
        return stack;
      })(),
      "change-departures",
      "etcd member etcd-5 is deleted without a departure",
      (after) => ["etcd-4", "etcd-5"].forEach((name) => removeMember(after, name)),
    ],
    [
      "5 -> 2, all of them with departures of this project",
      departing(5, "etcd-3", "etcd-4", "etcd-5"),
      "change-quorum-kept",
      "of 5 etcd members of cluster prod 2 stay, of 2 there are to be; a quorum takes 3",
      (after) => ["etcd-3", "etcd-4", "etcd-5"].forEach((name) => removeMember(after, name)),
    ],
    [
      "a member deleted without a departure",
      livingCluster(5),
      "change-departures",
      "etcd member etcd-5 is deleted without a departure",
      (after) => removeMember(after, "etcd-5"),
    ],
    [
      "a master deleted without a departure",
      three,
      "change-departures",
      "master master-3 is deleted without a departure",
      (after) => removeMember(after, "master-3"),
    ],
    [
      "a role tag removed",
      three,
      "change-departures",
      "etcd-1 is there afterwards, but is no etcd of cluster prod any more, without a departure",
      (after) => {
        delete tags(after.instance("etcd-1"))["kubernetes-ha/role"];
      },
    ],
    [
      "7 -> 3",
      livingCluster(7),
      "change-quorum-kept",
      "of 7 etcd members of cluster prod 3 stay, of 3 there are to be; a quorum takes 4",
      (after) => ["etcd-4", "etcd-5", "etcd-6", "etcd-7"].forEach((n) => removeMember(after, n)),
    ],
    [
      "a data disk replaced",
      three,
      "change-data-kept",
      "data disk etcd-1-data of etcd-1 is replaced: its data is lost",
      (after) => after.replace(after.get("disk", "etcd-1-data")),
    ],
    [
      "a data disk detached",
      three,
      "change-data-kept",
      "data disk etcd-1-data of etcd-1 is attached no more",
      (after) => after.remove(after.get("diskAttachment", "etcd-1-data").urn),
    ],
    [
      "a data disk taken off its member and put back",
      three,
      "change-data-kept",
      "data disk of etcd-1 is taken off it while it runs: etcd-1-data is replaced",
      (after) => after.replace(after.get("diskAttachment", "etcd-1-data")),
    ],
    [
      "a data disk slower",
      three,
      "change-data-kept",
      "data disk etcd-1-data of etcd-1 goes from CLOUD_HSSD to the slower CLOUD_SSD",
      (after) => input(after.get("disk", "etcd-1-data"), "storageType", "CLOUD_SSD"),
    ],
    [
      "a data disk smaller",
      three,
      "change-data-kept",
      "data disk etcd-1-data of etcd-1 shrinks from 100 to 50 GiB",
      (after) => input(after.get("disk", "etcd-1-data"), "storageSize", 50),
    ],
    [
      "a placement group dropped",
      three,
      "change-group-kept",
      "placement group etcd of etcd-2 is dropped",
      (after) => {
        delete after.instance("etcd-2").inputs["placementGroupId"];
        after.instance("etcd-2").propertyDependencies = {};
      },
    ],
    [
      "a placement group swapped",
      three,
      "change-group-kept",
      "placement group etcd of etcd-2 is swapped for master",
      (after) => {
        const { urn } = after.get("placementGroup", "master");
        after.instance("etcd-2").propertyDependencies = { placementGroupId: [urn] };
        input(after.instance("etcd-2"), "placementGroupId", "ps-master");
      },
    ],
    [
      "a placement group replaced",
      three,
      "change-group-kept",
      "placement group etcd of etcd-1 is replaced by a new one",
      (after) => after.replace(after.get("placementGroup", "etcd")),
    ],
    [
      "the virtual IP replaced",
      three,
      "change-entry-kept",
      "virtual IP api is replaced while its cluster lives",
      (after) => after.replace(after.get("haVip", "api")),
    ],
    [
      "the internal load balancer replaced",
      behindClb,
      "change-entry-kept",
      "virtual IP api is replaced while its cluster lives",
      (after) => after.replace(after.get("balancer", "api")),
    ],
    [
      "the entry taken away, with nothing in its place",
      entered(),
      "change-entry-kept",
      "virtual IP api is deleted while its cluster lives",
      (after) => leaveVip(after),
    ],
    [
      "its balancers with it",
      entered(),
      "change-quorum-kept",
      "no balancer of cluster prod stays",
      (after) => leaveVip(after),
    ],
    [
      "another kind of entry at another port",
      entered(),
      "change-entry-kept",
      "the endpoint of vip goes from api.prod.internal:6443 to api.prod.internal:8443 while its cluster lives",
      (after) => {
        leaveVip(after);
        enter(after, "api.prod.internal:8443");
      },
    ],
    [
      "another kind of entry, and masters gone with the old one",
      entered(),
      "change-quorum-kept",
      "no master of cluster prod stays",
      (after) => {
        leaveVip(after);
        enter(after, endpoint);
        ["master-1", "master-2", "master-3"].forEach((name) => removeMember(after, name));
      },
    ],
    [
      "another kind of entry, and the old one's address replaced, not left",
      entered(),
      "change-entry-kept",
      "virtual IP api is replaced while its cluster lives",
      (after) => {
        after.remove(after.get("vipEntry", "vip").urn);
        enter(after, endpoint);
        after.replace(after.get("haVip", "api"));
      },
    ],
    [
      "a protected member replaced",
      guarded,
      "change-protection-kept",
      "etcd-2 is protected and would be replaced",
      (after) => replace(after, "etcd-2"),
    ],
    [
      "a protected disk left out of the program",
      guarded,
      "change-protection-kept",
      "etcd-2-data is protected and would be deleted",
      (after) => after.remove(after.get("disk", "etcd-2-data").urn),
    ],
  ])("%s", (_, before, rule, message, change) => {
    const { rules, messages } = denials(before, change);
    expect(rules).toContain(rule);
    expect(messages).toContainEqual(expect.stringContaining(message));
  });
});

/** A cluster that was brought to one release, then told of another that it did not get to. */
function broughtTo(release: string, told: string): Stack {
  const stack = livingCluster();
  upgrade(stack, told);
  const { urn: parent } = stack.add("releases", "releases");
  stack.add("command", "releases-kubernetes", {
    ...{ parent, type: "command:local:Command" },
    inputs: { environment: { RELEASE: release } },
  });
  return stack;
}

function upgrade(after: Stack, version: string): void {
  input(after.get("controlPlane", "control-plane"), "version", version);
  for (const name of ["master-1", "master-2", "master-3"]) {
    input(after.gate(name), "stdin", "[secret of the new version]");
    after.trigger(name)["params"] = { KUBERNETES_VERSION: version };
  }
}

describe("passed", () => {
  const five = livingCluster(5);
  addDeparture(five, "etcd-5");
  addDeparture(five, "etcd-4", ["etcd-5"]);

  test.each<[string, Stack, Edit]>([
    ["nothing", livingCluster(), () => undefined],
    ["a worker added", livingCluster(), (after) => addMember(after, "worker", "worker-2")],
    [
      "another kind of entry with the same name and port in the place of balancers and their virtual IP",
      entered(),
      (after) => {
        leaveVip(after);
        enter(after, endpoint);
      },
    ],
    ["a worker removed", livingCluster(), (after) => removeMember(after, "worker-1")],
    ["one host of the registry replaced", withRegistry(), (after) => replace(after, "registry-1")],
    [
      "a registry that goes as a whole",
      withRegistry(),
      (after) => ["registry-1", "registry-2"].forEach((name) => removeMember(after, name)),
    ],
    ["a master added", livingCluster(), (after) => addMember(after, "master", "master-4")],
    ["one etcd member replaced", livingCluster(), (after) => replace(after, "etcd-2")],
    [
      "one whose protection was taken off for that, and comes back with it",
      livingCluster(),
      (after) => {
        replace(after, "etcd-2");
        after.instance("etcd-2").protect = true;
      },
    ],
    [
      "a protected member that changes in place",
      protectedCluster(),
      (after) => input(after.instance("etcd-2"), "orderlySecurityGroups", ["sg-other"]),
    ],
    [
      "one of each role replaced",
      livingCluster(),
      (after) => replace(after, "etcd-2", "master-1", "balancer-2"),
    ],
    [
      "3 -> 5, our steps, which join as learners",
      livingCluster(),
      (after) => ["etcd-4", "etcd-5"].forEach((name) => addMember(after, "etcd", name)),
    ],
    [
      "5 -> 3, with departures of this project, which take turns on the hosts",
      departing(5, "etcd-4", "etcd-5"),
      (after) => ["etcd-4", "etcd-5"].forEach((name) => removeMember(after, name)),
    ],
    [
      "a master and a worker leave by departures of this project",
      departing(3, "master-1", "worker-1"),
      (after) => ["master-1", "worker-1"].forEach((name) => removeMember(after, name)),
    ],
    [
      "another drain in departures of this project: they touch nobody",
      departing(3, "etcd-1", "etcd-2", "etcd-3"),
      (after) =>
        ["etcd-1", "etcd-2", "etcd-3"].forEach((name) =>
          input(after.get("command", `${name}-departure`), "delete", "bash run-departure.sh force"),
        ),
    ],
    [
      "a member replaced with its departure",
      departing(3, "etcd-2"),
      (after) => {
        replace(after, "etcd-2");
        after.replace(after.get("command", "etcd-2-departure"));
      },
    ],
    [
      "5 -> 3, one departure after the other",
      five,
      (after) => ["etcd-4", "etcd-5"].forEach((name) => removeMember(after, name)),
    ],
    [
      "masters resized one after another",
      livingCluster(),
      (after) => {
        stopAll(after, ["master-1", "master-2", "master-3"]);
        order(after, "master-2", "master-1");
        order(after, "master-3", "master-2");
      },
    ],
    [
      "a minor up, one master after another",
      livingCluster(),
      (after) => {
        upgrade(after, "v1.37.0");
        order(after, "master-2", "master-1");
        order(after, "master-3", "master-2");
      },
    ],
    [
      "a minor up by steps of ours, which take turns on the hosts",
      livingCluster(),
      (after) => upgrade(after, "v1.37.0"),
    ],
    [
      "a release that was only told of, taken back",
      broughtTo("v1.36.3", "v1.37.0"),
      (after) => upgrade(after, "v1.36.3"),
    ],
    [
      "a script of ours changed",
      livingCluster(),
      (after) => {
        for (const name of ["etcd-1", "etcd-2", "etcd-3"]) {
          after.trigger(name)["script"] = "2";
        }
      },
    ],
    [
      "tags and names",
      livingCluster(),
      (after) => {
        for (const name of ["etcd-1", "etcd-2"]) tags(after.instance(name))["team"] = "web";
      },
    ],
    [
      "a larger disk of a faster type",
      livingCluster(),
      (after) => {
        input(after.get("disk", "etcd-1-data"), "storageSize", 200);
        input(after.get("disk", "etcd-1-data"), "storageType", "CLOUD_TSSD");
      },
    ],
  ])("%s", (_, before, change) => {
    expect(denials(before, change)).toEqual({ rules: [], messages: [] });
  });

  test("a cluster that is being made", () => {
    const nothing = livingCluster();
    nothing.states.splice(1);
    const verdict = judge(previewOf(nothing, livingCluster()));
    expect(verdict.verdict).toBe("passed");
    expect(verdict.clusters).toEqual([
      {
        name: "prod",
        before: undefined,
        after: { physicalHosts: 1, etcdMembers: 1, masters: 2, balancers: 1 },
      },
    ]);
  });
});
