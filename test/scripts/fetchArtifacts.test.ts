import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A host that fetches from a directory, and remembers in another one. */
function host() {
  const root = temporaryDirectory();
  for (const path of ["mirror", "bin", "etc/manifests"])
    mkdirSync(join(root, path), { recursive: true });
  const script = readFileSync(join(scripts, "fetch-artifacts.sh"), "utf8")
    .replace("APPLIED=/var/lib/kubernetes-ha/applied", `APPLIED=${root}/applied`)
    .replace("KUBERNETES=/etc/kubernetes", `KUBERNETES=${root}/etc`)
    .replace(/^download\(\) \{\n(?:.*\n)*?\}$/m, 'download() { cp "$1" "$2"; }');
  const place = (version: string) => {
    for (const name of ["kubelet", "kubeadm"]) {
      const file = join(root, "mirror", version, name);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, version);
      const { stdout } = run("sha256sum", [file]);
      writeFileSync(`${file}.sha256`, stdout);
    }
  };
  place("v1.36.3");
  place("v1.37.2");
  const file = (path: string) => join(root, path);
  return {
    has: (path: string) => (existsSync(file(path)) ? readFileSync(file(path), "utf8") : undefined),
    joins: () => writeFileSync(file("etc/kubelet.conf"), "kind: Config\n"),
    fetch: (version: string) => {
      const artifacts = ["kubelet", "kubeadm"].map(
        (name) => `${version}/${name} ${root}/bin/${name}`,
      );
      const ended = run("bash", [
        "-c",
        script,
        "fetch-artifacts.sh",
        join(root, "mirror"),
        ...artifacts,
      ]);
      expect(ended).toMatchObject({ status: 0, stderr: "" });
      return ended.stdout.trim().split("\n").filter(Boolean).sort();
    },
  };
}

test("a host that is no node yet has what it is to have, at once", () => {
  const { fetch, has } = host();
  fetch("v1.36.3");
  fetch("v1.37.2");
  expect([has("bin/kubelet"), has("bin/kubeadm"), has("bin/kubelet.next")]).toEqual([
    "v1.37.2",
    "v1.37.2",
    undefined,
  ]);
  expect(fetch("v1.37.2")).toEqual([]);
});

test("the kubelet of a node is not swapped under it: the new one waits beside it, once", () => {
  const { fetch, has, joins } = host();
  fetch("v1.36.3");
  joins();
  fetch("v1.37.2");
  expect([has("bin/kubelet"), has("bin/kubelet.next"), has("bin/kubeadm")]).toEqual([
    "v1.36.3",
    "v1.37.2",
    "v1.37.2",
  ]);
  expect(has("applied/artifact.kubelet")).toBe("v1.36.3/kubelet \n");
  expect(has("applied/artifact.kubelet.next")).toBe("v1.37.2/kubelet \n");
  expect(fetch("v1.37.2")).toEqual([]);
});

test("one that waits goes when the change is taken back", () => {
  const { fetch, has, joins } = host();
  fetch("v1.36.3");
  joins();
  fetch("v1.37.2");
  fetch("v1.36.3");
  expect([
    has("bin/kubelet"),
    has("bin/kubelet.next"),
    has("applied/artifact.kubelet.next"),
  ]).toEqual(["v1.36.3", undefined, undefined]);
});
