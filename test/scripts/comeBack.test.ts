import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A host with a kubelet's certificate or none, and an API that answers with a code and a node. */
function comeBack(code: number, node: object = {}, certificate = true) {
  const root = temporaryDirectory();
  const program = (name: string, body: string): void => {
    writeFileSync(join(root, name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(root, name), 0o755);
  };
  program("systemctl", `echo "systemctl $*" >>${root}/acts`);
  program(
    "curl",
    `case "$*" in
  *PATCH*) echo "patch \${@: -1}" >>${root}/acts ;;
  *http_code*) printf ${code} ;;
  *) cat ${root}/node ;;
esac`,
  );
  writeFileSync(join(root, "node"), JSON.stringify(node));
  if (certificate) writeFileSync(join(root, "client.pem"), "a certificate");
  const body = readFileSync(join(scripts, "come-back.sh"), "utf8").replace(
    "/var/lib/kubelet/pki/kubelet-client-current.pem",
    join(root, "client.pem"),
  );
  writeFileSync(join(root, "come-back.sh"), body);
  const { status, stderr } = run("bash", [join(root, "come-back.sh"), "w1", "https://api"], "", {
    PATH: `${root}:${process.env.PATH ?? ""}`,
    PARAMS: "/dev/null",
    STEP_DIR: scripts,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const acts = join(root, "acts");
  return existsSync(acts) ? readFileSync(acts, "utf8").trim().split("\n") : [];
}

const leaving = { metadata: { annotations: { "kubernetes-ha/leaving": "2026-01-01T00:00:00Z" } } };

test("a node that was removed is registered by a kubelet that starts", () => {
  expect(comeBack(404)).toEqual(["systemctl restart kubelet"]);
});

test("a node that was to leave takes pods again", () => {
  expect(comeBack(200, leaving)).toEqual([
    'patch {"metadata":{"annotations":{"kubernetes-ha/leaving":null}},"spec":{"unschedulable":null}}',
  ]);
});

test("one that people have cordoned stays so", () => {
  expect(comeBack(200, { spec: { unschedulable: true } })).toEqual([]);
});

test("a host that has never been a node has nothing to come back to", () => {
  expect(comeBack(404, {}, false)).toEqual([]);
});
