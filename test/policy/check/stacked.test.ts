import { judge } from "../../../policy/check/judge";
import { previewOf, removeMember, type Stack, stackedCluster } from "./stack";

/** What is said of a change of a cluster whose masters hold etcd. */
function judged(before: Stack, edit: (after: Stack) => void) {
  const after = before.copy();
  edit(after);
  const judgement = judge(previewOf(before, after));
  const denied = judgement.rules.filter(({ verdict }) => verdict === "denied");
  return {
    tolerance: judgement.clusters.map(({ after: tolerance }) => tolerance),
    rules: denied.map(({ rule }) => rule),
    messages: denied.flatMap(({ findings }) => findings.map(({ message }) => message)),
  };
}

const replace =
  (...names: string[]) =>
  (after: Stack) => {
    for (const name of names) {
      after.gate(name).inputs["triggers"] = [`ins-${name}-new`];
      after.replace(after.instance(name), after.gate(name));
    }
  };

test("a master counts as a member as well, and one machine is lost once", () => {
  expect(judged(stackedCluster(), () => undefined)).toEqual({
    tolerance: [{ physicalHosts: 1, etcdMembers: 1, masters: 2, balancers: 1 }],
    rules: [],
    messages: [],
  });
});

test("one master may be replaced", () => {
  expect(judged(stackedCluster(), replace("master-1")).rules).toEqual([]);
});

test("two masters at once take the quorum, though one master stays", () => {
  const { rules, messages } = judged(stackedCluster(), replace("master-1", "master-2"));
  expect(rules).toContain("change-quorum-kept");
  expect(messages).toContain(
    "of 3 etcd members of cluster prod 1 stay, of 3 there are to be; a quorum takes 2",
  );
});

test("a master that lays its member down is a member less", () => {
  const { messages } = judged(stackedCluster(), (after) => {
    for (const name of ["master-1", "master-2"]) {
      const tags = after.instance(name).inputs["tags"] as Record<string, string>;
      delete tags["kubernetes-ha/duties"];
    }
  });
  expect(messages).toContain(
    "of 3 etcd members of cluster prod 1 stay, of 1 there are to be; a quorum takes 2",
  );
});

test("two masters stopped at once are told of once, not for each duty", () => {
  const { messages } = judged(stackedCluster(), (after) => {
    for (const name of ["master-1", "master-2"]) {
      after.instance(name).inputs["instanceType"] = "S5.2XLARGE32";
      after.gate(name).inputs["triggers"] = [name, "resized"];
    }
  });
  expect(messages.filter((message) => message.includes("may be out of service"))).toHaveLength(1);
});

test("a master does not leave with its member without a departure", () => {
  const { rules, messages } = judged(stackedCluster(5), (after) => removeMember(after, "master-5"));
  expect(rules).toContain("change-departures");
  expect(messages).toContain("master master-5 is deleted without a departure");
});

test("its data disk is kept", () => {
  const { messages } = judged(stackedCluster(), (after) =>
    after.replace(after.get("disk", "master-1-data")),
  );
  expect(messages).toContain("data disk master-1-data of master-1 is replaced: its data is lost");
});
