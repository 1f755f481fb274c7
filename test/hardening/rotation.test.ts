import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RotatedKey, RotationPhase } from "../../components/plan/rotation";
import { Engine } from "../../lab/engine";
import { clusterReady } from "../../lab/up";
import { waitFor } from "../../lab/wait";
import { longestGap, lostWrites, startWriter, stopWriter } from "../support/drill";
import { Edits, madeAnew } from "../support/edits";
import { etcdctl } from "../support/etcdctl";
import { TestLab } from "../support/lab";
import { probeWorkload } from "../support/workload";

// docs/hardening.md: keys of a living cluster are replaced, phase by phase, while a client writes.
jest.setTimeout(60 * 60_000);

const lab = new TestLab("rotation");
const edits = new Edits(lab);
const writer = "lab-worker-1";
const masters = ["lab-master-1", "lab-master-2", "lab-master-3"];

beforeAll(async () => {
  if (process.env["KEEP_LAB"] !== "again") {
    await lab.must("down");
    await lab.must("up");
  }
  const manifest = (kind: string, name: string, more: object = {}) =>
    lab.apply({ apiVersion: "v1", kind, metadata: { name, namespace: "default" }, ...more });
  await manifest("Secret", "kept", { stringData: { word: "as it was" } });
  await manifest("ServiceAccount", "robot");
  // Of the old kind: in a Secret, and without an end.
  await lab.apply({
    ...{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token" },
    metadata: {
      name: "robot-token",
      namespace: "default",
      annotations: { "kubernetes.io/service-account.name": "robot" },
    },
  });
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Brings all keys to a phase of their second generation, as an edit does. */
const to = (phase: RotationPhase) =>
  edits.arguments((cluster) => {
    const rotation = { generation: 2, phase };
    cluster.pki = {
      rotation: {
        kubernetesCa: { ...rotation, overlap: "0m" },
        encryptionKey: rotation,
        serviceAccountKey: { ...rotation, overlap: "0m" },
        etcdCa: rotation,
        frontProxyCa: rotation,
        operatorKey: rotation,
      } satisfies Record<RotatedKey, object>,
    };
  });

/** Carries it out while somebody writes: nothing acknowledged is lost, everything is Ready, and a second `up` changes nothing. */
async function rotated(phase: RotationPhase): Promise<void> {
  await startWriter(lab, writer, { pauseSeconds: 0.2, seconds: 3000 });
  await lab.must(...to(phase));
  const records = await stopWriter(lab, writer);
  console.log(`${phase}: longest time without an acknowledged write ${longestGap(records)} s`);
  expect(records.filter(({ acknowledged }) => acknowledged).length).toBeGreaterThan(50);
  expect(await lostWrites(lab, records)).toEqual([]);
  await clusterReady(lab.operator, edits.plan.hosts);
  await lab.must(...to(phase));
  expect(new Engine(lab.identity, {}).changes()).toEqual([]);
}

/** The keys that Secrets in etcd are encrypted with. */
async function keysInEtcd(): Promise<string[]> {
  const prefixes = await etcdctl(
    lab,
    "lab-etcd-1",
    "get --prefix /registry/secrets/ | grep --text --only-matching 'k8s:enc:[a-z]*:v1:key[0-9]*' | sort -u",
  );
  return prefixes.split("\n").filter((each) => each !== "");
}

const prefix = (generation: number) => `k8s:enc:secretbox:v1:key${generation}`;

/** The key that a token of a service account says it is signed with. */
const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string })
    .kid;

const newToken = async () =>
  (await lab.kubectl("create", "token", "robot", "--duration", "1h")).trim();

/** Whom every apiserver takes the bearer of a token for. */
async function taken(token: string): Promise<string[]> {
  const ask = (host: string) =>
    lab.onHost(
      host,
      `kubectl --kubeconfig /dev/null --server "$(sed -n 's/^ *server: //p' /etc/kubernetes/admin.conf)" --certificate-authority /etc/kubernetes/pki/ca.crt ` +
        `--token ${token} auth whoami -o 'jsonpath={.status.userInfo.username}' 2>&1 || true`,
    );
  return Promise.all(masters.map(ask));
}
const robot = masters.map(() => "system:serviceaccount:default:robot");
const nobody = masters.map(() => expect.stringContaining("Unauthorized") as string);

const word = async () =>
  Buffer.from(
    await lab.kubectl("get", "secret", "kept", "-o", "jsonpath={.data.word}"),
    "base64",
  ).toString();
const robotToken = async () =>
  Buffer.from(
    await lab.kubectl("get", "secret", "robot-token", "-o", "jsonpath={.data.token}"),
    "base64",
  ).toString();
/** When the static pods of the masters began. */
const began = async () =>
  Promise.all(
    masters.map((host) => lab.onHost(host, "ps -o comm=,lstart= -C kube-apiserver | sort")),
  );

const pki = "/etc/kubernetes/pki";
const review = JSON.stringify({
  apiVersion: "authentication.k8s.io/v1",
  kind: "SelfSubjectReview",
});
/** What every apiserver answers who comes as a master's front proxy does, by its certificate of now or by another file's: the status, and whom it takes them for. */
async function proxied(host: string, certificate = `${pki}/front-proxy-client`): Promise<string[]> {
  const ask = edits.plan.masters.map(
    ({ address }) =>
      `curl --silent --http1.1 --max-time 10 --cacert ${pki}/ca.crt --cert ${certificate}.crt --key ${certificate}.key -H 'X-Remote-User: somebody' -H 'Content-Type: application/json' ` +
      `-d '${review}' -o /run/answer -w '%{http_code} ' https://${address}:${edits.plan.apiserverPort}/apis/authentication.k8s.io/v1/selfsubjectreviews; ` +
      `tr -d ' \\n' </run/answer | grep -oE '"username":"[^"]*"' || echo nobody`,
  );
  return (await lab.onHost(host, ask.join("\n"))).trim().split("\n");
}
const everyMaster = <T>(act: (host: string) => Promise<T>) => Promise.all(masters.map(act));
const somebody = masters.map(() => masters.map(() => '201 "username":"somebody"'));
/** How many authorities of the front proxy each master accepts, and extension apiservers are told of. */
async function frontProxies(): Promise<{ accepted: string[]; told: number }> {
  const told = await lab.kubectl(
    ...["-n", "kube-system", "get", "configmap", "extension-apiserver-authentication"],
    ...["-o", "jsonpath={.data.requestheader-client-ca-file}"],
  );
  return {
    accepted: await everyMaster((host) =>
      lab.onHost(host, `grep -c BEGIN ${pki}/front-proxy-ca.crt`),
    ),
    told: told.split("BEGIN CERTIFICATE").length - 1,
  };
}
const each = (count: number) => ({ accepted: masters.map(() => `${count}\n`), told: count });
const issuers = () =>
  everyMaster((host) =>
    lab.onHost(
      host,
      `openssl x509 -noout -ext authorityKeyIdentifier -in ${pki}/front-proxy-client.crt`,
    ),
  );

const etcdHosts = ["lab-etcd-1", "lab-etcd-2", "lab-etcd-3"];
const everyMember = <T>(act: (host: string) => Promise<T>) => Promise.all(etcdHosts.map(act));
/** How many authorities of etcd each member and each master accepts. */
const etcdAuthorities = () =>
  Promise.all(
    [...etcdHosts, ...masters].map(async (host) =>
      Number(await lab.onHost(host, `grep -c BEGIN ${pki}/etcd/ca.crt`)),
    ),
  );
const ofAll = (count: number) => [...etcdHosts, ...masters].map(() => count);
/** What each member shows who asks it, and whether it is by the authority that issues now. */
const shown = () =>
  everyMember((host) =>
    lab.onHost(
      host,
      `openssl s_client -connect "$(hostname -I | cut -d' ' -f1)":2379 </dev/null 2>/dev/null | openssl x509 >/run/shown.crt; ` +
        `openssl x509 -in ${pki}/etcd/ca.crt >/run/issuing.crt; openssl verify -CAfile /run/issuing.crt /run/shown.crt 2>&1 | grep -o 'OK$' || echo another`,
    ),
  );
/** Whether each member answers a client that comes with this certificate. */
const answered = (certificate = `${pki}/etcd/healthcheck-client`) =>
  everyMember((host) =>
    lab.onHost(
      host,
      `etcdctl --endpoints https://127.0.0.1:2379 --dial-timeout 2s --command-timeout 5s --cacert ${pki}/etcd/ca.crt --cert ${certificate}.crt --key ${certificate}.key ` +
        "endpoint health >/dev/null 2>&1 && echo yes || echo no",
    ),
  );
const members = (said: string) => etcdHosts.map(() => `${said}\n`);

const workers = ["lab-worker-1", "lab-worker-2"];
/** Which of two authorities of Kubernetes, the one of the beginning and the one after it, has issued these. */
const authorities: string[] = [];
const generation = (pem: string): number =>
  authorities.findIndex((each) =>
    new X509Certificate(pem).verify(new X509Certificate(each).publicKey),
  ) + 1;
const certificatesIn = (pem: string) =>
  pem.match(/-----BEGIN[^-]*-----[^-]*-----END CERTIFICATE-----\n/g) ?? [];
/** The authorities that every node accepts, by generation, the one that issues first. */
const accepted = async (): Promise<number[][]> =>
  Promise.all(
    [...masters, ...workers].map(async (host) =>
      certificatesIn(await lab.onHost(host, `cat ${pki}/ca.crt`)).map(generation),
    ),
  );
const ofAllNodes = (generations: number[]) => [...masters, ...workers].map(() => generations);
/** Which authority has issued what each apiserver shows. */
const shownByApiservers = () =>
  everyMaster(async (host) =>
    generation(
      await lab.onHost(
        host,
        `openssl s_client -connect "$(hostname -I | cut -d' ' -f1)":${edits.plan.apiserverPort} </dev/null 2>/dev/null | openssl x509`,
      ),
    ),
  );
/** Which authority has issued what each kubelet comes with. */
const kubeletsBy = () =>
  Promise.all(
    [...masters, ...workers].map(async (host) =>
      generation(
        await lab.onHost(host, "openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem"),
      ),
    ),
  );
const nodes = (by: number) => [...masters, ...workers].map(() => by);
/** Which authorities pods are told of. */
const pods = async (): Promise<number[]> =>
  certificatesIn(
    await lab.kubectl("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}"),
  ).map(generation);
/** What an apiserver answers who comes with the administrator's certificate of before any of this. */
const formerAdministrator = () =>
  everyMaster((host) =>
    lab.onHost(
      host,
      `kubectl --kubeconfig /root/former.conf --certificate-authority ${pki}/ca.crt auth whoami -o 'jsonpath={.status.userInfo.username}' 2>&1 | grep -oE 'kubernetes-admin|Unauthorized' | sort -u || true`,
    ),
  );
const administrators = (said: string) => masters.map(() => `${said}\n`);

let first: string;
/** Who issued the certificates of front proxies at the beginning. */
let formerIssuers: string[];
/** The key that steps logged in with at the beginning. */
let formerKey: string;
const operatorKey = () => readFileSync(lab.path("access", "id_ed25519"), "utf8");

/** On which hosts somebody with that key, who stands on the bastion, gets in. */
async function openedBy(key: string): Promise<string[]> {
  const { bastion, config, hosts } = edits.plan;
  const log = hosts.map(
    ({ name, address }) =>
      `ssh -n -i key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=no ` +
      `-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR ${config.sshUser}@${address} true 2>refused && echo ${name} || grep -q 'Permission denied' refused`,
  );
  const told = await lab.onHost(
    bastion.name,
    ["set -e; cd $(mktemp -d); umask 077", `cat >key <<'END'\n${key}END`, ...log].join("\n"),
  );
  return told.trim().split("\n").filter(Boolean);
}
const everyHost = () => edits.plan.hosts.map(({ name }) => name);
/** When anything began that no phase `use` has begin anew, on any host. */
const beganAnywhere = async () =>
  Promise.all(
    everyHost().map((host) => {
      // HAProxy reloads, and takes another process for it.
      const programs = ["etcd", "containerd", "keepalived"];
      return lab.onHost(host, `ps -o comm=,lstart= -C ${programs.join()} | sort`);
    }),
  );

test("trust: all accept the new keys, nobody uses them", async () => {
  first = await newToken();
  formerKey = operatorKey();
  formerIssuers = await issuers();
  expect(await frontProxies()).toEqual(each(1));
  expect(await etcdAuthorities()).toEqual(ofAll(1));
  for (const kind of ["crt", "key"]) {
    await everyMaster((host) =>
      lab.onHost(host, `cp ${pki}/front-proxy-client.${kind} /root/former.${kind}`),
    );
    await everyMember((host) =>
      lab.onHost(host, `cp ${pki}/etcd/healthcheck-client.${kind} /root/former.${kind}`),
    );
  }
  await everyMaster((host) => lab.onHost(host, "cp /etc/kubernetes/admin.conf /root/former.conf"));
  expect(await keysInEtcd()).toEqual([prefix(1)]);
  await rotated("trust");
  authorities.push(...certificatesIn(await lab.onHost(masters[0] ?? "", `cat ${pki}/ca.crt`)));
  expect(authorities).toHaveLength(2);
  expect(await accepted()).toEqual(ofAllNodes([1, 2]));
  expect(await shownByApiservers()).toEqual(masters.map(() => 1));
  expect(await kubeletsBy()).toEqual(nodes(1));
  expect(await pods()).toEqual([1, 2]);
  expect(await keysInEtcd()).toEqual([prefix(1)]);
  expect(kidOf(await newToken())).toBe(kidOf(first));
  for (const host of masters)
    expect(await lab.onHost(host, "grep -c BEGIN /etc/kubernetes/pki/sa.pub")).toBe("2\n");
  expect(operatorKey()).toBe(formerKey);
  expect(await frontProxies()).toEqual(each(2));
  expect(await issuers()).toEqual(formerIssuers);
  expect(await etcdAuthorities()).toEqual(ofAll(2));
  expect(await shown()).toEqual(members("OK"));
});

test("use: every Secret is written anew, tokens are signed by the new key, steps log in by it, those of before are accepted", async () => {
  // Instead of the time in which kube-proxy reads the authorities again.
  await lab.kubectl("-n", "kube-system", "rollout", "restart", "daemonset/kube-proxy");
  await lab.kubectl(
    ...["-n", "kube-system", "rollout", "status", "daemonset/kube-proxy", "--timeout", "600s"],
  );
  const before = await beganAnywhere();
  await rotated("use");
  expect(await accepted()).toEqual(ofAllNodes([2, 1]));
  expect(await shownByApiservers()).toEqual(masters.map(() => 2));
  expect(await kubeletsBy()).toEqual(nodes(2));
  expect(await formerAdministrator()).toEqual(administrators("kubernetes-admin"));
  expect(await beganAnywhere()).toEqual(before);
  expect(operatorKey()).not.toBe(formerKey);
  for (const key of [formerKey, operatorKey()]) expect(await openedBy(key)).toEqual(everyHost());
  expect(await frontProxies()).toEqual(each(2));
  const [issuer, ...others] = new Set(await issuers());
  expect(others).toEqual([]);
  expect(formerIssuers).not.toContain(issuer);
  for (const certificate of [undefined, "/root/former"])
    expect(await everyMaster((host) => proxied(host, certificate))).toEqual(somebody);
  expect(await shown()).toEqual(members("OK"));
  for (const certificate of [undefined, "/root/former"])
    expect(await answered(certificate)).toEqual(members("yes"));
  expect(await keysInEtcd()).toEqual([prefix(2)]);
  expect(await word()).toBe("as it was");
  const second = await newToken();
  expect(kidOf(second)).not.toBe(kidOf(first));
  expect(await taken(second)).toEqual(robot);
  expect(await taken(first)).toEqual(robot);
});

test("retire: refused while a Secret holds a token of the former key, and nothing restarts", async () => {
  const before = await began();
  const { code, output } = await lab.run(...to("retire"));
  expect(code).not.toBe(0);
  expect(output).toContain("to be retired has signed: default/robot-token.");
  expect(await began()).toEqual(before);
  const old = await robotToken();
  expect(await taken(old)).toEqual(robot);
  await lab.kubectl(
    ...["patch", "secret", "robot-token", "--type", "merge", "-p", '{"data":{"token":null}}'],
  );
  await waitFor({ what: "another token in the Secret", deadlineSeconds: 120 }, async () =>
    [old, ""].includes(await robotToken()) ? undefined : true,
  );
  expect(kidOf(await robotToken())).not.toBe(kidOf(old));
});

test("retire: the former keys are gone, and everything goes on with the new ones", async () => {
  // Instead of the day in which kubelets replace the tokens of pods.
  for (const what of ["daemonset", "deployment"])
    await lab.kubectl("-n", "kube-system", "rollout", "restart", what);
  for (const what of ["daemonset", "deployment"])
    await lab.kubectl("-n", "kube-system", "rollout", "status", what, "--timeout", "600s");
  await rotated("retire");
  expect(await taken(first)).toEqual(nobody);
  expect(await taken(await newToken())).toEqual(robot);
  expect(await taken(await robotToken())).toEqual(robot);
  expect(await keysInEtcd()).toEqual([prefix(2)]);
  expect(await word()).toBe("as it was");
  for (const host of masters) {
    const config = await lab.onHost(host, "cat /etc/kubernetes/encryption/config.yaml");
    expect(config.match(/name: key\d+/g)).toEqual(["name: key2"]);
    expect(await lab.onHost(host, "grep -c BEGIN /etc/kubernetes/pki/sa.pub")).toBe("1\n");
  }
  expect(await accepted()).toEqual(ofAllNodes([2]));
  expect(await kubeletsBy()).toEqual(nodes(2));
  expect(await formerAdministrator()).toEqual(administrators("Unauthorized"));
  await waitFor(
    { what: "pods to be told of the new authority alone", deadlineSeconds: 120 },
    async () => ((await pods()).join() === "2" ? true : undefined),
  );
  expect(await openedBy(operatorKey())).toEqual(everyHost());
  expect(await openedBy(formerKey)).toEqual([]);
  expect(await etcdAuthorities()).toEqual(ofAll(1));
  expect(await shown()).toEqual(members("OK"));
  expect(await answered()).toEqual(members("yes"));
  expect(await answered("/root/former")).toEqual(members("no"));
  expect(await frontProxies()).toEqual(each(1));
  expect(await everyMaster((host) => proxied(host))).toEqual(somebody);
  expect(await everyMaster((host) => proxied(host, "/root/former"))).toEqual(
    masters.map(() => masters.map(() => "401 nobody")),
  );
});

test("a host that is made anew is opened by the new operator's key, and never by the former", async () => {
  await lab.must(...edits.arguments(madeAnew("worker-2")));
  expect(await openedBy(operatorKey())).toEqual(everyHost());
  expect(await openedBy(formerKey)).toEqual([]);
});

test("controllers, scheduler and kubelets make pods with the new keys, on every node", async () => {
  await probeWorkload(
    lab,
    edits.plan.hosts.filter(({ role }) => /master|worker/.test(role)).map(({ name }) => name),
  );
});
