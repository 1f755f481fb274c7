import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { parseClusterConfig, planCluster, type HostPlan } from "../../components/plan";
import { clusterReady } from "../../lab/up";
import { waitFor } from "../../lab/wait";
import { lostWrites, longestGap, startWriter, stopWriter } from "../support/drill";
import { TestLab } from "../support/lab";

/** How long the cluster lives on certificates of 20 minutes. */
const minutes = Number(process.env["CERTIFICATE_RUN_MINUTES"] ?? 60);
jest.setTimeout((minutes + 45) * 60_000);

const lab = new TestLab("certificates");
const stack = parse(readFileSync(join(__dirname, "../../Pulumi.lab.yaml"), "utf8")) as {
  config: Record<string, unknown>;
};
const plan = planCluster(parseClusterConfig(stack.config["tencentcloud-kubernetes-ha:cluster"]));
const names = (hosts: readonly { name: string }[]) => hosts.map(({ name }) => name);
const [master] = names(plan.masters) as [string];
const [worker, otherWorker] = names(plan.workers) as [string, string];
const everythingReady = () => clusterReady(lab.operator, plan.hosts);

beforeAll(async () => {
  if (process.env["KEEP_LAB"]) return;
  await lab.must("down");
  await lab.must("up", "--certificate-minutes", "20");
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** A certificate as it is on a host at a moment. */
interface Seen {
  host: string;
  path: string;
  /** Epoch, s. */
  end: number;
  minutesLeft: number;
}

/** Every certificate of a host: files, and what kubeconfigs and the kubelet hold. Asked of openssl, not of the script under test. */
const look = `
now=$(date +%s)
tell() { end=$(openssl x509 -noout -enddate 2>/dev/null) && echo "$now $(date -d "\${end#*=}" +%s) $1"; }
find /etc/kubernetes /var/lib/kubelet/pki -name .renewal -prune -o \\( -name '*.crt' -o -name '*-current.pem' \\) -print 2>/dev/null | while read -r file; do tell "$file" <"$file"; done
for file in /etc/kubernetes/*.conf; do sed -n 's/^ *client-certificate-data: //p' "$file" | base64 -d | tell "$file"; done
true`;

async function certificatesOf(host: string): Promise<Seen[]> {
  // A machine that has much else to do may keep us from logging in for a while.
  const told = await waitFor({ what: `the certificates of ${host}`, deadlineSeconds: 180 }, () =>
    lab.onHost(host, look),
  );
  return told
    .trim()
    .split("\n")
    .map((line) => {
      const [now, end, path = ""] = line.split(" ");
      return { host, path, end: Number(end), minutesLeft: (Number(end) - Number(now)) / 60 };
    });
}

const renewing = [...plan.etcd, ...plan.masters];
const all = [...renewing, ...plan.workers];
const seenOn = async (hosts: readonly HostPlan[]): Promise<Seen[]> =>
  (await Promise.all(names(hosts).map(certificatesOf))).flat();
const line = ({ host, path, minutesLeft }: Seen) =>
  `${host} ${path}: ${minutesLeft.toFixed(1)} minutes left`;
/** A kubelet renews its own, and its first one on a master was kubeadm's. */
const isKubelets = ({ path }: Seen) => path.startsWith("/var/lib/kubelet");

/** When what serves was started, by host. */
async function starts(): Promise<Record<string, string>> {
  const began: Record<string, string> = {};
  for (const { name } of renewing)
    began[name] = await lab.onHost(name, "ps -o comm=,lstart= -C etcd,kube-apiserver");
  return began;
}

test(`${minutes} minutes on certificates of 20: renewed in turn, nothing that serves restarts, no acknowledged write is lost`, async () => {
  const before = await starts();
  const end = Date.now() + minutes * 60_000;
  const ends = new Map<string, Set<number>>();
  await startWriter(lab, worker, { pauseSeconds: 1, seconds: (minutes + 15) * 60 });
  while (Date.now() < end) {
    const seen = await seenOn(renewing);
    expect(seen.filter((each) => !isKubelets(each) && each.minutesLeft < 5).map(line)).toEqual([]);
    for (const { host, path, end } of seen)
      ends.set(`${host} ${path}`, (ends.get(`${host} ${path}`) ?? new Set()).add(end));
    await delay(Math.min(60_000, Math.max(0, end - Date.now())));
  }
  const last = await seenOn(all);
  expect(last.filter(({ minutesLeft }) => minutesLeft < 5).map(line)).toEqual([]);
  // Issued for 20 minutes, renewed when 10 are left at the latest turn of 14.
  const leaves = [...ends].filter(([name]) => !/ca\.crt|lib\/kubelet|kubelet\.conf/.test(name));
  expect(leaves).toHaveLength(plan.etcd.length * 3 + plan.masters.length * 7);
  const rare = leaves.filter(([, seen]) => seen.size - 1 < Math.floor(minutes / 14) - 1);
  expect(rare.map(([name, seen]) => `${name}: renewed ${seen.size - 1} times`)).toEqual([]);
  expect(await starts()).toEqual(before);
  await everythingReady();
  const records = await stopWriter(lab, worker);
  expect(records.length).toBeGreaterThan(minutes * 30);
  expect(await lostWrites(lab, records)).toEqual([]);
  console.log(`longest time without an acknowledged write ${longestGap(records).toFixed(1)} s`);
});

test("every apiserver still reaches every kubelet", async () => {
  const { items } = JSON.parse(
    await lab.kubectl("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-proxy", "-o", "json"),
  ) as { items: { metadata: { name: string } }[] };
  expect(items).toHaveLength(plan.masters.length + plan.workers.length);
  const logs = names(items.map(({ metadata }) => metadata)).map(
    (pod) => `kubectl -n kube-system logs --tail 1 ${pod} >/dev/null`,
  );
  for (const { name } of plan.masters) {
    const ask = ["set -e; export KUBECONFIG=/etc/kubernetes/admin.conf", ...logs].join("\n");
    // An apiserver that has its certificate anew closes every connection that it made with the former, whoever is asking by it at that moment.
    await waitFor({ what: `${name} to reach every kubelet`, deadlineSeconds: 60 }, () =>
      lab.onHost(name, ask).then(() => true),
    );
  }
});

test("who watches hosts finds the end of each certificate", async () => {
  for (const { name } of renewing) {
    const metrics = await lab.onHost(name, "cat /var/lib/prometheus/node-exporter/*.prom");
    for (const { path, end } of await certificatesOf(name))
      if (!path.endsWith("kubelet.conf"))
        expect(metrics).toContain(`kubernetes_ha_certificate_end_seconds{path="${path}"} ${end}\n`);
  }
});

test("masters keep no kubeconfig that is root whatever roles say", async () => {
  for (const { name } of plan.masters)
    expect(await lab.onHost(name, "ls /etc/kubernetes")).not.toContain("super-admin.conf");
});

/** A request for a node's certificate, made with what a worker joins with. The CA's key is on masters. */
const ask = (as: string, name: string) => `
set -euo pipefail
cd "$(mktemp -d)"
openssl ecparam -name prime256v1 -genkey -noout -out key
openssl req -new -key key -subj "/O=system:bootstrappers:kubeadm:default-node-token/CN=system:node:${as}" -out join.csr
openssl x509 -req -in join.csr -CA /etc/kubernetes/pki/ca.crt -CAkey /etc/kubernetes/pki/ca.key -days 1 -out join.crt 2>/dev/null
request=$(openssl req -new -key key -subj "/O=system:nodes/CN=system:node:${name}" | base64 -w0)
kubectl --server "$(kubectl --kubeconfig /etc/kubernetes/admin.conf config view -o 'jsonpath={.clusters[0].cluster.server}')" \
  --certificate-authority /etc/kubernetes/pki/ca.crt --client-certificate join.crt --client-key key create -o name -f - <<END
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {generateName: ask-}
spec: {request: $request, signerName: kubernetes.io/kube-apiserver-client-kubelet, usages: [digital signature, client auth]}
END`;

async function approved(request: string): Promise<boolean> {
  const types = await lab.kubectl("get", request, "-o", "jsonpath={.status.conditions[*].type}");
  return types.includes("Approved");
}

test("what a worker joins with becomes that worker, and no other node", async () => {
  const others = [master, otherWorker];
  const refused = await Promise.all(
    others.map(async (other) => (await lab.onHost(master, ask(worker, other))).trim()),
  );
  const own = (await lab.onHost(master, ask(worker, worker))).trim();
  await waitFor({ what: `${own} to be approved`, deadlineSeconds: 60 }, async () =>
    (await approved(own)) ? true : undefined,
  );
  // Asked before the one that was approved.
  expect(await Promise.all(refused.map(approved))).toEqual(others.map(() => false));
  await lab.kubectl("delete", own, ...refused);
});

test("a node that reads Secrets is in the audit log", async () => {
  await lab.onHost(
    master,
    "kubectl --kubeconfig /etc/kubernetes/kubelet.conf -n kube-system get secrets 2>&1 || true",
  );
  await waitFor({ what: "the read in the audit log", deadlineSeconds: 30 }, async (seen) => {
    const found = await lab.onHost(
      master,
      `grep -h '"resource":"secrets"' /var/log/kubernetes/audit/audit.log | grep '"verb":"list"' | grep '"system:node:${master}"' | tail -n 1`,
    );
    seen(found || "no record");
    return found.includes('"level":"Metadata"') ? true : undefined;
  });
});
