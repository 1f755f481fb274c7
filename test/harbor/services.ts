import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../lab/identity";
import { inNetns, must, run } from "../../lab/process";
import { waitFor } from "../../lab/wait";

/** Packages of Debian, unpacked, without any of them being installed: nothing of this machine runs for them. @returns where. */
export async function debianTree(name: string, packages: readonly string[]): Promise<string> {
  const tree = join(cacheRoot(), "harbor", `debian-${name}`);
  if (existsSync(tree)) return tree;
  mkdirSync(join(cacheRoot(), "harbor"), { recursive: true });
  const making = mkdtempSync(`${tree}-`);
  await must(["apt-get", "download", ...packages], { cwd: making, timeoutSeconds: 300 });
  for (const file of readdirSync(making).filter((each) => each.endsWith(".deb"))) {
    await must(["dpkg", "-x", join(making, file), join(making, "tree")]);
    rmSync(join(making, file));
  }
  renameSync(join(making, "tree"), tree);
  rmSync(making, { recursive: true });
  return tree;
}

/** User that services run as which want no root: nobody. */
const nobody = 65_534;

/** PostgreSQL, Redis and a registry beside the lab's mirror, in a network namespace. What they keep goes with them. */
export class Services {
  private readonly children: ChildProcess[] = [];

  /** @param directory For what they keep, and their logs. */
  constructor(
    private readonly netns: string,
    readonly address: string,
    private readonly directory: string,
  ) {
    mkdirSync(directory, { recursive: true });
  }

  private start(name: string, command: string[], env: Record<string, string> = {}): void {
    const log = openSync(join(this.directory, `${name}.log`), "a");
    const [file = "", ...args] = inNetns(this.netns, command);
    const stdio = ["ignore", log, log] as ["ignore", number, number];
    this.children.push(spawn(file, args, { env: { ...process.env, ...env }, stdio }));
  }

  private answers(what: string, port: number): Promise<unknown> {
    const dial = ["bash", "-c", `exec 3<>/dev/tcp/${this.address}/${port}`];
    return waitFor({ what: `${what} at ${this.address}:${port}`, deadlineSeconds: 60 }, async () =>
      (await run(dial, { netns: this.netns })).code === 0 ? true : undefined,
    );
  }

  /** A database `registry` of the user `postgres`. */
  async postgres(port: number, password: string): Promise<void> {
    const packages = ["postgresql-15", "postgresql-client-15", "libpq5"];
    // It refuses root, and nobody else gets to the cache of root.
    const tree = join(this.directory, "postgresql");
    cpSync(await debianTree("postgresql", packages), tree, { recursive: true });
    const bin = join(tree, "usr/lib/postgresql/15/bin");
    const env = { LD_LIBRARY_PATH: join(tree, "usr/lib/x86_64-linux-gnu"), PGPASSWORD: password };
    const data = join(this.directory, "postgres");
    mkdirSync(data, { mode: 0o700 });
    chownSync(data, nobody, nobody);
    const pass = join(this.directory, "pass");
    writeFileSync(pass, password, { mode: 0o644 });
    const as = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
    await must(
      [
        ...[...as, join(bin, "initdb"), "-D", data, "-U", "postgres", "--no-sync"],
        ...["--auth-local=trust", "--auth-host=scram-sha-256", `--pwfile=${pass}`],
      ],
      { env, timeoutSeconds: 120 },
    );
    writeFileSync(join(data, "pg_hba.conf"), "host all all 0.0.0.0/0 scram-sha-256\n");
    this.start(
      "postgres",
      [
        ...[...as, join(bin, "postgres"), "-D", data, "-p", String(port)],
        ...["-c", `listen_addresses=${this.address}`, "-c", "unix_socket_directories="],
      ],
      env,
    );
    await this.answers("PostgreSQL", port);
    const psql = [join(bin, "psql"), "-h", this.address, "-p", String(port), "-U", "postgres"];
    await must([...psql, "-c", "create database registry"], { env, netns: this.netns });
  }

  async redis(port: number, password: string): Promise<void> {
    const packages = ["redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];
    const tree = await debianTree("redis", [...packages, "redis-server"]);
    const env = { LD_LIBRARY_PATH: join(tree, "usr/lib/x86_64-linux-gnu") };
    const options = ["--bind", this.address, "--port", String(port), "--save", ""];
    this.start(
      "redis",
      [join(tree, "usr/bin/redis-server"), ...options, "--requirepass", password],
      env,
    );
    await this.answers("Redis", port);
  }

  /** A registry that anybody reads and writes. @param program Distribution. @returns its name. */
  async registry(port: number, program: string): Promise<string> {
    const storage = join(this.directory, "images");
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: storage } },
      http: { addr: `${this.address}:${port}` },
    };
    const file = join(this.directory, "registry.json");
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    this.start("registry", [program, "serve", file], { OTEL_TRACES_EXPORTER: "none" });
    await this.answers("the registry of images", port);
    return `${this.address}:${port}`;
  }

  async close(): Promise<void> {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGINT");
      await once(child, "exit");
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
