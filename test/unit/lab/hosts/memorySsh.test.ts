import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ConnectConfig } from "ssh2";
import { deriveSshKey } from "../../../../components/pki/sshKey";
import { digest, scriptArchive } from "../../../../components/remote/scriptArchive";
import type { SshLogEntry } from "../../../../lab/hosts/memory/host";
import { MemorySsh } from "../../../../lab/hosts/memory/ssh";
import type { HostSpec } from "../../../../lab/hosts/types";

const seed = Buffer.alloc(32, 7).toString("base64");
const operator = deriveSshKey(seed, "operator");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-memory-"));
const ssh = new MemorySsh({ dir, listen: { address: "127.0.0.1", port: 0 } });

const userData = (name: string): string => {
  const { privateKey, publicKey } = deriveSshKey(seed, `host/${name}`);
  return `#cloud-config\n${JSON.stringify({
    ssh_keys: { ed25519_private: privateKey, ed25519_public: publicKey },
    users: [{ name: "kubernetes", ssh_authorized_keys: [operator.publicKey] }],
  })}`;
};

const host = (name: string, last: number, more: Partial<HostSpec> = {}): HostSpec => ({
  instanceId: `ins-${name}`,
  hostName: name,
  uuid: name,
  zone: "z",
  physicalHost: "p",
  cpus: 1,
  memoryMiB: 1024,
  vpcId: "vpc-1",
  subnetId: "subnet-1",
  privateIp: `10.0.0.${last}`,
  subnetCidr: "10.0.0.0/24",
  userData: userData(name),
  publicKeys: [],
  power: "running",
  securityGroupIds: [],
  systemDisk: { diskId: "disk-system", sizeGiB: 20 },
  dataDisks: [],
  ...more,
});
const bastion = host("bastion", 2, { publicIp: "127.0.0.1" });
const etcd = host("etcd", 3);

let port: number;
beforeAll(async () => {
  await ssh.open();
  port = ssh.port;
});
beforeEach(() => ssh.converge([bastion, etcd]));
afterAll(async () => {
  await ssh.close();
  rmSync(dir, { recursive: true, force: true });
});

const clients: Client[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.destroy()));

/** The key the host showed; logs in with `more` over what is right. */
function login(more: ConnectConfig = {}): Promise<{ client: Client; shown: string }> {
  const client = new Client();
  clients.push(client);
  let shown = "";
  return new Promise((resolve, reject) => {
    client.on("ready", () => resolve({ client, shown })).on("error", reject);
    client.on("close", () => reject(new Error("closed")));
    client.connect({
      host: "127.0.0.1",
      port,
      username: "kubernetes",
      privateKey: operator.privateKey,
      hostVerifier: (key: Buffer) => {
        shown = key.toString("base64");
        return true;
      },
      ...more,
    });
  });
}

/** A login to a private address through the bastion. */
async function through(address: string): Promise<{ client: Client; shown: string }> {
  const { client } = await login();
  const sock = await new Promise<NonNullable<ConnectConfig["sock"]>>((resolve, reject) =>
    client.forwardOut("127.0.0.1", 0, address, 22, (error, channel) =>
      error ? reject(error) : resolve(channel),
    ),
  );
  return login({ sock });
}

function exec(
  client: Client,
  command: string,
  stdin: string,
): Promise<{ code: number | undefined; stderr: string }> {
  return new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      let stderr = "";
      channel.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      channel.on("close", (code?: number) => resolve({ code, stderr }));
      channel.resume();
      channel.end(stdin);
    }),
  );
}

function copy(client: Client, content: Buffer, path: string): Promise<void> {
  return new Promise((resolve, reject) =>
    client.sftp((error, sftp) => {
      if (error) reject(error);
      else
        sftp.writeFile(path, content, (failed) => {
          if (failed) reject(failed);
          // Done once the server has ended too, which the engine's client waits for.
          else sftp.once("close", () => resolve()).end();
        });
    }),
  );
}

const archive = "kubernetes-ha-scripts.tar";
const step = (name: string): string =>
  `set -eu; dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; tar -xf ${archive} -C "$dir"; sudo -n bash "$dir/run-step.sh" ${name} 900`;
const request = JSON.stringify({
  params: { NAME: "x", LIST: ["a"], ON: true },
  files: [{ path: "/etc/a", content: "secret", mode: "0600" }],
});
const log = (): SshLogEntry[] =>
  readFileSync(join(dir, "ssh.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as SshLogEntry);
const blob = (name: string): string =>
  deriveSshKey(seed, `host/${name}`).publicKey.split(" ")[1] as string;

describe("who gets in", () => {
  test("the operator's key, and the host shows the key of its user data", async () => {
    expect((await login()).shown).toBe(blob("bastion"));
  });

  test("no other key, no other user", async () => {
    const other = deriveSshKey(seed, "other").privateKey;
    await expect(login({ privateKey: other })).rejects.toThrow(/authentication/);
    await expect(login({ username: "root" })).rejects.toThrow(/authentication/);
  });

  test("another host through the bastion, each with its own key", async () => {
    expect((await through(etcd.privateIp)).shown).toBe(blob("etcd"));
  });

  test("nobody at an address without a host, of another VPC, or of a host that is switched off", async () => {
    await expect(through("10.0.0.99")).rejects.toThrow(/Connection refused|open failure|failed/);
    ssh.converge([bastion, { ...etcd, vpcId: "vpc-2" }]);
    await expect(through(etcd.privateIp)).rejects.toThrow();
    ssh.converge([bastion, { ...etcd, power: "stopped" }]);
    await expect(through(etcd.privateIp)).rejects.toThrow();
    ssh.converge([{ ...bastion, power: "stopped" }, etcd]);
    await expect(login()).rejects.toThrow();
  });

  test.each([
    ["whose power is lost", { power: "failed" as const }],
    ["that is cut off", { linkCut: true }],
  ])("a host %s says nothing", async (_what, state) => {
    ssh.converge([{ ...bastion, ...state }, etcd]);
    await expect(login({ readyTimeout: 300 })).rejects.toThrow(/Timed out/);
  });

  test("connections break when power goes", async () => {
    const { client } = await login();
    const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
    ssh.converge([{ ...bastion, power: "failed" }, etcd]);
    await closed;
  });
});

describe("what a host does when it is told", () => {
  test("a step runs once its scripts are there; both are recorded, the secret input is not", async () => {
    const { client } = await through(etcd.privateIp);
    expect(await exec(client, step("etcd"), request)).toEqual({
      code: 2,
      stderr: `tar: ${archive}: no such archive on this host\n`,
    });
    const content = readFileSync(scriptArchive());
    await copy(client, content, archive);
    expect(await exec(client, step("etcd"), request)).toEqual({ code: 0, stderr: "" });
    expect(log().slice(-2)).toMatchObject([
      {
        host: "etcd",
        address: "10.0.0.3",
        user: "kubernetes",
        command: `copy ${archive}`,
        stdinBytes: content.length,
      },
      { host: "etcd", command: step("etcd"), stdinBytes: request.length },
    ]);
    expect(readFileSync(join(dir, "ssh.jsonl"), "utf8")).not.toContain("secret");
  });

  test("what its pool shares is in the archive, by its hash", async () => {
    const shared = JSON.stringify({ params: { A: ["b"] }, files: [] });
    const { client } = await through(etcd.privateIp);
    await copy(client, readFileSync(scriptArchive({ "shared.json": shared })), archive);
    const asked = JSON.stringify({ params: {}, files: [], shared: digest([shared]) });
    expect(await exec(client, step("etcd"), asked)).toEqual({ code: 0, stderr: "" });
    const broken = JSON.stringify({ params: { a: 1 }, files: [] });
    await copy(client, readFileSync(scriptArchive({ "shared.json": broken })), archive);
    expect(
      await exec(
        client,
        step("etcd"),
        JSON.stringify({ ...JSON.parse(asked), shared: digest([broken]) }),
      ),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^shared\.json: .*\n.*params\.a/) as string,
    });
  });

  test.each([
    ["a command that is no step", "hostname", request, 127, /knows steps only/],
    ["a step without a script", step("no-such-step"), request, 2, /no-such-step\.sh: not in/],
    ["input that is no JSON", step("etcd"), "secret", 2, /6 bytes that are no JSON/],
    [
      "a lower-case parameter",
      step("etcd"),
      '{"params":{"a":"secret"},"files":[]}',
      2,
      /Invalid key in record\s+→ at params\.a/,
    ],
    [
      "a relative path",
      step("etcd"),
      '{"params":{},"files":[{"path":"a","content":"secret"}]}',
      2,
      /absolute/,
    ],
    [
      "what the archive does not have",
      step("etcd"),
      JSON.stringify({ params: {}, files: [], shared: digest(["another secret"]) }),
      2,
      /^shared\.json: is not the one of the step/,
    ],
    ["a field too many", step("etcd"), '{"params":{},"files":[],"env":"secret"}', 2, /env/],
  ])("%s is refused", async (_what, command, stdin, code, message) => {
    const { client } = await through(etcd.privateIp);
    await copy(client, readFileSync(scriptArchive()), archive);
    const ended = await exec(client, command, stdin);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(message) as string });
    expect(ended.stderr).not.toContain("secret");
  });
});

describe("ordered failures", () => {
  const order = async (fault: object): Promise<Response> =>
    ssh.faults.routes.request("/ssh-faults", { method: "POST", body: JSON.stringify(fault) });

  test("a command fails as often as ordered, others go on", async () => {
    const { client } = await login();
    await copy(client, readFileSync(scriptArchive()), archive);
    await order({
      host: "bastion",
      commandMatches: "prepare-host",
      exitCode: 7,
      stderr: "no disk",
      times: 2,
    });
    expect(await exec(client, step("etcd"), request)).toMatchObject({ code: 0 });
    for (const code of [7, 7, 0])
      expect(await exec(client, step("prepare-host"), request)).toEqual({
        code,
        stderr: code === 0 ? "" : "no disk\n",
      });
  });

  test("a host that cannot be reached, then can", async () => {
    await order({ host: "etcd", unreachable: true });
    await expect(through(etcd.privateIp)).rejects.toThrow();
    await through(etcd.privateIp);
  });

  test("a connection that breaks in the middle", async () => {
    const { client } = await login();
    await order({ host: "*", disconnect: true });
    expect((await exec(client, step("etcd"), request)).code).toBeUndefined();
  });

  test("what makes no sense is refused", async () => {
    for (const fault of [
      { host: "a" },
      { host: "a", unreachable: true, exitCode: 1 },
      { host: "a", unreachable: true, commandMatches: "x" },
    ])
      expect((await order(fault)).status).toBe(400);
  });
});
