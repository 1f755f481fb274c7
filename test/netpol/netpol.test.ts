import { isDeepStrictEqual } from "node:util";
import { siteOf } from "../../drills/site";
import { Engine } from "../../lab/engine";
import { waitFor } from "../../lab/wait";
import { TestLab } from "../support/lab";
import { answering, everywhere, namespaceOf, type Pod, podsOf, policy, reached } from "./policies";

// Network policies on real hosts, asked from pods on every node: `npm run test:netpol`. Some 15 minutes on an idle machine of two cores, besides building the agent once.
jest.setTimeout(20 * 60_000);

const lab = new TestLab("netpol");
const masters = ["lab-master-1", "lab-master-2", "lab-master-3"];
const nodes = [...masters, "lab-worker-1", "lab-worker-2"];

const agent = "daemonset/kube-network-policies";
const table = "nft list table inet kube-network-policies >/dev/null 2>&1 && echo there || true";

let server: Pod[];
let friend: Pod[];
let stranger: Pod[];
let caged: Pod[];

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--netpol", "kube-network-policies");
  await lab.apply(
    ...namespaceOf("shop", "server", "friend"),
    ...namespaceOf("street", "stranger"),
    ...namespaceOf("cage", "caged"),
  );
  server = await podsOf(lab, "shop", "server");
  friend = await podsOf(lab, "shop", "friend");
  stranger = await podsOf(lab, "street", "stranger");
  caged = await podsOf(lab, "cage", "caged");
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

const friends = () => reached(lab, friend, server);
const strangers = () => reached(lab, stranger, server);

/** A policy is enforced a moment after the API has it. */
async function soon(what: () => Promise<unknown>, expected: unknown): Promise<void> {
  const wait = { what: JSON.stringify(expected), deadlineSeconds: 180, everyMs: 3000 };
  await waitFor(wait, async (seen) => {
    const found = await what();
    if (isDeepStrictEqual(found, expected)) return true;
    seen(JSON.stringify(found));
    return undefined;
  });
}

/** What a piece of shell prints on each node. */
const onNodes = (script: string): Promise<string[]> =>
  Promise.all(nodes.map(async (node) => (await lab.onHost(node, script)).trim()));

test("every node was looked at with a packet before it joined: this kernel hands packets on by rules of iptables", async () => {
  const found = await onNodes(
    "grep -ohE '^(ok|warning|FAILED) +packet queue +.*' /var/log/kubernetes-ha/*.log | sort -u",
  );
  for (const said of found)
    expect(said).toMatch(/^(ok|warning) +packet queue +(packets reach|rules of iptables hand)/);
});

test("without a policy every pod reaches every other, on its node and on others", async () => {
  expect(server.map(({ node }) => node)).toEqual(nodes);
  await soon(friends, everywhere(friend));
  await soon(strangers, everywhere(stranger));
});

test("default deny: nobody reaches the pods, from no node", async () => {
  await lab.apply(
    policy("shop", "deny", {
      podSelector: { matchLabels: { app: "server" } },
      policyTypes: ["Ingress"],
    }),
  );
  await soon(friends, []);
  await soon(strangers, []);
});

test("allow by label: who has it reaches them from every node, nobody else does from any", async () => {
  await lab.apply(
    policy("shop", "friends", {
      podSelector: { matchLabels: { app: "server" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { app: "friend" } } }],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ],
    }),
  );
  await soon(friends, everywhere(friend));
  expect(await strangers()).toEqual([]);
});

test("egress: pods reach what they may on every node, names included, and nothing else", async () => {
  const of = (namespace: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  });
  await lab.apply(
    policy("cage", "egress", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [of("kube-system")],
          ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
        },
        { to: [{ ...of("shop"), podSelector: { matchLabels: { app: "friend" } } }] },
      ],
    }),
  );
  await soon(() => reached(lab, caged, stranger), []);
  await soon(() => reached(lab, caged, friend), everywhere(caged));
  const site = siteOf(lab);
  const api = await lab.kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}");
  for (const pod of caged) {
    const name = "kubernetes.default.svc.cluster.local";
    const found = await lab.kubectl("exec", "-n", "cage", pod.name, "--", "probe", "lookup", name);
    expect(found.trim()).toBe(api);
    // What a pod and its own node say to each other passes under any policy: that is Kubernetes' own rule, and the apiserver of a master is on it.
    const { apiserverPort } = site.plan;
    const elsewhere = site.plan.masters
      .filter((master) => master.name !== pod.node)
      .map(({ address }) => `${address}:${apiserverPort}`);
    const asked = masters.includes(pod.node) ? elsewhere : [...elsewhere, `${api}:443`];
    expect(await answering(lab, pod, asked)).toEqual([]);
  }
  // Whoever may, is answered.
  for (const pod of stranger)
    expect(await answering(lab, pod, [`${api}:443`])).toEqual([`${api}:443`]);
});

test("while the agent of a node is away nothing new passes there, what may does again when it is back", async () => {
  const node = "lab-worker-1";
  const one = <T extends Pod>(pods: T[]) => pods.filter((pod) => pod.node === node);
  const own = () => reached(lab, one(friend), one(server));
  await soon(own, [`${node} -> ${node}`]);
  // Nobody starts it again meanwhile.
  await lab.onHost(node, "systemctl stop kubelet; pkill -9 -x netpol");
  expect(await own()).toEqual([]);
  await lab.onHost(node, "systemctl start kubelet");
  await soon(own, [`${node} -> ${node}`]);
  expect(await strangers()).toEqual([]);
});

test("an agent whose rules the kernel does not have is not ready, and status says so", async () => {
  const healthy = async () => (await lab.run("status")).code;
  const notReady = /kube-network-policies-\w+: .*container rules runs and is not ready/;
  await soon(healthy, 0);
  await lab.onHost("lab-worker-2", "nft delete table inet kube-network-policies");
  await waitFor({ what: "status to say so", deadlineSeconds: 180 }, async (seen) => {
    const { code, output } = await lab.run("status");
    if (code === 1 && notReady.test(output)) return true;
    seen(output);
    return undefined;
  });
  // It writes them again for the next policy, or when it starts.
  await lab.onHost("lab-worker-2", "pkill -9 -x netpol");
  await soon(healthy, 0);
  expect(await strangers()).toEqual([]);
});

test("taken away, its pods and its rules go from every node, and policies have no effect", async () => {
  expect(await onNodes(table)).toEqual(nodes.map(() => "there"));
  await lab.must("up", "--netpol", "none");
  expect(await lab.kubectl("get", agent, "-n", "kube-system", "--ignore-not-found")).toBe("");
  expect(await onNodes(table)).toEqual(nodes.map(() => ""));
  await soon(strangers, everywhere(stranger));
  await soon(() => reached(lab, caged, stranger), everywhere(caged));
  await lab.must("up");
  expect(new Engine(lab.identity, {}).changes()).toEqual([]);
});

test("given back to the living cluster, policies that are there are enforced", async () => {
  await lab.must("up", "--netpol", "kube-network-policies");
  await soon(strangers, []);
  await soon(friends, everywhere(friend));
});
