import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { debianPackages } from "../../../toolchain/debian";
import {
  expectedDigest,
  fetchOfficial,
  forgetHosts,
  hostAnswers,
  type Fetch,
  type OfficialRelease,
} from "../../../toolchain/official";

let directory: string;

beforeEach(() => {
  forgetHosts();
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  directory = mkdtempSync(join(tmpdir(), "kha-official-"));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** A network in which these URLs answer with these texts, and all other URLs of their hosts with 404. */
function network(pages: Record<string, string | Buffer>): { get: Fetch; asked: string[] } {
  const asked: string[] = [];
  const hosts = Object.keys(pages).map((url) => new URL(url).host);
  const get = ((input: string, { method = "GET" }: RequestInit = {}) => {
    asked.push(`${method} ${input}`);
    if (!hosts.includes(new URL(input).host)) return Promise.reject(new TypeError("fetch failed"));
    const page = pages[input];
    return Promise.resolve(new Response(page ?? "", { status: page === undefined ? 404 : 200 }));
  }) as Fetch;
  return { get, asked };
}

const tool = "https://releases.test/tool";
const release: OfficialRelease = {
  kind: "files",
  files: { tool, other: `${tool}-other` },
  checksumSuffix: ".sha256",
};
const pages = {
  [tool]: "program",
  [`${tool}.sha256`]: sha256("program"),
  [`${tool}-other`]: "other",
  [`${tool}-other.sha256`]: `${sha256("other")}  tool-other\n`,
};

const fetchInto = (get: Fetch, what: OfficialRelease = release): Promise<boolean> =>
  fetchOfficial(what, join(directory, "out"), join(directory, "log"), get);

test("a host that does not answer is asked once a run, and its tools are to be built", async () => {
  const { get, asked } = network({});
  expect(await fetchInto(get)).toBe(false);
  expect(await fetchInto(get)).toBe(false);
  expect(asked).toEqual(["HEAD https://releases.test"]);
});

test("a host that never answers is given up", async () => {
  const silent = ((_: string, { signal }: RequestInit) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason as Error)),
    )) as Fetch;
  expect(await hostAnswers(tool, silent)).toBe(false);
});

test("files with the published digest become executables", async () => {
  expect(await fetchInto(network(pages).get)).toBe(true);
  expect(readFileSync(join(directory, "out/tool"), "utf8")).toBe("program");
  expect(statSync(join(directory, "out/other")).mode & 0o111).toBe(0o111);
  expect(existsSync(join(directory, "out.download"))).toBe(false);
});

test("a wrong digest stops everything", async () => {
  const tampered = { ...pages, [tool]: "tampered" };
  await expect(fetchInto(network(tampered).get)).rejects.toThrow(
    /tool: SHA-256 is [0-9a-f]{64}, published is [0-9a-f]{64}/,
  );
});

test("a release that the host does not have is to be built", async () => {
  const without = Object.fromEntries(
    Object.entries(pages).filter(([url]) => !url.endsWith("-other")),
  );
  expect(await fetchInto(network(without).get)).toBe(false);
});

test("programs are taken out of an archive", async () => {
  mkdirSync(join(directory, "tool-v1"));
  writeFileSync(join(directory, "tool-v1/run"), "program");
  const packed = spawnSync("tar", ["-czf", "-", "-C", directory, "tool-v1"]).stdout;
  const archive = "https://releases.test/tool.tar.gz";
  const list = "https://releases.test/SUMS";
  const { get } = network({ [archive]: packed, [list]: `${sha256(packed)}  tool.tar.gz\n` });
  const entries = { tool: "tool-v1/run" };
  expect(await fetchInto(get, { kind: "tar", url: archive, checksums: list, entries })).toBe(true);
  expect(readFileSync(join(directory, "out/tool"), "utf8")).toBe("program");
  const missing = { tool: "elsewhere/run" };
  expect(
    await fetchInto(get, { kind: "tar", url: archive, checksums: list, entries: missing }),
  ).toBe(false);
});

/** A zip archive of one file, not compressed. */
function zip(name: string, content: string): Buffer {
  const data = Buffer.from(content);
  // Version needed, flags, method, time, date, CRC-32, both sizes, lengths of name and extra field.
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), data]);
  const central = Buffer.concat([
    ...[Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), common],
    ...[Buffer.alloc(14), Buffer.from(name)],
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

test("a provider is taken out of the archive that its registry names", async () => {
  const packed = zip("terraform-provider-cloud_v1.2.3", "program");
  const registry = "https://registry.test/v1/providers/own/cloud/1.2.3/download/linux/amd64";
  const download_url = "https://releases.test/terraform-provider-cloud_1.2.3_linux_amd64.zip";
  const answer = (shasum: string) => JSON.stringify({ protocols: ["5.0"], download_url, shasum });
  const provider: OfficialRelease = {
    kind: "terraform-registry",
    version: "1.2.3",
    url: registry,
    executable: "terraform-provider-cloud",
  };
  const { get } = network({ [registry]: answer(sha256(packed)), [download_url]: packed });
  expect(await fetchInto(get, provider)).toBe(true);
  expect(readFileSync(join(directory, "out/terraform-provider-cloud"), "utf8")).toBe("program");
  const tampered = network({ [registry]: answer(sha256("other")), [download_url]: packed });
  await expect(fetchInto(tampered.get, provider)).rejects.toThrow(/SHA-256/);
});

test("what unpacks a provider is among the machine's packages", () => {
  expect(debianPackages).toHaveProperty("unzip");
});

test("an archive without a published digest is not used", async () => {
  const archive = "https://releases.test/a.tar.gz";
  const list = "https://releases.test/SUMS";
  expect(
    await fetchInto(network({ [archive]: "x", [list]: `${sha256("x")}  b.tar.gz\n` }).get, {
      kind: "tar",
      url: archive,
      checksums: list,
      entries: { tool: "tool" },
    }),
  ).toBe(false);
});

const digest = "a".repeat(64);
test.each([
  ["a digest alone", `${digest}\n`, digest],
  ["a list", `${"b".repeat(64)}  other\n${digest}  file\n`, digest],
  ["binary mode marks", `${digest} *file\n`, digest],
  ["another file only", `${digest}  other\n`, undefined],
  ["no digest", "<html>not found</html>", undefined],
])("expectedDigest of %s", (_, text, expected) => {
  expect(expectedDigest(text, "file")).toBe(expected);
});
