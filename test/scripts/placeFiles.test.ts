import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "../../components/remote/scriptArchive";
import { run, scripts, temporaryDirectory } from "./support/host";

interface Entry {
  path: string;
  content: string;
  mode?: string;
}

function place(directory: string, files: Entry[], params: Record<string, unknown> = {}) {
  const request = join(directory, "request.json");
  writeFileSync(request, JSON.stringify({ files, params }));
  const params_ = join(directory, "params");
  return {
    ...run("python3", [join(scripts, "place-files.py"), request, params_]),
    params: params_,
  };
}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("places files with their modes and makes private directories for private files", () => {
  const directory = temporaryDirectory();
  const open = join(directory, "etc", "open.conf");
  const key = join(directory, "pki", "deep", "ca.key");
  const { status, stdout } = place(directory, [
    { path: open, content: "a = ü\n" },
    { path: key, content: "secret", mode: "0600" },
  ]);
  expect(status).toBe(0);
  expect(readFileSync(open, "utf8")).toBe("a = ü\n");
  expect([modeOf(open), modeOf(key), modeOf(join(directory, "pki", "deep"))]).toEqual([
    "644",
    "600",
    "700",
  ]);
  expect(stdout).toBe(`placed ${open}\nplaced ${key}\n`);
});

test("leaves an equal file alone, but mends its mode", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "file");
  place(directory, [{ path, content: "same", mode: "0644" }]);
  const before = statSync(path, { bigint: true }).mtimeNs;
  const { stdout } = place(directory, [{ path, content: "same", mode: "0600" }]);
  expect(stdout).toBe("");
  expect(statSync(path, { bigint: true }).mtimeNs).toBe(before);
  expect(modeOf(path)).toBe("600");
});

test.each(["relative/file", "/etc/../etc/passwd"])("refuses the path %s", (path) => {
  const { status, stderr } = place(temporaryDirectory(), [{ path, content: "" }]);
  expect(status).not.toBe(0);
  expect(stderr).toContain("must be an absolute, normal path");
});

test("parameters reach bash as they are, whatever they hold", () => {
  const directory = temporaryDirectory();
  const nasty = `$(touch ${directory}/pwned) 'x' "y" \\ \n z`;
  const { params } = place(directory, [], {
    TEXT: nasty,
    LIST: ["a b", nasty, ""],
    NUMBER: 6443,
    FLAG: true,
  });
  const { stdout } = run("bash", [
    "-c",
    `source ${params}; printf '%s\\0' "$TEXT" "\${#LIST[@]}" "\${LIST[@]}" "$NUMBER" "$FLAG"`,
  ]);
  expect(stdout.split("\0").slice(0, -1)).toEqual([nasty, "3", "a b", nasty, "", "6443", "true"]);
  expect(modeOf(params)).toBe("600");
  expect(() => statSync(join(directory, "pwned"))).toThrow();
});

test("what is placed is on the disk, by its content and by its name, before anything goes by it", () => {
  const directory = temporaryDirectory();
  writeFileSync(
    join(directory, "request"),
    JSON.stringify({ files: [{ path: join(directory, "file"), content: "x" }] }),
  );
  // Python tells of each call as it is made.
  const program = [
    "import os, runpy, sys",
    "told = []",
    "def tell(name):",
    "    real = getattr(os, name)",
    "    def call(*args):",
    "        told.append('fsync ' + os.path.basename(os.readlink(f'/proc/self/fd/{args[0]}'))[:4] if name == 'fsync' else name)",
    "        return real(*args)",
    "    setattr(os, name, call)",
    "tell('fsync'); tell('replace')",
    `sys.argv = ["", "${directory}/request", "${directory}/params"]`,
    `runpy.run_path(${JSON.stringify(join(scripts, "place-files.py"))})`,
    "print('; '.join(told[-3:]))",
  ].join("\n");
  const { stdout } = run("python3", ["-c", program]);
  expect(stdout.trim().split("\n").at(-1)).toBe("fsync .pla; replace; fsync kube");
});

test("refuses a parameter that is no name", () => {
  const { status, stderr } = place(temporaryDirectory(), [], { "A=1;B": "x" });
  expect(status).not.toBe(0);
  expect(stderr).toContain("names are upper snake case");
});

describe("what came with the archive", () => {
  const shared = { params: { A: "pool", B: ["pool"] }, files: [] as Entry[] };

  function placeWith(content: string, named: string, files: Entry[] = []) {
    const directory = temporaryDirectory();
    copyFileSync(join(scripts, "place-files.py"), join(directory, "place-files.py"));
    writeFileSync(join(directory, "shared.json"), content);
    const request = join(directory, "request.json");
    writeFileSync(request, JSON.stringify({ params: { A: "own" }, files, shared: named }));
    const params = join(directory, "params");
    return {
      ...run("python3", ["-B", join(directory, "place-files.py"), request, params]),
      params: () => readFileSync(params, "utf8"),
    };
  }

  test("is used, and what the step says itself goes before", () => {
    const path = join(temporaryDirectory(), "file");
    const content = JSON.stringify({ ...shared, files: [{ path, content: "pool" }] });
    const { status, params } = placeWith(content, digest([content]));
    expect(status).toBe(0);
    expect(params()).toBe("A=own\nB=(pool)\n");
    expect(readFileSync(path, "utf8")).toBe("pool");
  });

  test("is not placed where the step has a file of that path itself", () => {
    const path = join(temporaryDirectory(), "file");
    const content = JSON.stringify({ ...shared, files: [{ path, content: "pool" }] });
    const { stdout } = placeWith(content, digest([content]), [{ path, content: "own" }]);
    expect(readFileSync(path, "utf8")).toBe("own");
    expect(stdout).toBe(`placed ${path}\n`);
  });

  test("is refused when it is not what the step was made for", () => {
    const content = JSON.stringify(shared);
    const { status, stderr } = placeWith(`${content}\n`, digest([content]));
    expect(status).not.toBe(0);
    expect(stderr).toContain("run again");
  });
});
