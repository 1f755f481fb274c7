import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySsh } from "../../../../lab/hosts/memory/ssh";
import type { HostSpec } from "../../../../lab/hosts/types";
import { run } from "../../../../lab/process";
import { writeAccess } from "../../../../operations/access/files";
import type { StackOutputs } from "../../../../operations/access/outputs";
import { closeProxy, freePort, openProxy } from "../../../../operations/access/proxy";
import { hostKey, operatorKey, outputsOf } from "./outputs";

// The real ssh, and the hosts of the memory backend.
const root = mkdtempSync(join(tmpdir(), "kubernetes-ha-proxy-"));
const server = new MemorySsh({ dir: root, listen: { address: "127.0.0.1", port: 0 } });

const instance = (name: string, privateIp: string, publicIp?: string): HostSpec => ({
  instanceId: `ins-${name}`,
  hostName: name,
  uuid: name,
  zone: "z",
  physicalHost: "p",
  cpus: 1,
  memoryMiB: 1024,
  vpcId: "vpc-1",
  subnetId: "subnet-1",
  privateIp,
  ...(publicIp !== undefined && { publicIp }),
  subnetCidr: "10.0.0.0/24",
  userData: `#cloud-config\n${JSON.stringify({
    ssh_keys: {
      ed25519_private: hostKey(name).privateKey,
      ed25519_public: hostKey(name).publicKey,
    },
    users: [{ name: "kubernetes", ssh_authorized_keys: [operatorKey.publicKey] }],
  })}`,
  publicKeys: [],
  power: "running",
  securityGroupIds: [],
  systemDisk: { diskId: "disk-system", sizeGiB: 20 },
  dataDisks: [],
});

beforeAll(async () => {
  await server.open();
  server.converge([
    instance("prod-bastion-1", "10.0.0.2", "127.0.0.1"),
    instance("prod-etcd-1", "10.0.0.3"),
    instance("prod-master-1", "10.0.0.4"),
  ]);
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const opened: string[] = [];
const closing: string[][] = [];
afterEach(async () => {
  for (const command of closing.splice(0)) await run(command);
  for (const directory of opened.splice(0)) await closeProxy(directory, run);
});

/** A directory of access as `npm run access` writes it; only that the bastion's port is not 22 here is added. */
async function access(outputs: StackOutputs = outputsOf("127.0.0.1")) {
  const place = writeAccess(outputs, {
    directory: mkdtempSync(join(root, "access-")),
    socksPort: await freePort(),
  });
  appendFileSync(
    join(place.directory, "ssh_config"),
    `Host prod-bastion-1 bastion-socks\n  Port ${server.port}\n  HostKeyAlias prod-bastion-1\n`,
  );
  opened.push(place.directory);
  return place;
}

/** First bytes that somebody sends who is dialled through the SOCKS proxy by an address (RFC 1928). */
function greeting(port: number, address: string, target: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from([5, 1, 0])));
    socket.setTimeout(10_000, () => socket.destroy(new Error("no greeting")));
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      if (seen.length === 2)
        socket.write(
          Buffer.from([5, 1, 0, 1, ...address.split(".").map(Number), target >> 8, target & 255]),
        );
      // 2 bytes on the method, 10 on the connection, then what the other end says.
      if (seen.length > 12) {
        resolve(seen.subarray(12).toString());
        socket.destroy();
      }
    });
  });
}

test("the proxy dials private addresses from the bastion; opened twice it is one", async () => {
  const { directory, socksPort } = await access();
  await openProxy(directory, run);
  await openProxy(directory, run);
  expect(await greeting(socksPort, "10.0.0.4", 22)).toMatch(/^SSH-2\.0/);
  await closeProxy(directory, run);
  await expect(greeting(socksPort, "10.0.0.4", 22)).rejects.toThrow("ECONNREFUSED");
});

test("`ssh -F <dir>/ssh_config -fN bastion-socks` as it is printed opens it, too", async () => {
  const { directory, socksPort } = await access();
  // A background ssh without a control socket would outlive the test: with one it can be told to end.
  const control = ["-o", "ControlMaster=yes", "-S", join(directory, "control")];
  const config = ["-F", join(directory, "ssh_config")];
  const log = ["-E", join(directory, "log")];
  const { code } = await run(["ssh", ...config, ...control, ...log, "-fN", "bastion-socks"]);
  closing.push(["ssh", ...config, ...control, "-O", "exit", "bastion-socks"]);
  expect([code, readFileSync(join(directory, "log"), "utf8")]).toEqual([0, ""]);
  expect(await greeting(socksPort, "10.0.0.3", 22)).toMatch(/^SSH-2\.0/);
});

test("a host is logged in to through the bastion, both by their pinned keys", async () => {
  const { directory } = await access();
  const config = ["-F", join(directory, "ssh_config"), "-o", "BatchMode=yes"];
  await run(["ssh", ...config, "prod-master-1", "uptime"], { timeoutSeconds: 20 });
  const asked = readFileSync(join(root, "ssh.jsonl"), "utf8").trimEnd().split("\n");
  expect(JSON.parse(asked.at(-1) ?? "")).toMatchObject({
    host: "prod-master-1",
    command: "uptime",
  });
});

test("a bastion that shows another key is not spoken to", async () => {
  const outputs = outputsOf("127.0.0.1");
  outputs.bastion.hostKey = hostKey("somebody else").publicKey;
  const { directory } = await access(outputs);
  await expect(openProxy(directory, run)).rejects.toThrow(
    /no way to the bastion: ssh ended with 255[^]*Host key verification failed/,
  );
});

test("a host behind it that shows another key is not spoken to either", async () => {
  const outputs = outputsOf("127.0.0.1");
  const master = outputs.nodes.find(({ name }) => name === "prod-master-1");
  Object.assign(master ?? {}, { hostKey: hostKey("somebody else").publicKey });
  const { directory } = await access(outputs);
  const config = ["-F", join(directory, "ssh_config"), "-o", "BatchMode=yes"];
  const { code, stderr } = await run(["ssh", ...config, "prod-master-1", "uptime"], {
    timeoutSeconds: 20,
  });
  expect(stderr).toContain("Host key verification failed");
  expect(code).toBe(255);
});
