import { line, planOf, problemsOf, type TestConfig } from "../fixture";

const enforced = (config: TestConfig) =>
  (config.podNetwork = { networkPolicy: "kube-network-policies" });

test("nobody enforces network policies unless it is asked for", () => {
  expect(planOf().podNetwork.networkPolicy).toBeUndefined();
});

test("the agent's rules are looked at with the pod network's own image, which has nft", () => {
  expect(planOf(enforced).podNetwork.networkPolicy).toEqual({
    kind: "kube-network-policies",
    image: "registry.test/kubernetes-ha/kube-network-policies:v0.8.0",
    nftImage: "registry.test/kubernetes-ha/flannel:v0.28.4",
  });
});

test("its release is pinned where it runs, and only there", () => {
  const without = (config: TestConfig) => delete config.versions.kubeNetworkPolicies;
  expect(problemsOf(without)).toEqual([]);
  const problems = problemsOf((config) => {
    enforced(config);
    without(config);
  });
  expect(problems.map(line)).toEqual([
    "versions.kubeNetworkPolicies: is missing, and podNetwork.networkPolicy is kube-network-policies. Set it to what is to run; newest known: v0.8.0.",
  ]);
});

test("a release that is older than its manifest is refused", () => {
  const problems = problemsOf((config) => (config.versions.kubeNetworkPolicies = "v0.7.0"));
  expect(problems.map(line)).toEqual([
    "versions.kubeNetworkPolicies: got v0.7.0, but the manifest is written for v0.8.0 or later. Use v0.8.0 or later.",
  ]);
});

test("what is no way to enforce them is refused with those there are", () => {
  const problems = problemsOf(
    (config) => (config.podNetwork = { networkPolicy: "calico" as "none" }),
  );
  expect(problems.map(line)).toEqual([
    'podNetwork.networkPolicy: got "calico". Use one of none, kube-network-policies.',
  ]);
});
