import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { accessFiles, writeAccess } from "../../../../operations/access/files";
import { parseOutputs } from "../../../../operations/access/outputs";
import { outputsOf } from "./outputs";

const root = mkdtempSync(join(tmpdir(), "kubernetes-ha-access-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What ssh itself makes of the configuration for a host. */
function sshSettings(directory: string, host: string): Record<string, string> {
  const { stdout, stderr } = spawnSync("ssh", ["-F", join(directory, "ssh_config"), "-G", host], {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1)]),
  );
}

test("ssh takes the key, pins every host's, and reaches hosts through the bastion", () => {
  const { directory } = writeAccess(outputsOf(), {
    directory: join(root, "cluster"),
    socksPort: 1081,
  });
  const pinned = {
    user: "kubernetes",
    identityfile: join(directory, "id_ed25519"),
    identitiesonly: "yes",
    userknownhostsfile: join(directory, "known_hosts"),
    stricthostkeychecking: "true",
  };
  expect(sshSettings(directory, "prod-bastion-1")).toMatchObject({
    ...pinned,
    hostname: "203.0.113.7",
  });
  expect(sshSettings(directory, "prod-bastion-1")).not.toHaveProperty("dynamicforward");
  expect(sshSettings(directory, "bastion-socks")).toMatchObject({
    ...pinned,
    hostname: "203.0.113.7",
    dynamicforward: "[127.0.0.1]:1081",
    exitonforwardfailure: "yes",
  });
  expect(sshSettings(directory, "prod-master-1")).toMatchObject({
    ...pinned,
    hostname: "10.0.0.4",
    proxyjump: "prod-bastion-1",
  });
});

test("every host's key is known by its name and by the address it is dialled at", () => {
  const { known_hosts: known } = accessFiles(outputsOf(), { directory: "/x", socksPort: 1080 });
  const { nodes } = outputsOf();
  expect(known.trimEnd().split("\n")).toEqual([
    `prod-bastion-1,203.0.113.7 ${nodes[0]?.hostKey ?? ""}`,
    `prod-etcd-1,10.0.0.3 ${nodes[1]?.hostKey ?? ""}`,
    `prod-master-1,10.0.0.4 ${nodes[2]?.hostKey ?? ""}`,
  ]);
});

test("the kubeconfig goes through the proxy, which also resolves the API's name; nothing else is changed", () => {
  const outputs = outputsOf();
  const { kubeconfig } = accessFiles(outputs, { directory: "/x", socksPort: 1081 });
  const given = parse(outputs.kubeconfig) as { clusters: { cluster: object }[] };
  const [entry] = given.clusters;
  Object.assign(entry?.cluster ?? {}, { "proxy-url": "socks5://127.0.0.1:1081" });
  expect(parse(kubeconfig)).toEqual(given);
});

test("files are their owner's alone, also when they are written again over laxer ones", () => {
  const place = { directory: join(root, "again"), socksPort: 1080 };
  writeAccess(outputsOf(), place);
  writeFileSync(join(place.directory, "kubeconfig"), "old", { mode: 0o644 });
  writeAccess(outputsOf("203.0.113.8"), place);
  expect(statSync(place.directory).mode & 0o777).toBe(0o700);
  for (const name of ["id_ed25519", "known_hosts", "ssh_config", "kubeconfig"])
    expect(statSync(join(place.directory, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(place.directory, "ssh_config"), "utf8")).toContain("203.0.113.8");
});

test("a directory with somebody else's keys is left alone", () => {
  const directory = mkdtempSync(join(root, "ssh-"));
  writeFileSync(join(directory, "id_ed25519"), "mine");
  expect(() => writeAccess(outputsOf(), { directory, socksPort: 1080 })).toThrow(
    /holds files that are not ours \(id_ed25519\): give a directory that is new or empty/,
  );
  expect(readdirSync(directory)).toEqual(["id_ed25519"]);
  expect(readFileSync(join(directory, "id_ed25519"), "utf8")).toBe("mine");
});

test.each(["my cluster", "100%", "it's", "$HOME"])(
  "a path that ssh would read as something else is refused: %s",
  (name) => {
    const directory = join(root, name);
    expect(() => writeAccess(outputsOf(), { directory, socksPort: 1080 })).toThrow(
      /does not work in an ssh configuration/,
    );
    expect(readdirSync(root)).not.toContain(name);
  },
);

test("a stack that was never brought up is told by the outputs it lacks", () => {
  const some = { ...outputsOf(), kubeconfig: undefined, bastion: { name: "prod-bastion-1" } };
  expect(() => parseOutputs(some)).toThrow(/no usable output kubeconfig, bastion: bring it up/);
});
