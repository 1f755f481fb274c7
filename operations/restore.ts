/** `npm run restore -- --stack prod`: what snapshots of etcd there are; with `--snapshot`, the cluster's data is what one of them holds. */
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import Table from "cli-table3";
import type { ClusterPlan } from "../components/plan/cluster";
import { etcdDataDir } from "../components/plan/hosts";
import { run } from "../lab/process";
import { defaultSocksPort, writeAccess } from "./access/files";
import { parseOutputs } from "./access/outputs";
import { commandLine, perform } from "./command";
import { Hosts } from "./restore/hosts";
import { restoreName, restoreSnapshot, type Snapshot } from "./restore/procedure";
import { type KeptSnapshot, keptSnapshots } from "./restore/snapshots";
import { SnapshotStore } from "./restore/store";
import { Stack } from "./stack";

interface Options {
  stack: string;
  configFile?: string;
  snapshot?: string;
  file?: string;
  save?: string;
  cos?: true;
  yes?: true;
}

async function restore(options: Options): Promise<void> {
  const stack = new Stack(options.stack, options.configFile);
  const [{ plan }, outputs] = await Promise.all([stack.plan(), stack.outputs()]);
  const access = mkdtempSync(join(tmpdir(), "kubernetes-ha-"));
  try {
    writeAccess(parseOutputs(outputs), { directory: access, socksPort: defaultSocksPort });
    const hosts = new Hosts(access, run);
    const snapshot =
      options.cos === true
        ? await ofStore(options, plan, parseOutputs(outputs).snapshotKey, access)
        : await askedFor(options, hosts, plan);
    if (snapshot === undefined) return;
    if (options.save !== undefined) await save(snapshot, hosts, resolve(options.save));
    else await carryOut(snapshot, hosts, plan, options);
  } finally {
    rmSync(access, { recursive: true, force: true });
  }
}

/** @returns the snapshot that was asked for; undefined when there was none, and they have been listed. */
async function askedFor(
  { file, snapshot, save }: Options,
  hosts: Hosts,
  plan: ClusterPlan,
): Promise<Snapshot | undefined> {
  if (file !== undefined) return ofFile(resolve(file));
  const { snapshots, silent } = await keptSnapshots(
    hosts,
    plan.etcd.map(({ name }) => name),
  );
  for (const each of silent) console.error(`cannot be asked: ${each}`);
  const name = snapshot ?? (save === undefined ? undefined : "latest");
  if (name !== undefined) return chosen(snapshots, name);
  console.log(listed(snapshots));
  return undefined;
}

/** How many times a database is larger than when it is packed, at most. */
const packing = 10;

/** The same from the object storage: brought to a directory of this machine, sealed. */
async function ofStore(
  { snapshot, stack }: Options,
  { snapshotStore }: ClusterPlan,
  identity: string | undefined,
  directory: string,
): Promise<Snapshot | undefined> {
  if (snapshotStore === undefined)
    throw new Error(`stack ${stack} stores no snapshots: etcd.snapshots.cos is not set`);
  if (identity === undefined)
    throw new Error("the stack has no output snapshotKey: bring it up with this version first");
  const store = new SnapshotStore(snapshotStore);
  const stored = await store.list();
  if (snapshot === undefined) {
    console.log(listed(stored));
    return undefined;
  }
  const found = chosen(stored, snapshot);
  const path = await store.fetch(found, directory);
  return { path, bytes: found.bytes * packing, sha256: "", identity };
}

async function save(snapshot: Snapshot, hosts: Hosts, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, basename(snapshot.path));
  await hosts.fetch(snapshot, file);
  writeFileSync(`${file}.sha256`, `${snapshot.sha256}  ${basename(file)}\n`, { mode: 0o600 });
  await ofFile(file);
  console.log(file);
}

async function carryOut(
  snapshot: Snapshot,
  hosts: Hosts,
  plan: ClusterPlan,
  { yes, stack }: Options,
): Promise<void> {
  const name = basename(snapshot.path);
  if (yes !== true)
    throw new Error(
      `everything that was written after ${name} was taken would be lost; add --yes if that is meant`,
    );
  const began = Date.now();
  const tell = (line: string) => {
    const seconds = String(Math.round((Date.now() - began) / 1000)).padStart(4);
    console.log(`[${seconds}s] ${line}`);
  };
  tell(`restoring ${name}`);
  const at = new Date();
  await restoreSnapshot(plan, snapshot, { hosts, at, tell });
  tell(
    `done: the API serves what ${name} holds; what members had before is in ${etcdDataDir}/before-${restoreName(at)}. Next: pulumi up --stack ${stack}`,
  );
}

/** What is told of a snapshot; what it holds is not known of a sealed one. */
type Listed = Pick<KeptSnapshot, "name" | "time" | "bytes"> &
  Partial<Pick<KeptSnapshot, "revision" | "keys">>;

function listed(snapshots: readonly Listed[]): string {
  if (snapshots.length === 0) return "there is no snapshot";
  const head = ["snapshot", "taken", "MiB", "revision", "keys"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, time, bytes, revision, keys } of snapshots)
    table.push([name, time, (bytes / 1024 ** 2).toFixed(1), revision ?? "", keys ?? ""]);
  return table.toString();
}

/** @throws Error when there is none of that name. */
function chosen<T extends { name: string }>(snapshots: readonly T[], name: string): T {
  const [newest] = snapshots;
  const found = name === "latest" ? newest : snapshots.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new Error(
    newest === undefined
      ? "there is no snapshot; another place to look is --cos, or --file"
      : `there is no snapshot ${name}; the newest is ${newest.name}`,
  );
}

/** A snapshot on this machine; where the checksum that was kept with it is there, it has to have that. */
async function ofFile(path: string): Promise<Snapshot> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const sha256 = hash.digest("hex");
  const kept = `${path}.sha256`;
  const wanted = existsSync(kept) ? readFileSync(kept, "utf8").split(" ")[0] : sha256;
  if (wanted !== sha256)
    throw new Error(
      `${path} is damaged: its SHA-256 is ${sha256}, and was ${wanted} when it was taken`,
    );
  return { path, bytes: statSync(path).size, sha256 };
}

const program = commandLine(
  "npm run restore --",
  "Lists the snapshots that members of etcd keep; with --snapshot or --file, puts one in the place of the cluster's data. Run it where `pulumi up` runs. docs/runbooks/restore.md",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .option("--config-file <file>", "its configuration, instead of Pulumi.<stack>.yaml")
  .option("--snapshot <name>", "restore this one, or the `latest`")
  .option("--cos", "look in the object storage (etcd.snapshots.cos) instead of asking the members")
  .option("--file <file>", "restore this one, which is on this machine")
  .option(
    "--save <directory>",
    "copy the latest one, or that of --snapshot, to this machine instead, with its checksum",
  )
  .option("--yes", "do it: what was written after the snapshot is lost")
  .action(restore);

void perform(program);
