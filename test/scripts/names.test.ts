import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

const block = (address: string) =>
  `# begin tencentcloud-kubernetes-ha\n${address} api.prod.internal\n10.0.0.130 prod-general-1\n# end tencentcloud-kubernetes-ha`;
const hosts = (address: string) => `127.0.0.1 localhost\n${block(address)}\n`;
const [balancers, clb, own] = ["10.0.0.10", "10.0.0.11", "127.0.0.1"] as const;

/** A host with an /etc/hosts, pods, and a network in which some addresses answer as the API. */
class TestHost {
  readonly dir = temporaryDirectory();

  constructor(content: string, answering: readonly string[] = []) {
    writeFileSync(join(this.dir, "hosts"), content);
    writeFileSync(join(this.dir, "params"), "");
    for (const name of ["lib.sh", "names.sh", "boot.sh"]) {
      const text = readFileSync(join(scripts, name), "utf8")
        .replaceAll("/etc/hosts", join(this.dir, "hosts"))
        .replaceAll("/etc/kubernetes-ha", join(this.dir, "kubernetes-ha"))
        .replaceAll("/var/lib/kubernetes-ha", join(this.dir, "state"))
        .replaceAll("/var/lib/kubelet/pods", join(this.dir, "pods"));
      writeFileSync(join(this.dir, name), text);
    }
    mkdirSync(join(this.dir, "bin"));
    this.program(
      "curl",
      `while [[ $1 != --resolve ]]; do shift; done
      echo "$2" >>${this.dir}/asked
      for each in ${answering.join(" ")}; do [[ $2 != *:$each ]] || exit 0; done
      echo "connection refused"; exit 7`,
    );
    this.program("ss", `echo "$*" >>${this.dir}/cut`);
    this.program("ip", `[[ $* != *"127.0.0.1/32"* ]] || echo lo`);
  }

  private program(name: string, body: string): void {
    const file = join(this.dir, "bin", name);
    writeFileSync(file, `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(file, 0o755);
  }

  names(address: string, seconds: number, url = "https://api.prod.internal:6443") {
    return run("bash", [join(this.dir, "names.sh"), block(address), url, String(seconds)], "", {
      PARAMS: join(this.dir, "params"),
      STEP_DIR: this.dir,
      PATH: `${join(this.dir, "bin")}:${process.env["PATH"] ?? ""}`,
    });
  }

  read(name: string): string {
    const file = join(this.dir, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
}

test("a host that has no way yet gets its own at once, whether it answers or not", () => {
  const host = new TestHost("127.0.0.1 localhost\n");
  expect(host.names(clb, 900).status).toBe(0);
  expect(host.read("hosts")).toBe(hosts(clb));
  expect(host.read("asked")).toBe("");
});

test("what is as wanted is left alone", () => {
  const host = new TestHost(hosts(clb));
  const before = statSync(join(host.dir, "hosts")).ino;
  expect(host.names(clb, 900)).toMatchObject({ status: 0, stdout: "" });
  expect(statSync(join(host.dir, "hosts")).ino).toBe(before);
});

test("a living host goes over once the other way has answered three times in a row, and cuts what it has along the old one", () => {
  const host = new TestHost(hosts(balancers), [clb]);
  expect(host.names(clb, 900).status).toBe(0);
  expect(host.read("hosts")).toBe(hosts(clb));
  expect(host.read("asked")).toBe(`api.prod.internal:6443:${clb}\n`.repeat(3));
  expect(host.read("cut")).toBe(`--kill --no-header --tcp dst ${balancers} dport = :6443\n`);
});

test("while the other way does not answer it stays, and says what it saw", () => {
  const host = new TestHost(hosts(balancers));
  const { status, stderr } = host.names(clb, 1);
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    `api.prod.internal at ${clb}, while it stays at ${balancers}: not so after 1 s; last seen: connection refused`,
  );
  expect(host.read("hosts")).toBe(hosts(balancers));
  expect(host.read("cut")).toBe("");
});

test("where a later step takes it over it stays without a wait, and goes over if there is nothing to wait for", () => {
  const waiting = new TestHost(hosts(balancers));
  expect(waiting.names(clb, 0).status).toBe(0);
  expect(waiting.read("hosts")).toBe(hosts(balancers));
  const there = new TestHost(hosts(balancers), [clb]);
  const lib = join(there.dir, "names.sh");
  writeFileSync(lib, readFileSync(lib, "utf8").replace("STEADY=3", "STEADY=1"));
  expect(there.names(clb, 0).status).toBe(0);
  expect(there.read("hosts")).toBe(hosts(clb));
});

test("a host that does not ask the API takes the name as it comes", () => {
  const host = new TestHost(hosts(balancers));
  expect(host.names(clb, 900, "").status).toBe(0);
  expect(host.read("hosts")).toBe(hosts(clb));
  expect(host.read("cut")).toBe("");
});

test("connections to what listens on the host itself are left to that", () => {
  const host = new TestHost(hosts(own), [clb]);
  expect(host.names(clb, 900).status).toBe(0);
  expect(host.read("cut")).toBe("");
});

test("pods in the host's network are told, in the file that is mounted; others have a file of their own", () => {
  const host = new TestHost(hosts(balancers), [clb]);
  const copies = { proxy: hosts(balancers) + "# more\n", other: "127.0.0.1 localhost\n" };
  for (const [pod, content] of Object.entries(copies)) {
    mkdirSync(join(host.dir, "pods", pod), { recursive: true });
    writeFileSync(join(host.dir, "pods", pod, "etc-hosts"), content);
  }
  const inode = () => statSync(join(host.dir, "pods/proxy/etc-hosts")).ino;
  const before = inode();
  expect(host.names(clb, 900).status).toBe(0);
  expect(host.read("pods/proxy/etc-hosts")).toBe(`127.0.0.1 localhost\n# more\n${block(clb)}\n`);
  expect(inode()).toBe(before);
  expect(host.read("pods/other/etc-hosts")).toBe(copies.other);
});
