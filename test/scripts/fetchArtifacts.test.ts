import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { endOf, run, scripts, temporaryDirectory } from "./support/host";

/** What is served, by path; a text that begins with a slash is where it is to be had instead. */
const files = new Map<string, string | Buffer>();
const asked: string[] = [];
const server = createServer(({ url = "" }, answer) => {
  asked.push(url);
  const content = files.get(url);
  if (content === undefined) answer.writeHead(404).end();
  else if (typeof content === "string" && content.startsWith("/"))
    answer.writeHead(302, { location: content }).end();
  else answer.end(content);
});
let base = "";
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  files.clear();
  asked.length = 0;
});

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

/** Serves programs as a mirror does, each with its sum beside it. */
function serve(programs: Record<string, string>): void {
  for (const [path, content] of Object.entries(programs)) {
    files.set(`/${path}`, content);
    files.set(`/${path}.sha256`, `${sha256(content)}  ${path.split("/").at(-1)}\n`);
  }
}

/** A host that remembers in a directory of its own. */
function host() {
  const root = temporaryDirectory();
  for (const path of ["bin", "etc/manifests"]) mkdirSync(join(root, path), { recursive: true });
  const script = readFileSync(join(scripts, "fetch-artifacts.sh"), "utf8")
    .replace("APPLIED=/var/lib/kubernetes-ha/applied", `APPLIED=${root}/applied`)
    .replace("KUBERNETES=/etc/kubernetes", `KUBERNETES=${root}/etc`);
  const file = (path: string) => join(root, path);
  const fetch = (...lines: string[]) =>
    endOf(spawn("bash", ["-c", script, "fetch-artifacts.sh", ...lines]));
  return {
    root,
    has: (path: string) => (existsSync(file(path)) ? readFileSync(file(path), "utf8") : undefined),
    joins: () => writeFileSync(file("etc/kubelet.conf"), "kind: Config\n"),
    fetch,
    /** @returns what it said, line by line. */
    fetched: async (...lines: string[]) => {
      const { code, said } = await fetch(...lines);
      expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
      return said.trim().split("\n").filter(Boolean).sort();
    },
    /** A line for a program of a mirror. */
    line: (path: string, sum = `${base}/${path}.sha256`) =>
      `${path} ${root}/bin/${path.split("/").at(-1)} ${base}/${path} ${sum}`,
  };
}

const kubelet = "kubernetes/v1.36.3/amd64/kubelet";

describe("a program that is served as it is", () => {
  const content = "#!/bin/sh\necho hello\n";

  test.each([
    ["the sum alone", sha256(content)],
    ["a line with its name", `${sha256(content)}  tool\n`],
    ["a line with another name, and nothing else", `${sha256(content)}  ./bin/tool-amd64\n`],
    [
      "one of many lines",
      `${"1".repeat(64)}  tool.tar.gz\n${sha256(content)} *tool\n${"2".repeat(64)}  other\n`,
    ],
  ])("is put in place when %s says so", async (_, sums) => {
    const { fetched, has, root } = host();
    files.set("/tool", content).set("/sums", sums);
    expect(await fetched(`tool/v1/amd64/tool ${root}/bin/tool ${base}/tool ${base}/sums`)).toEqual([
      "fetched tool/v1/amd64/tool",
    ]);
    expect(run(join(root, "bin/tool"), []).stdout).toBe("hello\n");
    expect(has("applied/artifact.tool")).toBe("tool/v1/amd64/tool \n");
    expect(has("bin/tool.download.sums")).toBeUndefined();
  });

  test("is had from where it is said to be instead", async () => {
    const { fetched, line, has } = host();
    serve({ [kubelet]: content });
    files.set("/elsewhere", content).set(`/${kubelet}`, "/elsewhere");
    await fetched(line(kubelet));
    expect(has("bin/kubelet")).toBe(content);
  });

  test.each([
    ["what is published", `${"0".repeat(64)}  kubelet\n`, undefined],
    ["what is pinned", undefined, "1".repeat(64)],
  ])("is refused when it does not match %s", async (_, published, pinned) => {
    const { fetch, fetched, line, has } = host();
    serve({ [kubelet]: content });
    if (published !== undefined) files.set(`/${kubelet}.sha256`, published);
    const { code, said } = await fetch(line(kubelet, pinned));
    expect(code).toBe(1);
    expect(said).toBe(
      `error: ${base}/${kubelet} has sha256 ${sha256(content)}, must be ${pinned ?? "0".repeat(64)}: fetch it into the mirror anew, or correct sources.checksums\n`,
    );
    expect([
      has("bin/kubelet"),
      has("bin/kubelet.download"),
      has("applied/artifact.kubelet"),
    ]).toEqual([undefined, undefined, undefined]);
    // What went wrong is in nobody's way once it is made good.
    serve({ [kubelet]: content });
    await fetched(line(kubelet));
    expect(has("bin/kubelet")).toBe(content);
  });

  test.each([
    ["a page", "<html><body>log in</body></html>\n<!-- -->\n"],
    ["sums of others", `${"1".repeat(64)}  a\n${"2".repeat(64)}  b\n`],
    ["nothing", ""],
  ])("is refused when %s is where its sum should be", async (_, sums) => {
    const { fetch, line, has } = host();
    serve({ [kubelet]: content });
    files.set(`/${kubelet}.sha256`, sums);
    const { code, said } = await fetch(line(kubelet));
    expect(code).toBe(1);
    expect(said).toBe(
      `error: ${base}/${kubelet}.sha256 says no sha256 of kubelet: correct sources, or pin it in sources.checksums\n`,
    );
    expect(has("bin/kubelet")).toBeUndefined();
  });

  test("that is not there is told, with where it was looked for; others come all the same", async () => {
    const { fetch, line, has } = host();
    const kubeadm = "kubernetes/v1.36.3/amd64/kubeadm";
    serve({ [kubeadm]: content });
    const { code, said } = await fetch(line(kubelet), line(kubeadm));
    expect(code).toBe(1);
    expect(said).toContain(`error: ${base}/${kubelet} cannot be fetched: look whether it is there`);
    expect([has("bin/kubelet"), has("bin/kubeadm")]).toEqual([undefined, content]);
  });

  test("is not fetched again from another place, but for another pinned sum", async () => {
    const { fetched, line, root, has } = host();
    serve({ [kubelet]: content, "moved/kubelet": content });
    await fetched(line(kubelet));
    const moved = `${kubelet} ${root}/bin/kubelet ${base}/moved/kubelet`;
    expect(await fetched(`${moved} ${base}/moved/kubelet.sha256`)).toEqual([]);
    expect(await fetched(`${moved} ${sha256(content)}`)).toEqual([`fetched ${kubelet}`]);
    expect(has("applied/artifact.kubelet")).toBe(`${kubelet} ${sha256(content)}\n`);
  });
});

describe("programs of an archive", () => {
  const names = ["containerd", "ctr", "containerd-shim-runc-v2"];
  const programOf = (name: string) => `containerd/v2.4.2/amd64/${name}`;

  /** Serves an archive of programs, each of which is its own name. */
  function archive(members: string[] = names) {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "bin"));
    for (const name of members) writeFileSync(join(directory, "bin", name), name);
    expect(run("tar", ["-C", directory, "-czf", join(directory, "x.tar.gz"), "bin"])).toMatchObject(
      {
        status: 0,
      },
    );
    const content = readFileSync(join(directory, "x.tar.gz"));
    files.set("/x.tar.gz", content);
    files.set("/x.tar.gz.sha256sum", `${sha256(content)}  x.tar.gz\n`);
    return sha256(content);
  }
  const lines = (root: string, sum = `${base}/x.tar.gz.sha256sum`, of = names) =>
    of.map((name) => `${programOf(name)} ${root}/bin/${name} ${base}/x.tar.gz ${sum} bin/${name}`);

  test("come from one download, and are nothing to do the next time", async () => {
    const { fetched, has, root } = host();
    archive();
    expect(await fetched(...lines(root))).toEqual(
      names.map((name) => `fetched ${programOf(name)}`).sort(),
    );
    expect(asked.sort()).toEqual(["/x.tar.gz", "/x.tar.gz.sha256sum"]);
    expect(names.map((name) => has(`bin/${name}`))).toEqual(names);
    expect(
      run("ls", [join(root, "bin")])
        .stdout.trim()
        .split("\n")
        .sort(),
    ).toEqual([...names].sort());
    expect(run("stat", ["-c", "%a", join(root, "bin/ctr")]).stdout).toBe("755\n");
    expect(has("applied/artifact.ctr")).toBe(`${programOf("ctr")} \n`);
    expect(await fetched(...lines(root))).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test("one that is gone comes back alone", async () => {
    const { fetched, root } = host();
    archive();
    await fetched(...lines(root));
    rmSync(join(root, "bin/ctr"));
    expect(await fetched(...lines(root))).toEqual([`fetched ${programOf("ctr")}`]);
  });

  test("are checked by the archive's own sum, before anything is taken out of it", async () => {
    const { fetch, fetched, has, root } = host();
    const sum = archive();
    const { code, said } = await fetch(...lines(root, "1".repeat(64)));
    expect(code).toBe(1);
    expect(said).toContain(`error: ${base}/x.tar.gz has sha256 ${sum}, must be ${"1".repeat(64)}`);
    expect(names.map((name) => has(`bin/${name}`))).toEqual([undefined, undefined, undefined]);
    await fetched(...lines(root, sum));
    expect(has("applied/artifact.containerd")).toBe(`${programOf("containerd")} ${sum}\n`);
  });

  test("one that is not in it is told, and is not taken for there", async () => {
    const { fetch, has, root } = host();
    archive(["containerd", "ctr"]);
    const { code, said } = await fetch(...lines(root));
    expect(code).toBe(1);
    expect(said).toContain(`error: ${base}/x.tar.gz has no bin/containerd-shim-runc-v2\n`);
    expect(has("bin/containerd-shim-runc-v2")).toBeUndefined();
    expect(has("applied/artifact.containerd-shim-runc-v2")).toBeUndefined();
    expect(has("bin/ctr")).toBe("ctr");
  });
});

describe("another release of Kubernetes", () => {
  const programs = (version: string) =>
    ["kubelet", "kubeadm"].map((name) => `kubernetes/${version}/amd64/${name}`);
  beforeEach(() => {
    for (const version of ["v1.36.3", "v1.37.2"])
      serve(Object.fromEntries(programs(version).map((path) => [path, version])));
  });
  function node() {
    const { fetched, line, ...rest } = host();
    return {
      ...rest,
      fetch: (version: string) => fetched(...programs(version).map((path) => line(path))),
    };
  }

  test("a host that is no node yet has what it is to have, at once", async () => {
    const { fetch, has } = node();
    await fetch("v1.36.3");
    await fetch("v1.37.2");
    expect([has("bin/kubelet"), has("bin/kubeadm"), has("bin/kubelet.next")]).toEqual([
      "v1.37.2",
      "v1.37.2",
      undefined,
    ]);
    expect(await fetch("v1.37.2")).toEqual([]);
  });

  test("the kubelet of a node is not swapped under it: the new one waits beside it, once", async () => {
    const { fetch, has, joins } = node();
    await fetch("v1.36.3");
    joins();
    await fetch("v1.37.2");
    expect([has("bin/kubelet"), has("bin/kubelet.next"), has("bin/kubeadm")]).toEqual([
      "v1.36.3",
      "v1.37.2",
      "v1.37.2",
    ]);
    expect(has("applied/artifact.kubelet")).toBe("kubernetes/v1.36.3/amd64/kubelet \n");
    expect(has("applied/artifact.kubelet.next")).toBe("kubernetes/v1.37.2/amd64/kubelet \n");
    expect(await fetch("v1.37.2")).toEqual([]);
  });

  test("one that waits goes when the change is taken back", async () => {
    const { fetch, has, joins } = node();
    await fetch("v1.36.3");
    joins();
    await fetch("v1.37.2");
    await fetch("v1.36.3");
    expect([
      has("bin/kubelet"),
      has("bin/kubelet.next"),
      has("applied/artifact.kubelet.next"),
    ]).toEqual(["v1.36.3", undefined, undefined]);
  });
});
