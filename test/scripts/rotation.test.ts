import { generateKeyPairSync, createHash, type KeyObject } from "node:crypto";
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endOf, run, scripts, temporaryDirectory } from "./support/host";

describe("phases on a master", () => {
  /** Runs functions of rotation.sh on a master that remembers phases, and says what was asked of Secrets. */
  function master(
    calls: string,
    {
      wanted,
      had = [],
      ready = true,
      directory = temporaryDirectory(),
    }: { wanted: string[]; had?: string[]; ready?: boolean; directory?: string },
  ) {
    const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
    writeFileSync(
      join(directory, "lib.sh"),
      lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${directory}`),
    );
    writeFileSync(
      join(directory, "rotation.sh"),
      readFileSync(join(scripts, "rotation.sh"), "utf8").replace(
        "RELOAD_SECONDS=120",
        "RELOAD_SECONDS=1",
      ),
    );
    const quoted = wanted.map((each) => `"${each}"`).join(" ");
    writeFileSync(join(directory, "params"), `NODE_NAME=m1\nROTATIONS=(${quoted})\n`);
    writeFileSync(
      join(directory, "secrets.py"),
      `import sys\nopen("${directory}/asked", "a").write(" ".join(sys.argv[1:]) + "\\n")\n`,
    );
    const before = had.map((each) => {
      const [key, ...rotation] = each.split(" ");
      return `remember rotation-${key} "${rotation.join(" ")}"`;
    });
    const body = [
      'source "$STEP_DIR/lib.sh"; source "$STEP_DIR/rotation.sh"',
      "OWN_URL=https://own NODE_ADDRESS=10.0.0.1 API_PORT=6443 KUBECONFIG=/admin.conf",
      `PKI=${existsSync(join(directory, "front-proxy-ca.crt")) ? directory : "/pki"} PATH=${directory}:$PATH`,
      `own_apiserver_ready() { ${ready}; }`,
      ...before,
      calls,
      'cat "$STEP_DIR/asked" 2>/dev/null || true',
    ].join("\n");
    return run("bash", ["-euo", "pipefail", "-c", body], "", {
      PARAMS: join(directory, "params"),
      STEP_DIR: directory,
    });
  }
  const asked = (calls: string, of: Parameters<typeof master>[1]) => {
    const { status, stdout, stderr } = master(calls, of);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((each) => each !== "" && !each.startsWith("["));
  };
  const rewritten = ["rewrite https://own /pki/ca.crt /admin.conf"];

  test.each([
    ["one on", "encryptionKey 2 trust", []],
    ["where it was", "encryptionKey 1 retire", []],
    ["one on", "encryptionKey 3 retire", ["encryptionKey 3 use"]],
    ["one back", "encryptionKey 2 use", ["encryptionKey 2 retire"]],
    ["the next generation", "serviceAccountKey 3 trust", ["serviceAccountKey 2 retire"]],
  ])("are taken: %s, %s", (_, wanted, had) => {
    expect(master("may_rotate", { wanted: [wanted], had })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  test.each([
    ["encryptionKey 2 use", []],
    ["encryptionKey 2 retire", ["encryptionKey 2 trust"]],
    ["serviceAccountKey 3 trust", ["serviceAccountKey 2 use"]],
    ["serviceAccountKey 1 retire", ["serviceAccountKey 2 use"]],
  ])("are refused where one is skipped: %s", (wanted, had) => {
    const { status, stderr } = master("may_rotate", { wanted: [wanted], had });
    expect(status).not.toBe(0);
    const [key, ...rotation] = wanted.split(" ");
    expect(stderr).toContain(`pki.rotation.${key} is "${rotation.join(" ")}"`);
    expect(stderr).toContain("set it to the phase between");
  });

  test("tokens in Secrets are looked at before their key is retired, and at no other time", () => {
    const known = ["known https://own /pki/ca.crt /admin.conf /pki/sa.pub"];
    const wanted = ["serviceAccountKey 2 retire"];
    const had = ["serviceAccountKey 2 use"];
    expect(asked("may_rotate", { wanted, had })).toEqual(known);
    expect(asked("may_rotate", { wanted, had: wanted })).toEqual([]);
    expect(asked("may_rotate", { wanted: had, had: ["serviceAccountKey 2 trust"] })).toEqual([]);
    // Whoever does not serve cannot be asked; the others are.
    expect(asked("may_rotate", { wanted, had, ready: false })).toEqual([]);
  });

  test("Secrets are written anew once the new key is used, and before the former goes", () => {
    const both = "may_rotate; rotated";
    const at = (phase: string) => [`encryptionKey 2 ${phase}`];
    expect(asked("rotated", { wanted: at("use"), had: at("trust") })).toEqual(rewritten);
    expect(asked("may_rotate", { wanted: at("use"), had: at("trust") })).toEqual([]);
    expect(asked("may_rotate", { wanted: at("retire"), had: at("use") })).toEqual(rewritten);
    expect(asked("rotated", { wanted: at("retire"), had: at("use") })).toEqual([]);
    expect(asked(both, { wanted: at("trust") })).toEqual([]);
    expect(asked(both, { wanted: at("trust"), had: at("use") })).toEqual([]);
    for (const phase of ["use", "retire"])
      expect(asked(both, { wanted: at(phase), had: at(phase) })).toEqual([]);
    expect(asked(both, { wanted: ["encryptionKey 1 retire"] })).toEqual([]);
    // A new machine under an old name: what it wrote with the former key may be there.
    expect(asked("rotated", { wanted: at("use") })).toEqual(rewritten);
  });

  describe("of the front proxy's authority", () => {
    const [former, latter] = ["Zm9ybWVy", "bGF0dGVy"];
    /** As apiservers write it: each line of their own length. */
    const pem = (bodies: string[], width = 64) =>
      bodies
        .map((body) => {
          const lines = body.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
          return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----\n"].join(
            "\n",
          );
        })
        .join("");
    /** A master with these authorities in its file; its apiserver accepts so many, and extension apiservers are told of these. */
    function at(accepted: string[], { loaded = accepted.length, told = accepted } = {}) {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, "front-proxy-ca.crt"), pem(accepted));
      writeFileSync(join(directory, "told"), pem(told, 4));
      const names = Array.from({ length: loaded }, () => "echo 'CN = front-proxy-ca'");
      const programs = {
        openssl: ["echo 'CN = kubernetes'", ...names].join("\n"),
        kubectl: [
          "[[ $* == *' configmap extension-apiserver-authentication '* ]]",
          `[[ $3 == patch ]] || exec cat ${directory}/told`,
          `sed -n 's/^    //p' >${directory}/told`,
        ].join("\n"),
      };
      for (const [name, body] of Object.entries(programs))
        writeFileSync(join(directory, name), `#!/usr/bin/env bash\nset -eu\n${body}\n`, {
          mode: 0o755,
        });
      return { directory, told: () => readFileSync(join(directory, "told"), "utf8") };
    }
    const phase = (of: string) => [`frontProxyCa 2 ${of}`];

    test("is used once extension apiservers are told of it", () => {
      const both = [latter, former];
      const of = { wanted: phase("use"), had: phase("trust") };
      expect(master("may_rotate", { ...of, directory: at(both).directory }).status).toBe(0);
      const early = master("may_rotate", {
        ...of,
        directory: at(both, { told: [former] }).directory,
      });
      expect(early.status).not.toBe(0);
      expect(early.stderr).toContain(
        "last seen: 1 of its authorities are not in kube-system/configmap/extension-apiserver-authentication",
      );
      // Nobody else is asked.
      const { directory } = at(both, { told: [] });
      for (const other of ["trust", "retire"])
        expect(
          master("may_rotate", { wanted: phase(other), had: phase("use"), directory }).status,
        ).toBe(0);
    });

    test("is the only one that they are told of once the former is retired", () => {
      const of = { wanted: phase("retire"), had: phase("use") };
      const retired = at([latter], { told: [former, latter] });
      expect(master("rotated", { ...of, directory: retired.directory }).status).toBe(0);
      expect(retired.told()).toBe(pem([latter]));
      // What the apiserver still accepts it would tell of again.
      const early = at([latter], { loaded: 2, told: [former, latter] });
      const { status, stderr } = master("rotated", { ...of, directory: early.directory });
      expect(status).not.toBe(0);
      expect(stderr).toContain(
        "this apiserver accepts the new front proxy alone: not so after 1 s; last seen: it accepts 2",
      );
      expect(early.told()).toBe(pem([former, latter], 4));
    });

    test("is left alone in every other phase", () => {
      const { directory, told } = at([latter], { told: [former, latter] });
      for (const [wanted, had] of [
        ["trust", "use"],
        ["use", "trust"],
        ["retire", "retire"],
      ] as const)
        expect(
          master("rotated", { wanted: phase(wanted), had: phase(had), directory }).status,
        ).toBe(0);
      expect(told()).toBe(pem([former, latter], 4));
    });
  });

  describe("of the authority of Kubernetes", () => {
    const [former, latter] = ["Zm9ybWVy", "bGF0dGVy"].map(
      (body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    ) as [string, string];
    /** A master with both authorities, whose pods are told of these. */
    function at(told: string[]) {
      const directory = temporaryDirectory();
      // By which the master's directory of keys is this one.
      writeFileSync(join(directory, "front-proxy-ca.crt"), "");
      writeFileSync(join(directory, "ca.crt"), latter + former);
      writeFileSync(join(directory, "told"), told.join(""));
      const kubectl = [
        `case "$*" in *"get configmap kube-root-ca.crt"*) exec cat ${directory}/told ;;`,
        `  "get --ignore-not-found"*) printf 'kube-flannel DaemonSet/kube-flannel-ds\\nkube-system Deployment/coredns\\n' ;;`,
        `  *) echo "$*" >>${directory}/asked ;; esac`,
      ];
      writeFileSync(
        join(directory, "kubectl"),
        `#!/usr/bin/env bash\nset -eu\n${kubectl.join("\n")}\n`,
        {
          mode: 0o755,
        },
      );
      return directory;
    }
    const run = (phase: string, had: string, told: string[]) =>
      master("ADDONS_DIR=/addons DNS_MANIFEST=/dns.yaml; may_rotate", {
        ...{ wanted: [`kubernetesCa 2 ${phase}`], had: [`kubernetesCa 2 ${had}`] },
        directory: at(told),
      });

    test("is used once pods are told of it, and programs of ours in pods have begun anew", () => {
      const { status, stdout } = run("use", "trust", [former, latter]);
      expect(status).toBe(0);
      const annotation =
        '{"spec":{"template":{"metadata":{"annotations":{"kubernetes-ha/authority":"2"}}}}}';
      expect(stdout.split("\n").filter((line) => line.startsWith("--namespace"))).toEqual([
        `--namespace kube-flannel patch DaemonSet/kube-flannel-ds --type merge --patch ${annotation}`,
        `--namespace kube-system patch Deployment/coredns --type merge --patch ${annotation}`,
        "--namespace kube-flannel rollout status DaemonSet/kube-flannel-ds --timeout 3600s",
        "--namespace kube-system rollout status Deployment/coredns --timeout 3600s",
      ]);
      const early = run("use", "trust", [former]);
      expect(early.status).not.toBe(0);
      expect(early.stderr).toContain(
        "last seen: 1 of its authorities are not in kube-system/configmap/kube-root-ca.crt",
      );
      expect(early.stdout).not.toContain("patch");
    });

    test("has no pod begin anew in any other phase", () => {
      for (const [phase, had] of [
        ["trust", "use"],
        ["retire", "use"],
        ["use", "use"],
      ] as const) {
        const { status, stdout } = run(phase, had, []);
        expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      }
    });
  });

  test("what has been come to is remembered", () => {
    expect(
      asked("remember_rotations; rotated", {
        wanted: ["encryptionKey 2 use", "serviceAccountKey 1 retire"],
        had: ["encryptionKey 2 trust"],
      }),
    ).toEqual([]);
  });
});

interface Secret {
  metadata: { namespace: string; name: string };
  data?: { token?: string };
}

/** As much of an apiserver as secrets.py asks: pages of two, and what each patch is answered with. */
class Apiserver {
  readonly patched: string[] = [];
  readonly accepted: string[] = [];
  secrets: Secret[] = [];
  answers = new Map<string, number[]>();
  private readonly server = createServer((request, response) => this.answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
    return this;
  }
  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
  async run(act: string, ...rest: string[]) {
    const { port } = this.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return endOf(
      spawn("python3", ["-B", join(scripts, "secrets.py"), act, url, "ca", "config", ...rest]),
    );
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://api");
    const say = (status: number, body: object) =>
      response.writeHead(status).end(JSON.stringify(body));
    this.accepted.push(`${request.method} ${request.headers.accept}`);
    request.resume();
    if (request.method === "GET") {
      const from = Number(searchParams.get("continue") ?? 0);
      const more = from + 2 < this.secrets.length ? { continue: String(from + 2) } : {};
      say(200, { items: this.secrets.slice(from, from + 2), metadata: more });
      return;
    }
    const name = pathname.replace("/api/v1/namespaces/", "").replace("/secrets/", "/");
    const status = this.answers.get(name)?.shift() ?? 200;
    if (status === 200) this.patched.push(name);
    say(status, status === 200 ? {} : { message: `it is ${status}` });
  }
}

const secret = (namespace: string, name: string, token?: string): Secret => ({
  metadata: { namespace, name },
  ...(token !== undefined && { data: { token: Buffer.from(token).toString("base64") } }),
});

let api: Apiserver;
beforeEach(async () => {
  api = await new Apiserver().start();
});
afterEach(() => api.close());

describe("Secrets written anew", () => {
  test("are all of them, page by page, and none of their contents is asked for", async () => {
    api.secrets = ["a", "b", "c", "d", "e"].map((name) => secret("ns", name));
    const { code, said } = await api.run("rewrite");
    expect({ code, said }).toEqual({
      code: 0,
      said: "5 Secrets are written with the key of the day\n",
    });
    expect(api.patched).toEqual(["ns/a", "ns/b", "ns/c", "ns/d", "ns/e"]);
    const metadata = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;
    expect(new Set(api.accepted)).toEqual(
      new Set([
        `GET ${metadata("PartialObjectMetadataList")}`,
        `PATCH ${metadata("PartialObjectMetadata")}`,
      ]),
    );
  });

  test("may go meanwhile, or be written by somebody else", async () => {
    api.secrets = ["a", "b", "c"].map((name) => secret("ns", name));
    api.answers.set("ns/a", [404]).set("ns/b", [409, 200]).set("ns/c", [503, 200]);
    expect((await api.run("rewrite")).code).toBe(0);
    expect(api.patched).toEqual(["ns/b", "ns/c"]);
  });

  test("are named where one cannot be", async () => {
    api.secrets = [secret("ns", "a"), secret("ns", "b")];
    api.answers.set("ns/a", [403]);
    const { code, said } = await api.run("rewrite");
    expect(code).not.toBe(0);
    expect(said).toBe("error: Secret ns/a is not written anew: it is 403\n");
  });
});

describe("tokens that Secrets hold", () => {
  const keys = ["old", "new"].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const [old, newer] = keys.map(({ publicKey }) => publicKey) as [KeyObject, KeyObject];
  const kid = (key: KeyObject) =>
    createHash("sha256")
      .update(key.export({ type: "spki", format: "der" }))
      .digest("base64url");
  const token = (header: object) =>
    `${Buffer.from(JSON.stringify(header)).toString("base64url")}.payload.signature`;
  const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
  function keyFile(...of: KeyObject[]): string {
    const file = join(temporaryDirectory(), "sa.pub");
    writeFileSync(file, of.map(pem).join(""));
    return file;
  }

  test("may be those of any key that is accepted; one that has none yet will be given one", async () => {
    api.secrets = [
      secret("ns", "a", token({ alg: "RS256", kid: kid(old) })),
      secret("ns", "b", token({ alg: "RS256", kid: kid(newer) })),
      secret("ns", "c"),
    ];
    expect(await api.run("known", keyFile(newer, old))).toEqual({ code: 0, said: "" });
  });

  test("are named where their key is to be retired, and never printed", async () => {
    const signed = token({ alg: "RS256", kid: kid(old) });
    api.secrets = [
      secret("ns", "a", signed),
      secret("ns", "b", token({ alg: "RS256", kid: kid(newer) })),
      secret("ns", "c", token({ alg: "RS256" })),
      secret("ns", "d", "no token"),
    ];
    const { code, said } = await api.run("known", keyFile(newer));
    expect(code).not.toBe(0);
    expect(said).toContain("to be retired has signed: ns/a, ns/c, ns/d. Have each signed anew");
    expect(said).not.toContain(signed);
  });
});
