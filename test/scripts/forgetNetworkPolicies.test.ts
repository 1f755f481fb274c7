import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A node; a file `container` stands for the agent's, a file `table` for its rules. */
function node() {
  const root = temporaryDirectory();
  const file = (name: string) => join(root, name);
  mkdirSync(file("applied"));
  mkdirSync(file("bin"));
  const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
  writeFileSync(
    file("lib.sh"),
    lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${root}`),
  );
  copyFileSync(join(scripts, "forget-network-policies.sh"), file("whole.sh"));
  const script = readFileSync(file("whole.sh"), "utf8");
  writeFileSync(file("whole.sh"), script.replace("GONE_SECONDS=900", "GONE_SECONDS=1"));
  const programs = {
    // By its label alone: there are others.
    ctr: `[[ $* == '--namespace k8s.io containers list --quiet labels."io.kubernetes.container.name"==kube-network-policies' ]] || exit 64
      [[ ! -e ${root}/broken ]] || { echo "no containerd" >&2; exit 1; }
      [[ ! -e ${root}/container ]] || echo 4f2a`,
    nft: `[[ $* == *"table inet kube-network-policies" ]] || exit 64
      case $1 in list) [[ -e ${root}/table ]] ;; delete) rm ${root}/table ;; esac`,
  };
  for (const [name, text] of Object.entries(programs))
    writeFileSync(file(`bin/${name}`), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  return {
    has: (name: string) => existsSync(file(name)),
    put: (name: string) => writeFileSync(file(name), ""),
    /** As prepare-host.sh leaves it. */
    prepared: () => writeFileSync(file("applied/packet-queues"), "98\n"),
    forget: (queues = "") => {
      writeFileSync(file("params"), `PACKET_QUEUES=(${queues})\n`);
      return run("bash", [file("whole.sh")], "", {
        PATH: `${root}/bin:${process.env.PATH ?? ""}`,
        PARAMS: file("params"),
        STEP_DIR: root,
      });
    },
  };
}

test("rules that nobody decides on any more are taken away, once", () => {
  const host = node();
  host.prepared();
  host.put("table");
  expect(host.forget()).toMatchObject({ status: 0, stderr: "" });
  expect(host.has("table")).toBe(false);
  // Somebody else's, by the same name.
  host.put("table");
  expect(host.forget().status).toBe(0);
  expect(host.has("table")).toBe(true);
});

test("an agent that took its rules along is fine", () => {
  const host = node();
  host.prepared();
  expect(host.forget()).toMatchObject({ status: 0, stderr: "" });
});

test("rules stay where policies are enforced, and where they never were", () => {
  const enforced = node();
  enforced.prepared();
  enforced.put("table");
  expect(enforced.forget("98").status).toBe(0);
  expect(enforced.has("table")).toBe(true);
  const never = node();
  never.put("table");
  expect(never.forget().status).toBe(0);
  expect(never.has("table")).toBe(true);
});

test.each([
  ["is still here", "container", "the masters have not taken it away yet: container 4f2a"],
  ["cannot be looked for", "broken", "no containerd"],
])("an agent that %s would write its rules again: it is waited for", (_, state, said) => {
  const host = node();
  host.prepared();
  host.put("table");
  host.put(state);
  const { status, stderr } = host.forget();
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    `the agent of network policies is gone: not so after 1 s; last seen: ${said}`,
  );
  expect(host.has("table")).toBe(true);
});
