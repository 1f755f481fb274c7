import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A worker whose kubelet takes the settings in `patch`; `bad` ones keep it from answering. */
function worker() {
  const host = temporaryDirectory();
  for (const directory of ["patches", "state"]) mkdirSync(join(host, directory));
  const file = (name: string) => join(host, name);
  const read = (name: string) => readFileSync(file(name), "utf8");
  writeFileSync(file("params"), "NODE_NAME=prod-gpu-1\n");
  writeFileSync(file("unit"), "");
  writeFileSync(file("config"), "first\n");
  const rooted = (script: string) =>
    readFileSync(join(scripts, script), "utf8")
      .replaceAll("/etc/kubernetes/patches", file("patches"))
      .replaceAll("/etc/systemd/system/kubelet.service", file("unit"))
      .replaceAll("/etc/default/kubelet", file("defaults"))
      .replaceAll("/var/lib/kubelet/config.yaml", file("config"))
      .replaceAll("/var/lib/kubernetes-ha", file("state"))
      .replace("HEALTHY_SECONDS=90", "HEALTHY_SECONDS=1");
  writeFileSync(file("lib.sh"), rooted("lib.sh"));
  const release = readFileSync(join(scripts, "kubelet-release.sh"), "utf8");
  writeFileSync(
    file("kubelet-release.sh"),
    release.replaceAll("/usr/local/bin/kubelet", file("kubelet")),
  );
  mkdirSync(file("state/applied"));
  writeFileSync(file("kubelet"), "old");
  writeFileSync(file("state/applied/artifact.kubelet"), "old");
  const stubs = `
    systemctl() { [[ $1 != restart ]] || cp ${file("config")} ${file("running")}; echo "$*" >>${file("calls")}; }
    kubeadm() { cat ${file("patches")}/* >${file("config")}; }
    curl() { [[ $(cat ${file("running")}) != bad ]]; }
    journalctl() { :; }
  `;
  const body = rooted("kubelet-settings.sh").replace(/^main "\$@".*$/m, `${stubs}\n$&`);
  return {
    read,
    /** Another kubelet waits, and takes its place. */
    swap: () => {
      writeFileSync(file("kubelet.next"), "new");
      writeFileSync(file("state/applied/artifact.kubelet.next"), "new");
      const sources = "source $STEP_DIR/lib.sh; source $STEP_DIR/kubelet-release.sh";
      const env = { PARAMS: file("params"), STEP_DIR: host };
      expect(run("bash", ["-c", `${sources}; swap_kubelet`], "", env).status).toBe(0);
    },
    /** @returns how it ended, and how often the kubelet was restarted. */
    settle: (patch: string, ...args: string[]) => {
      writeFileSync(join(host, "patches", "kubelet.yaml"), `${patch}\n`);
      writeFileSync(file("calls"), "");
      const ended = run("bash", ["-c", body, "kubelet-settings.sh", ...args], "", {
        PARAMS: file("params"),
        STEP_DIR: host,
      });
      const restarts = read("calls").match(/^restart kubelet$/gm)?.length ?? 0;
      return { ...ended, restarts };
    },
  };
}

test("a node that has just joined has its settings; the same ones later are none to take up", () => {
  const { settle } = worker();
  expect(settle("one", "joined")).toMatchObject({ status: 0, restarts: 0 });
  expect(settle("one")).toMatchObject({ status: 0, restarts: 0 });
});

test("changed settings are taken up once", () => {
  const { settle, read } = worker();
  settle("one", "joined");
  expect(settle("two")).toMatchObject({ status: 0, restarts: 1 });
  expect(read("running")).toBe("two\n");
  expect(settle("two")).toMatchObject({ status: 0, restarts: 0 });
});

test("settings that the kubelet does not come up with are taken back, told, and tried again only as the step is", () => {
  const { settle, read } = worker();
  settle("one", "joined");
  settle("two");
  const ended = settle("bad");
  expect(ended).toMatchObject({ status: 1, restarts: 2 });
  expect(ended.stderr).toContain(
    "the kubelet does not come up with its new settings or release and has those before again",
  );
  expect(read("running")).toBe("two\n");
  expect(settle("bad").status).toBe(1);
  expect(settle("two")).toMatchObject({ status: 0, restarts: 0 });
});

test("another kubelet is restarted into, once", () => {
  const { settle, swap, read } = worker();
  settle("one", "joined");
  swap();
  expect(settle("one")).toMatchObject({ status: 0, restarts: 1 });
  expect(read("kubelet")).toBe("new");
  expect(settle("one")).toMatchObject({ status: 0, restarts: 0 });
});

test("one that does not come up gives way to the one of before, and waits again", () => {
  const { settle, swap, read } = worker();
  settle("one", "joined");
  swap();
  expect(settle("bad")).toMatchObject({ status: 1, restarts: 2 });
  expect([read("kubelet"), read("kubelet.next")]).toEqual(["old", "new"]);
  expect(read("state/applied/artifact.kubelet")).toBe("old");
});
