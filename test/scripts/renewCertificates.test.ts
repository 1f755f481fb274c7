import { execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

const day = 24 * 60;
const year = 365 * day;

/** kubeadm, as far as it issues: into the directory of its configuration, by the authority that is there, what is not there yet. */
const kubeadm = `#!/usr/bin/env bash
set -euo pipefail
kind=$4 config=$6
directory=$(sed -n 's/^certificatesDir: //p' "$config")
if [[ $* == "init phase kubeconfig "* ]]; then
  [[ $7 == --kubeconfig-dir ]]
  "$ISSUE" "$directory/ca" "$8/$kind" "$MINUTES"
  data() { base64 -w0 "$1"; }
  # The first authority alone, and the API by its name.
  printf '    certificate-authority-data: %s\n    server: https://api:6443\n    client-certificate-data: %s\n    client-key-data: %s\n' \
    "$(openssl x509 -in "$directory/ca.crt" | base64 -w0)" "$(data "$8/$kind.crt")" "$(data "$8/$kind.key")" >"$8/$kind.conf"
  exit 0
fi
[[ $* == "init phase certs "* ]] || exit 64
case $kind in
  etcd-*) file=etcd/\${kind#etcd-} ca=etcd/ca ;;
  apiserver-etcd-client) file=$kind ca=etcd/ca ;;
  front-proxy-client) file=$kind ca=front-proxy-ca ;;
  apiserver | apiserver-kubelet-client) file=$kind ca=ca ;;
  *) exit 64 ;;
esac
"$ISSUE" "$directory/$ca" "$directory/$file" "$MINUTES"
`;
/** A certificate by an authority that ends after so many minutes, and its key. */
const issue = `#!/usr/bin/env bash
set -euo pipefail
authority=$1 file=$2 minutes=$3 work=$(mktemp -d)
mkdir -p "$(dirname "$file")" "$work/new"
: >"$work/index"
printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=%s\\nnew_certs_dir=%s\\nrand_serial=yes\\npolicy=p\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n' "$work/index" "$work/new" >"$work/config"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$file.key" -subj "/CN=\${file##*/}" -out "$work/request" 2>/dev/null
openssl ca -batch -notext -config "$work/config" -md sha256 -cert "$authority.crt" -keyfile "$authority.key" -in "$work/request" -out "$file.crt" \
  -startdate "$(date -u -d '-1 day' +%y%m%d%H%M%SZ)" -enddate "$(date -u -d "$minutes minutes" +%y%m%d%H%M%SZ)" 2>/dev/null
rm -rf "$work"
`;
/** Others are healthy unless a file says so; this one is while it has not been given a broken certificate. */
const etcdctl = `#!/usr/bin/env bash
address=$(sed -E 's|.*https://([0-9.]+):.*|\\1|' <<<"$*")
[[ ! -e $ROOT/unhealthy-$address ]]
`;
/** What serves shows the file as it is, unless it is stuck. */
const openssl = `#!/usr/bin/env bash
[[ $1 != s_client ]] || exec cat "$ROOT/\${STUCK:-etc/kubernetes/pki/etcd/server}.crt"
exec /usr/bin/openssl "$@"
`;

/** A member of etcd, its files below a directory, with certificates that end after so many minutes. */
class Member {
  readonly root = temporaryDirectory();
  private readonly bin = join(this.root, "bin");

  constructor(minutesLeft: number) {
    for (const name of [
      "renew-certificates.sh",
      "certificates.sh",
      "issue-certificates.sh",
      "lib.sh",
    ])
      this.write(
        `lib/${name}`,
        readFileSync(join(scripts, name), "utf8")
          .replace(/\/(etc\/kubernetes|var\/lib|run)\b/g, `${this.root}/$1`)
          .replace("HEALTHY_SECONDS=30", "HEALTHY_SECONDS=1"),
      );
    for (const [name, content] of Object.entries({ kubeadm, issue, etcdctl, openssl })) {
      this.write(`bin/${name}`, content);
      chmodSync(join(this.bin, name), 0o755);
    }
    this.write("etc/kubernetes/etcd.yaml", `certificatesDir: ${this.file("pki")}\n`);
    this.makeAuthority("etcd/ca", "etcd-ca");
    for (const kind of kinds) this.issue(kind, minutesLeft);
    this.write("member.conf", "");
    this.configure({});
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  file(path: string): string {
    return join(this.root, "etc/kubernetes", path);
  }

  makeAuthority(name: string, commonName: string): void {
    const file = this.file(`pki/${name}`);
    mkdirSync(dirname(file), { recursive: true });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const out = ["-keyout", `${file}.key`, "-out", `${file}.crt`];
    execFileSync(
      "openssl",
      ["req", "-x509", "-days", "3650", "-subj", `/CN=${commonName}`, ...key, ...out],
      {
        stdio: "ignore",
      },
    );
  }

  issue(kind: string, minutes: number): void {
    this.issueBy("etcd/ca", `etcd/${kind}`, minutes);
  }

  issueBy(authority: string, name: string, minutes: number): void {
    const paths = [authority, name].map((each) => this.file(`pki/${each}`));
    execFileSync(join(this.bin, "issue"), [...paths, String(minutes)]);
  }

  /** By default it is this member's turn, always. */
  configure(settings: Record<string, string | number>): void {
    const all = {
      ...{ VALIDITY_SECONDS: year * 60, SLOT_SECONDS: 20_000_000_000 },
      ...{ ADDRESS: "10.0.0.1", PORT: 2379, MEMBERS: "(10.0.0.1 10.0.0.2 10.0.0.3)" },
      ...{ KUBEADM_CONFIG: this.file("etcd.yaml"), ...settings },
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    this.write("member.conf", lines.join(""));
  }

  renew(env: Record<string, string> = {}) {
    return this.run(["renew", "etcd"], env);
  }

  run(args: string[], env: Record<string, string> = {}) {
    return run("bash", [join(this.root, "lib/renew-certificates.sh"), ...args], "", {
      ...{ PATH: `${this.bin}:${process.env.PATH ?? ""}`, ROOT: this.root },
      ...{ PARAMS: join(this.root, "member.conf"), ISSUE: join(this.bin, "issue") },
      ...{ MINUTES: String(year), ...env },
    });
  }

  daysLeft(): number[] {
    return kinds.map((kind) => {
      const { validTo } = new X509Certificate(readFileSync(this.file(`pki/etcd/${kind}.crt`)));
      return Math.round((Date.parse(validTo) - Date.now()) / day / 60_000);
    });
  }
}

const kinds = ["server", "peer", "healthcheck-client"] as const;
const all = (days: number) => kinds.map(() => days);

test("what has more than half of its validity left stays", () => {
  const member = new Member(200 * day);
  expect(member.renew()).toMatchObject({ status: 0, stdout: "" });
  expect(member.daysLeft()).toEqual(all(200));
});

test("from half of it on, all are issued anew, each with its key, modes and whoever it is for", () => {
  const member = new Member(200 * day);
  member.issue("peer", 180 * day);
  const { status, stdout } = member.renew();
  expect(stdout).toMatch(/peer has 259\d{3} minutes left/);
  expect(status).toBe(0);
  expect(member.daysLeft()).toEqual(all(365));
  const modes = execFileSync("stat", [
    "-c",
    "%a",
    ...["crt", "key"].map((end) => member.file(`pki/etcd/peer.${end}`)),
  ]);
  expect(modes.toString()).toBe("644\n600\n");
  expect(existsSync(member.file(".renewal"))).toBe(false);
  expect(member.renew()).toMatchObject({ status: 0, stdout: "" });
});

test("what was issued for longer than certificates are now is issued anew", () => {
  const member = new Member(300 * day);
  member.configure({ VALIDITY_SECONDS: 100 * day * 60 });
  member.renew({ MINUTES: String(100 * day) });
  expect(member.daysLeft()).toEqual(all(100));
});

test("out of turn nothing is touched", () => {
  const member = new Member(100 * day);
  // Another's slot, and the second half of its own.
  const others: Record<string, string | number>[] = [
    { ADDRESS: "10.0.0.2" },
    { SLOT_SECONDS: 3_000_000_000 },
  ];
  for (const settings of others) {
    member.configure(settings);
    expect(member.renew()).toMatchObject({ status: 0, stdout: "" });
  }
  expect(member.daysLeft()).toEqual(all(100));
});

test("it waits for a member that is not healthy, but not with a quarter left", () => {
  const member = new Member(100 * day);
  member.write("unhealthy-10.0.0.3", "");
  expect(member.renew().stdout).toContain("10.0.0.3 is not healthy: later");
  expect(member.daysLeft()).toEqual(all(100));
  member.issue("server", 90 * day);
  expect(member.renew().status).toBe(0);
  expect(member.daysLeft()).toEqual(all(365));
});

test.each<[string, (member: Member) => void]>([
  ["has ended", (member) => member.issue("server", -5)],
  ["is missing", (member) => rmSync(member.file("pki/etcd/peer.crt"))],
  ["is empty", (member) => writeFileSync(member.file("pki/etcd/peer.crt"), "")],
  [
    "has another's key",
    (member) => copyFileSync(member.file("pki/etcd/server.key"), member.file("pki/etcd/peer.key")),
  ],
  ["is of another authority", (member) => member.makeAuthority("etcd/ca", "etcd-ca")],
])("one that %s waits neither for its turn nor for others", (_, change) => {
  const member = new Member(300 * day);
  change(member);
  member.configure({ ADDRESS: "10.0.0.2" });
  member.write("unhealthy-10.0.0.3", "");
  expect(member.renew()).toMatchObject({ status: 0 });
  expect(member.daysLeft()).toEqual(all(365));
});

test("while a step holds the host's lock, it is for later", async () => {
  const member = new Member(100 * day);
  const lock = join(member.root, "run/kubernetes-ha/lock");
  mkdirSync(dirname(lock), { recursive: true });
  const holder = spawn("flock", [lock, "sh", "-c", "echo held; read wait"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await new Promise((held) => holder.stdout.once("data", held));
  expect(member.renew().stdout).toContain("a step works on this host: later");
  holder.stdin.end();
  await new Promise((ended) => holder.once("close", ended));
  expect(member.daysLeft()).toEqual(all(100));
});

test("where the service does not take the new ones, the former are back and the unit fails", () => {
  const member = new Member(100 * day);
  const before = kinds.map((kind) => readFileSync(member.file(`pki/etcd/${kind}.key`), "utf8"));
  copyFileSync(member.file("pki/etcd/server.crt"), join(member.root, "stuck.crt"));
  const { status, stderr } = member.renew({ STUCK: "stuck" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/the former are back, 14[34]\d{3} minutes are left/);
  expect(member.daysLeft()).toEqual(all(100));
  expect(kinds.map((kind) => readFileSync(member.file(`pki/etcd/${kind}.key`), "utf8"))).toEqual(
    before,
  );
});

test("what a run that was cut off has replaced, keys included, does not stay", () => {
  const member = new Member(300 * day);
  member.write("etc/kubernetes/.renewal/former/pki/etcd/server.key", "former");
  expect(member.renew()).toMatchObject({ status: 0 });
  expect(existsSync(member.file(".renewal"))).toBe(false);
  expect(member.daysLeft()).toEqual(all(300));
});

test("a run that was cut off is gone over again", () => {
  const member = new Member(100 * day);
  mkdirSync(member.file(".renewal/new/pki/etcd"), { recursive: true });
  appendFileSync(member.file(".renewal/new/pki/etcd/server.crt"), "half");
  expect(member.renew().status).toBe(0);
  expect(member.daysLeft()).toEqual(all(365));
});

test("those of a member are issued anew where another authority issues now, and stay where their own does", () => {
  const member = new Member(year);
  const crt = (name: string) => readFileSync(member.file(`pki/etcd/${name}.crt`), "utf8");
  const own = kinds.map(crt);
  expect(member.run(["etcd-member"])).toMatchObject({ status: 0, stdout: "" });
  expect(kinds.map(crt)).toEqual(own);

  const former = crt("ca");
  member.makeAuthority("etcd/ca", "etcd-ca");
  const [latter, key] = [crt("ca"), readFileSync(member.file("pki/etcd/ca.key"))];
  // Accepted, and not yet issuing; then the other way round.
  member.write("etc/kubernetes/pki/etcd/ca.crt", former + latter);
  expect(member.run(["etcd-member"])).toMatchObject({ status: 0, stdout: "" });
  expect(kinds.map(crt)).toEqual(own);
  member.write("etc/kubernetes/pki/etcd/ca.crt", latter + former);
  expect(member.run(["etcd-member"])).toMatchObject({ status: 0, stderr: "" });
  const { publicKey } = new X509Certificate(latter);
  expect(kinds.map((kind) => new X509Certificate(crt(kind)).verify(publicKey))).toEqual(
    kinds.map(() => true),
  );
  expect(readFileSync(member.file("pki/etcd/ca.key"))).toEqual(key);
  const issued = kinds.map(crt);
  expect(member.run(["etcd-member"])).toMatchObject({ status: 0, stdout: "" });
  expect(kinds.map(crt)).toEqual(issued);
  // One that has yet to be made has none.
  for (const kind of kinds) rmSync(member.file(`pki/etcd/${kind}.crt`));
  expect(member.run(["etcd-member"])).toMatchObject({ status: 0, stdout: "" });
  expect(kinds.some((kind) => existsSync(member.file(`pki/etcd/${kind}.crt`)))).toBe(false);
});

describe("the front proxy's client", () => {
  /** A master whose client was issued by the first of two authorities of one name, which are one after the other in the file. */
  function master(order: readonly [string, string]) {
    const host = new Member(year);
    for (const name of ["former", "latter"]) host.makeAuthority(name, "front-proxy-ca");
    host.issueBy("former", "front-proxy-client", year);
    const crt = (name: string) => readFileSync(host.file(`pki/${name}.crt`), "utf8");
    host.write("etc/kubernetes/pki/front-proxy-ca.crt", order.map(crt).join(""));
    copyFileSync(host.file(`pki/${order[0]}.key`), host.file("pki/front-proxy-ca.key"));
    const client = () => new X509Certificate(crt("front-proxy-client"));
    const issuedBy = (name: string) =>
      client().verify(new X509Certificate(crt(name)).publicKey) ? name : "another";
    return { host, client, issuedBy };
  }

  test("is issued anew where another authority issues now, and with nothing else", () => {
    const { host, issuedBy } = master(["latter", "former"]);
    const before = kinds.map((kind) => readFileSync(host.file(`pki/etcd/${kind}.crt`), "utf8"));
    expect(host.run(["front-proxy-client"])).toMatchObject({ status: 0, stderr: "" });
    expect(issuedBy("latter")).toBe("latter");
    expect(kinds.map((kind) => readFileSync(host.file(`pki/etcd/${kind}.crt`), "utf8"))).toEqual(
      before,
    );
    expect(existsSync(host.file(".renewal"))).toBe(false);
    const { stdout } = host.run(["front-proxy-client"]);
    expect(stdout).toBe("");
  });

  test("stays where its own does, and where there is none yet", () => {
    const { host, client } = master(["former", "latter"]);
    const before = client().fingerprint;
    expect(host.run(["front-proxy-client"])).toMatchObject({ status: 0, stdout: "" });
    expect(client().fingerprint).toBe(before);
    rmSync(host.file("pki/front-proxy-client.crt"));
    expect(host.run(["front-proxy-client"])).toMatchObject({ status: 0, stdout: "" });
    expect(existsSync(host.file("pki/front-proxy-client.crt"))).toBe(false);
  });
});

test("the end of each is told to who watches", () => {
  const member = new Member(300 * day);
  member.renew();
  const metrics = readFileSync(
    join(member.root, "var/lib/prometheus/node-exporter/kubernetes-ha-certificates.prom"),
    "utf8",
  );
  const { validTo } = new X509Certificate(readFileSync(member.file("pki/etcd/peer.crt")));
  expect(metrics).toContain(
    `kubernetes_ha_certificate_end_seconds{path="${member.file("pki/etcd/peer.crt")}"} ${Date.parse(validTo) / 1000}\n`,
  );
});

describe("what the authority of Kubernetes has issued on a master", () => {
  const certificates = ["apiserver", "apiserver-kubelet-client"];
  const kubeconfigs = ["admin", "controller-manager", "scheduler"];

  /** A master whose own were issued by the former authority, with both in its file, in this order. */
  function master(order: readonly string[]) {
    const host = new Member(year);
    for (const name of ["former", "latter"]) host.makeAuthority(name, "kubernetes");
    const crt = (name: string) => readFileSync(host.file(`pki/${name}.crt`), "utf8");
    const accept = (names: readonly string[]) => {
      host.write("etc/kubernetes/pki/ca.crt", names.map(crt).join(""));
      copyFileSync(host.file(`pki/${names[0]}.key`), host.file("pki/ca.key"));
    };
    for (const name of certificates) host.issueBy("former", name, year);
    const base64 = (path: string) => readFileSync(host.file(path)).toString("base64");
    for (const kind of kubeconfigs) {
      host.issueBy("former", `of-${kind}`, year);
      const client = `client-certificate-data: ${base64(`pki/of-${kind}.crt`)}\n    client-key-data: ${base64(`pki/of-${kind}.key`)}`;
      host.write(
        `etc/kubernetes/${kind}.conf`,
        `    certificate-authority-data: ${base64("pki/former.crt")}\n    server: https://10.0.0.1:6443\n    ${client}\n`,
      );
    }
    accept(order);
    const part = (kind: string, name: string) => {
      const [, data = ""] =
        new RegExp(`${name}: (.*)`).exec(readFileSync(host.file(`${kind}.conf`), "utf8")) ?? [];
      return data;
    };
    const decoded = (kind: string, name: string) =>
      Buffer.from(part(kind, name), "base64").toString();
    const all = () => [
      ...certificates.map(crt),
      ...kubeconfigs.map((kind) => decoded(kind, "client-certificate-data")),
    ];
    const issuers = () =>
      all().map((each) =>
        ["former", "latter"].find((name) =>
          new X509Certificate(each).verify(new X509Certificate(crt(name)).publicKey),
        ),
      );
    return { host, accept, all, crt, decoded, issuers, part };
  }
  const all = (name: string) => [...certificates, ...kubeconfigs].map(() => name);

  test("stays while that one issues, is issued anew where another does, and once", () => {
    const { host, accept, all: own, issuers } = master(["former", "latter"]);
    const before = own();
    expect(host.run(["kubernetes"])).toMatchObject({ status: 0, stdout: "" });
    expect(own()).toEqual(before);
    accept(["latter", "former"]);
    expect(host.run(["kubernetes"])).toMatchObject({ status: 0, stderr: "" });
    expect(issuers()).toEqual(all("latter"));
    const issued = own();
    expect(host.run(["kubernetes"])).toMatchObject({ status: 0, stdout: "" });
    expect(own()).toEqual(issued);
  });

  test("has all that are accepted in its kubeconfigs, which lead where they led", () => {
    const { host, crt, decoded, part } = master(["latter", "former"]);
    host.run(["kubernetes"]);
    for (const kind of kubeconfigs) {
      expect(decoded(kind, "certificate-authority-data")).toBe(crt("latter") + crt("former"));
      expect(part(kind, "server")).toBe("https://10.0.0.1:6443");
    }
  });

  test("is not made where there is nothing yet", () => {
    const host = new Member(year);
    host.makeAuthority("ca", "kubernetes");
    expect(host.run(["kubernetes"])).toMatchObject({ status: 0, stdout: "" });
  });
});
