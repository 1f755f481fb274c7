import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { prepareHost } from "../../../../components/preparation";
import { ensureArchives } from "../../../../lab/internet/archives";
import { ensureAuthority, internetFiles, issueServer } from "../../../../lab/internet/certificates";
import { publicNames } from "../../../../lab/internet/names";
import { startInternet } from "../../../../lab/internet/server";
import { writeArtifacts } from "../../../../mirror/assembly/artifacts";
import { artifactSpecs, mirrorVersions } from "../../../../mirror/layout";
import { openContents } from "../../../../mirror/manifest";
import { endOf, run, scripts, temporaryDirectory } from "../../../scripts/support/host";
import { planHaving } from "../../plan/fixture";

/** A lab's directory, whose mirror has programs that are their own names; the registry tells what it was asked. */
const dir = temporaryDirectory();
const contents = temporaryDirectory();
const registry = createServer(({ method, url, headers }, answer) => {
  answer.setHeader("docker-content-digest", "sha256:1");
  answer.end(method === "HEAD" ? undefined : `${url} ${headers.accept}`);
});
const servers: Server[] = [registry];
/** Has every connection of curl led to us, and our authority trusted. */
let home = "";

beforeAll(async () => {
  const specs = artifactSpecs(mirrorVersions);
  const binaries = Object.fromEntries(
    specs.map(({ binary }) => {
      const file = join(contents, binary);
      writeFileSync(file, `#!/bin/sh\necho ${binary}\n`);
      return [binary, file];
    }),
  );
  const artifacts = await writeArtifacts(join(contents, "artifacts"), specs, binaries);
  const manifest = { key: "k", versions: mirrorVersions, artifacts, images: [], packages: [] };
  writeFileSync(join(contents, "contents.json"), JSON.stringify(manifest));
  await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
  await ensureAuthority(dir);
  const server = await startInternet({
    contents,
    releases: await ensureArchives(await openContents(contents), dir),
    registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
    certificate: await issueServer(dir, publicNames),
    address: "127.0.0.1",
    port: 0,
  });
  servers.push(server);
  home = temporaryDirectory();
  writeFileSync(
    join(home, ".curlrc"),
    [
      `connect-to = "::127.0.0.1:${(server.address() as AddressInfo).port}"`,
      `cacert = "${internetFiles(dir).authority}"`,
      'noproxy = "*"',
    ].join("\n"),
  );
});
afterAll(() => servers.forEach((server) => server.close()));

const curl = (...args: string[]) =>
  endOf(spawn("curl", ["-sS", ...args], { env: { ...process.env, CURL_HOME: home } }));

describe.each([
  ["upstream", {}],
  ["upstream for China", { preset: "china" as const }],
])("programs from %s", (_, sources) => {
  const plan = planHaving({ sources });

  test.each(plan.hosts.filter(({ key }) => key === "1"))(
    "$name fetches all it is to have, as the step tells it",
    async (host) => {
      const root = temporaryDirectory();
      const script = readFileSync(join(scripts, "fetch-artifacts.sh"), "utf8")
        .replace("APPLIED=/var/lib/kubernetes-ha/applied", `APPLIED=${root}/applied`)
        .replace("KUBERNETES=/etc/kubernetes", `KUBERNETES=${root}/etc`);
      const lines = (prepareHost(plan, host).params.ARTIFACTS as string[]).map((line) =>
        line.replace(" /usr/local/bin/", ` ${root}/bin/`),
      );
      const ended = await endOf(
        spawn("bash", ["-c", script, "fetch-artifacts.sh", ...lines], {
          env: { ...process.env, CURL_HOME: home },
        }),
      );
      expect(ended).toMatchObject({ code: 0 });
      for (const line of lines) {
        const target = line.split(" ")[1] ?? "";
        expect(run(target, []).stdout).toBe(`${target.split("/").at(-1)}\n`);
      }
    },
  );
});

test("its certificate is for the public names, by an authority of the lab's own", async () => {
  const url = "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm.sha256";
  expect(await curl("-fL", url)).toMatchObject({ code: 0 });
  const { code, said } = await curl("--cacert", "/etc/ssl/certs/ca-certificates.crt", url);
  expect(code).not.toBe(0);
  expect(said).toContain("certificate");
});

test("the sum of a program is alone, as dl.k8s.io has it", async () => {
  const { said } = await curl(
    "-L",
    "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm.sha256",
  );
  expect(said).toMatch(/^[0-9a-f]{64}$/);
});

test("registries are asked as the mirror's, with what the client takes", async () => {
  const accept = "application/vnd.oci.image.index.v1+json";
  const manifest = "https://registry-1.docker.io/v2/coredns/coredns/manifests/1.15.0?ns=docker.io";
  expect(await curl("-f", "-H", `accept: ${accept}`, manifest)).toEqual({
    code: 0,
    said: `/v2/kubernetes-ha/coredns/manifests/v1.15.0 ${accept}`,
  });
  const { said } = await curl("-I", manifest);
  expect(said).toMatch(/docker-content-digest: sha256:1/i);
});

test.each([
  ["GET", "https://registry.k8s.io/v2/nosuch/manifests/v1"],
  ["GET", "https://dl.k8s.io/release/v9.9.9/bin/linux/amd64/kubelet"],
  ["POST", "https://registry.k8s.io/v2/pause/blobs/uploads/"],
])("%s %s is not found", async (method, url) => {
  const { said } = await curl("-L", "-X", method, "-o", "/dev/null", "-w", "%{http_code}", url);
  expect(said).toBe("404");
});

test("the authority is made once", async () => {
  const before = readFileSync(internetFiles(dir).authority, "utf8");
  await ensureAuthority(dir);
  expect(readFileSync(internetFiles(dir).authority, "utf8")).toBe(before);
});
