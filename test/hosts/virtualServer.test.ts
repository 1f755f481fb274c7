import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig, planCluster } from "../../components/plan";
import type { NodeLocalPlan } from "../../components/plan/entry";
import { nodeLocal } from "../../components/plan/entry/nodeLocal";
import { renderEntryNeeds } from "../../components/render";
import { sweep } from "../../lab/hosts/leftovers";
import { emptyWorld, type DesiredWorld } from "../../lab/hosts/types";
import { must, type RunResult } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { minimalConfig } from "../unit/plan/fixture";
import { accept, host, LoginKeys, TestLab } from "./lab";
import { installPackages } from "./packages";

const addresses = {
  bastion: "10.20.0.11",
  node: "10.20.0.12",
  one: "10.20.0.13",
  two: "10.20.0.14",
};
const bastionEip = "198.51.100.10";

/** What stands for an apiserver: ready while a file is there; tells who it is, and whom it sees. */
const apiserver = `
import http.server, os, socket, ssl

class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = os.path.exists("/run/ready") and "exclude=etcd&exclude=etcd-readiness" in self.path
        self.send_response(200 if ready else 500)
        self.end_headers()
        self.wfile.write(f"{socket.gethostname()} {self.client_address[0]}".encode())

server = http.server.ThreadingHTTPServer(("", 6443), Api)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/run/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
`;

/** A plan of ours, whose masters are the two hosts here. */
function entryPlan(): NodeLocalPlan {
  const config = {
    ...minimalConfig(),
    entry: { kind: "nodeLocal" as const, proxy: "ipvs" as const },
  };
  const { entry } = planCluster(parseClusterConfig(config));
  if (entry.kind !== "nodeLocal") throw new Error("another kind was planned");
  const masters = (["one", "two"] as const).map((name) => ({
    name,
    address: addresses[name],
    port: 6443,
  }));
  return { ...entry, masters };
}

const lab = new TestLab("virtual-server", { network: "vpc", ownKernel: { worker: 512 } });
const keys = new LoginKeys();
const entry = entryPlan();
const url = `https://${entry.address}:${entry.port}`;
const ready = "/readyz?exclude=etcd&exclude=etcd-readiness";

/** As a person, through the bastion: the one way to a host with a kernel of its own. */
const onNode = (command: string, input?: string): Promise<RunResult> =>
  lab.ssh(keys.identity, addresses.node, `sudo -n sh -c '${command}'`, bastionEip, input);

async function mustOnNode(command: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await onNode(command, input);
  if (code !== 0) throw new Error(`on the node: ${command}: ${code} ${stderr} ${stdout}`);
  return stdout.trim();
}

/** What apiservers answer to so many connections, each once. */
async function answers(count = 4): Promise<Set<string>> {
  const ask = `curl -sk -m 3 "${url}${ready}" || echo failed; echo`;
  const said = await mustOnNode(`for i in $(seq ${count}); do ${ask}; done`);
  return new Set(said.split("\n").filter(Boolean));
}

/** Masters that the kernel has rules for. */
const rules = async (): Promise<string[]> =>
  (await mustOnNode("ipvsadm -Ln")).match(/(?<=-> )10\.20\.0\.\d+(?=:6443)/g) ?? [];

const rulesFor = (...wanted: (keyof typeof addresses)[]): Promise<true> =>
  waitFor({ what: `rules for ${wanted.join(" and ")}`, deadlineSeconds: 60 }, async (seen) => {
    const found = await rules();
    seen(found.join());
    return found.sort().join() ===
      wanted
        .map((name) => addresses[name])
        .sort()
        .join()
      ? true
      : undefined;
  });

async function startMaster(instanceId: string, pem: string): Promise<void> {
  await lab.sshUp(instanceId);
  await lab.mustOn(
    instanceId,
    [
      "touch /run/ready",
      `cat >/run/server.pem <<'PEM'\n${pem}\nPEM`,
      `cat >/run/api.py <<'PROGRAM'\n${apiserver}\nPROGRAM`,
      "systemd-run --quiet --unit=api -- python3 /run/api.py",
    ].join("\n"),
  );
}

/** keepalived with the libraries it loads. */
const keepalived = [
  ...["keepalived", "ipvsadm", "libnl-", "libsnmp", "libsensors", "libpci3", "libwrap0"],
  ...["libnftnl11", "libmnl0", "libip4tc2", "libip6tc2", "libxtables12", "libipset13"],
  ...["libnftables1", "libjansson4", "libglib2", "libpcre2", "libperl5"],
];

/** Does what preparing the host does for the entry: modules, settings, files, the service. */
async function startProxy(): Promise<void> {
  const plan = planCluster(parseClusterConfig(minimalConfig()));
  const [worker] = plan.workers;
  if (worker === undefined) throw new Error("a plan without workers");
  const node = { ...worker, address: addresses.node };
  const { modules = [], sysctls = [] } = nodeLocal.needs(entry, node);
  const settings = sysctls.flatMap(({ settings }) => Object.entries(settings));
  await mustOnNode(`modprobe -a ${modules.join(" ")}`);
  await mustOnNode(`sysctl -qw ${settings.map((setting) => setting.join("=")).join(" ")}`);
  const { files = [], services = [] } = renderEntryNeeds({ entry, monitoring: undefined }, node);
  for (const { path, content } of files)
    await mustOnNode(`install -D -m 0644 /dev/stdin ${path}`, content);
  const units = services.map(({ unit }) => unit).join(" ");
  await mustOnNode(`systemctl daemon-reload && systemctl restart ${units}`);
}

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  await keys.make();
  const named = (name: keyof typeof addresses, more = {}): DesiredWorld["hosts"][0] =>
    host(name, addresses[name], {
      securityGroupIds: ["sg"],
      userData: keys.userData(name),
      ...more,
    });
  await lab.open();
  await lab.world.apply({
    ...structuredClone(emptyWorld),
    securityGroups: [
      {
        securityGroupId: "sg",
        ingress: [accept({ protocol: "ALL" })],
        egress: [accept({ protocol: "ALL" })],
      },
    ],
    hosts: [
      named("bastion", { publicIp: bastionEip }),
      named("node", { tags: { "kubernetes-ha/role": "worker" } }),
      named("one"),
      named("two"),
    ],
  });
  const dir = mkdtempSync(join(tmpdir(), "virtual-server-"));
  const pem = join(dir, "server.pem");
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=api";
  await must(["openssl", ...request.split(" "), "-keyout", pem, "-out", `${pem}.crt`]);
  const both = readFileSync(pem, "utf8") + readFileSync(`${pem}.crt`, "utf8");
  rmSync(dir, { recursive: true });
  await lab.sshUp("ins-bastion");
  await Promise.all(["ins-one", "ins-two"].map((id) => startMaster(id, both)));
  await waitFor({ what: "the node's sshd", deadlineSeconds: 180 }, () =>
    mustOnNode("cloud-init status --wait >/dev/null && echo up"),
  );
  await installPackages(mustOnNode, keepalived);
  await startProxy();
}, 900_000);

afterAll(async () => {
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
  keys.remove();
}, 60_000);

const node = addresses.node;

test("a node's connections to the virtual address go to all masters, from the node's own address", async () => {
  await rulesFor("one", "two");
  expect(await answers()).toEqual(new Set([`one ${node}`, `two ${node}`]));
}, 120_000);

test("no interface has the address, and what has no rule there is refused at once", async () => {
  expect(await mustOnNode("ip -4 -o address show")).not.toContain(entry.address);
  const { code } = await onNode(`curl -sk -m 3 https://${entry.address}:6444/`);
  expect(code).toBe(7);
}, 60_000);

test("a master that is not ready gets no connections, and some again once it is", async () => {
  await lab.mustOn("ins-one", "rm /run/ready");
  await rulesFor("two");
  expect(await answers()).toEqual(new Set([`two ${node}`]));
  await lab.mustOn("ins-one", "touch /run/ready");
  await rulesFor("one", "two");
}, 180_000);

test("a frozen one gets none until it thaws", async () => {
  await lab.mustOn("ins-one", "systemctl kill --signal=SIGSTOP api");
  await rulesFor("two");
  await lab.mustOn("ins-one", "systemctl kill --signal=SIGCONT api");
  await rulesFor("one", "two");
}, 180_000);

test("the rules outlive keepalived", async () => {
  await mustOnNode("systemctl kill --signal=SIGKILL keepalived");
  expect((await rules()).sort()).toEqual([addresses.one, addresses.two]);
  await waitFor({ what: "keepalived", deadlineSeconds: 30 }, async () =>
    (await onNode("systemctl is-active keepalived")).code === 0 ? true : undefined,
  );
  await lab.mustOn("ins-two", "rm /run/ready");
  await rulesFor("one");
  await lab.mustOn("ins-two", "touch /run/ready");
  await rulesFor("one", "two");
}, 180_000);
