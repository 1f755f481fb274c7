import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A node whose kubelet was issued its certificate by the first of two authorities of one name. */
class Node {
  private readonly root = temporaryDirectory();

  constructor() {
    for (const each of ["bin", "scripts", "run", "etc/pki", "kubelet/pki", "state/applied"])
      mkdirSync(join(this.root, each), { recursive: true });
    for (const name of ["lib.sh", "certificates.sh", "authorities.sh"])
      writeFileSync(
        this.file(`scripts/${name}`),
        readFileSync(join(scripts, name), "utf8")
          .replaceAll("/etc/kubernetes", this.file("etc"))
          .replaceAll("/var/lib/kubernetes-ha", this.file("state"))
          .replaceAll("/var/lib/kubelet/pki", this.file("kubelet/pki"))
          .replaceAll("/run/kubernetes-ha", this.file("run")),
      );
    // Signs by the authority whose name is in the file `signer`, whose lines are one for each request; the last one stays.
    this.program(
      "python3",
      'read -r signer <$ROOT/signer; [[ $(wc -l <$ROOT/signer) == 1 ]] || sed -i 1d $ROOT/signer; echo "${*:3}" >>$ROOT/asked\n' +
        'openssl x509 -req -in "${@: -1}" -CA $ROOT/$signer.crt -CAkey $ROOT/$signer.key -days 10 2>/dev/null',
    );
    this.program(
      "systemctl",
      '[[ ! -e $ROOT/cut-off ]] || exit 1; cat $ROOT/etc/kubelet.conf >$ROOT/read; echo "$*" >>$ROOT/calls',
    );
    this.program("curl", "exit 0");
    for (const name of ["former", "latter"]) this.makeAuthority(name);
    this.accept("former");
    this.configure("kubelet", ["former"]);
    this.issue("former");
    this.signer("former");
  }

  file(path: string): string {
    return join(this.root, path);
  }
  read(path: string): string {
    return existsSync(this.file(path)) ? readFileSync(this.file(path), "utf8") : "";
  }

  accept(...names: string[]): void {
    writeFileSync(this.file("etc/pki/ca.crt"), this.certificates(names));
  }
  signer(...names: string[]): void {
    writeFileSync(this.file("signer"), names.map((name) => `${name}\n`).join(""));
  }
  configure(kind: string, trusted: string[]): void {
    const data = Buffer.from(this.certificates(trusted)).toString("base64");
    writeFileSync(
      this.file(`etc/${kind}.conf`),
      `clusters:\n- cluster:\n    certificate-authority-data: ${data}\n    server: https://own:6443\n`,
    );
  }
  /** Authorities that a kubeconfig has, by name. */
  trusted(text = this.read("etc/kubelet.conf")): string[] {
    const [, data = ""] = /certificate-authority-data: (.*)/.exec(text) ?? [];
    const pem = Buffer.from(data, "base64").toString();
    return pem
      .split(/(?<=END CERTIFICATE-----\n)/)
      .map(
        (one) =>
          ["former", "latter"].find((name) => this.certificates([name]) === one) ?? "another",
      );
  }

  kubelet() {
    for (const log of ["calls", "asked"]) rmSync(this.file(log), { force: true });
    const ended = this.run("kubelet", "worker-1", "https://api");
    const current = this.file("kubelet/pki/kubelet-client-current.pem");
    const certificate = new X509Certificate(readFileSync(current));
    const issuer = ["former", "latter"].find((name) =>
      certificate.verify(new X509Certificate(this.read(`${name}.crt`)).publicKey),
    );
    return {
      ...{ status: ended.status, stderr: ended.stderr, issuer },
      restarts: this.read("calls").match(/^restart kubelet$/gm)?.length ?? 0,
      asked: this.read("asked").split("\n").filter(Boolean).length,
    };
  }
  run(...args: string[]) {
    return run("bash", [this.file("scripts/authorities.sh"), ...args], "", {
      ...{ PATH: `${this.file("bin")}:${process.env.PATH ?? ""}`, ROOT: this.root },
      ...{ PARAMS: "/dev/null", STEP_DIR: this.file("scripts") },
    });
  }

  private certificates(names: string[]): string {
    return names.map((name) => this.read(`${name}.crt`)).join("");
  }
  private program(name: string, body: string): void {
    writeFileSync(this.file(`bin/${name}`), `#!/usr/bin/env bash\nset -euo pipefail\n${body}\n`, {
      mode: 0o755,
    });
  }
  private makeAuthority(name: string): void {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const out = ["-keyout", this.file(`${name}.key`), "-out", this.file(`${name}.crt`)];
    execFileSync("openssl", ["req", "-x509", "-subj", "/CN=kubernetes", ...key, ...out], {
      stdio: "ignore",
    });
  }
  private issue(authority: string): void {
    const script =
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $1/key -subj /O=system:nodes/CN=system:node:worker-1 -out $1/request\n" +
      "openssl x509 -req -in $1/request -CA $1/$2.crt -CAkey $1/$2.key -out $1/crt; cat $1/crt $1/key >$1/kubelet/pki/first.pem\n" +
      "ln -s $1/kubelet/pki/first.pem $1/kubelet/pki/kubelet-client-current.pem";
    execFileSync("bash", ["-ec", script, "issue", this.root, authority], { stdio: "ignore" });
  }
}

const ok = { status: 0, stderr: "" };
const nothing = { ...ok, restarts: 0, asked: 0 };

test("who has joined with what is there asks for nothing, and its kubelet goes on", () => {
  const node = new Node();
  const twice = [node.kubelet(), node.kubelet()];
  expect(twice).toEqual(twice.map(() => ({ ...nothing, issuer: "former" })));
});

test("phase by phase, the kubelet begins anew once, with all that is accepted; it asks for a certificate where another authority issues", () => {
  const node = new Node();
  node.kubelet();
  const phases = [
    { accepted: ["former", "latter"], asked: 0 },
    { accepted: ["latter", "former"], asked: 1 },
    { accepted: ["latter"], asked: 0 },
  ];
  for (const { accepted, asked } of phases) {
    node.accept(...accepted);
    node.signer(accepted[0] ?? "");
    const issuer = accepted[0];
    expect(node.kubelet()).toEqual({ ...ok, restarts: 1, asked, issuer });
    expect(node.trusted()).toEqual(accepted);
    expect(node.trusted(node.read("read"))).toEqual(accepted);
    expect(node.kubelet()).toEqual({ ...nothing, issuer });
  }
  const current = node.file("kubelet/pki/kubelet-client-current.pem");
  expect(statSync(current).mode & 0o777).toBe(0o600);
  expect(readFileSync(current, "utf8")).toMatch(/^-----BEGIN CERTIFICATE[^]*PRIVATE KEY-----\n$/);
});

test("it asks in its own name, with the certificate of before, and again while the authority of before still signs", () => {
  const node = new Node();
  node.kubelet();
  node.accept("latter", "former");
  node.signer("former", "former", "latter");
  expect(node.kubelet()).toEqual({ ...ok, restarts: 1, asked: 3, issuer: "latter" });
  expect(node.read("asked").split("\n")[0]).toMatch(
    /^https:\/\/api \S+\/etc\/pki\/ca.crt \S+\/kubelet-client-current.pem worker-1 \S+\/request$/,
  );
});

test("a kubelet that was not started anew is by the next run, whatever the first one had done", () => {
  for (const known of [true, false]) {
    const node = new Node();
    if (known) node.kubelet();
    node.accept("former", "latter");
    writeFileSync(node.file("cut-off"), "");
    expect(node.kubelet()).toMatchObject({ status: 1, restarts: 0 });
    expect(node.trusted()).toEqual(["former", "latter"]);
    rmSync(node.file("cut-off"));
    expect(node.kubelet()).toEqual({ ...ok, restarts: 1, asked: 0, issuer: "former" });
    expect(node.kubelet()).toEqual({ ...nothing, issuer: "former" });
  }
});

test("kubeconfigs of a master hold what is accepted, and lead where they led; one that is not there is not made", () => {
  const node = new Node();
  node.configure("admin", ["former"]);
  node.accept("latter", "former");
  const trust = () => node.run("trust", "admin", "super-admin", "kubelet");
  expect(trust()).toMatchObject(ok);
  for (const kind of ["admin", "kubelet"]) {
    expect(node.trusted(node.read(`etc/${kind}.conf`))).toEqual(["latter", "former"]);
    expect(node.read(`etc/${kind}.conf`)).toContain("server: https://own:6443\n");
    expect(statSync(node.file(`etc/${kind}.conf`)).mode & 0o777).toBe(0o600);
  }
  expect(existsSync(node.file("etc/super-admin.conf"))).toBe(false);
  expect(trust().stdout).toBe("");
});
