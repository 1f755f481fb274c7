import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolchain } from "../../toolchain";
import { browserPackages, ensureDebianPackages } from "../../toolchain/debian";
import { askedByDashboards } from "../../monitoring/dashboards";
import { ensurePrometheus } from "../../toolchain/prometheus";
import { nodeFor } from "../../toolchain/node.cjs";
import { jest } from "./jest";
import type { Job } from "./job";
import type { Need, Part } from "./part";

/** The oldest Node.js that is supported; everything else runs on the one that npm started us with. */
const oldestNode = "22";

/**
 * What is run on it as well: what asks Node.js for more than arithmetic. All else is held to what it has by the compiler (`lib`, `@types/node`), and
 * engine/oldestNode has the program and the pack run on it.
 */
const onOldestNode =
  "test/(unit/(operations|toolchain|conformance|components/(pki|remote|cluster|constructed|preparation|userData|cloudErrors))|policy/(pack|ownStack|check|docs))";

/** jest would leave one processor idle. */
const allCores = ["--maxWorkers=100%"];
const oneAtATime = ["--runInBand"];

/** A project of jest.config.js, its files one at a time: each brings up machines or a cloud of its own. */
const project = (name: string, need: Need = "processor", workers = oneAtATime): Part => ({
  name,
  need,
  run: (job) => jest(job, [name], workers),
});

/** All that needs neither root nor the engine, in one run. */
export const unit: Part = {
  name: "unit",
  need: "spare",
  run: (job) => jest(job, ["unit", "policy", "scripts"], allCores),
};

/** Parts that take too long for every change, or a lab of their own for one feature: each is run by the option of its name, and nothing beside it. */
export const apart: readonly { part: Part; what: string }[] = [
  { part: project("hardening", "cluster"), what: "what docs/hardening.md lists and needs hosts" },
  { part: project("day2", "cluster"), what: "what a cluster goes through in its life" },
  {
    part: project("offline", "cluster"),
    what: "a cluster from a bundle alone, on a deploy node without a way out",
  },
  {
    part: project("registry", "cluster"),
    what: "a registry of the cluster's own while physical machines die",
  },
  {
    part: project("harbor", "cluster"),
    what: "a Harbor from a checkout of its source (HARBOR_SOURCE), with PostgreSQL and Redis",
  },
  { part: project("netpol", "cluster"), what: "network policies on real hosts" },
  {
    part: project("monitoring", "cluster"),
    what: "alerts that fire when a member of etcd is lost, and end when it is back",
  },
  { part: project("addons", "cluster"), what: "add-ons on a lab's cluster" },
];

/** The suite. Those that need the same begin in this order: the longest first, then what finds a fault soonest. */
export const suite: readonly Part[] = [
  project("machine", "machine"),
  project("e2e", "cluster"),
  project("contract", "cluster"),
  { name: "lint", need: "spare", run: lint },
  { name: "go", need: "spare", run: goTests },
  { name: "alerts", need: "spare", run: alerts },
  unit,
  {
    name: `node${oldestNode}`,
    need: "spare",
    run: (job) =>
      jest(
        job,
        ["unit", "policy"],
        [...allCores, "--testPathPatterns", onOldestNode],
        nodeFor(oldestNode),
      ),
  },
  project("cloud", "spare"),
  project("mirror", "spare"),
  project("package", "spare"),
  { name: "page", need: "spare", run: pages },
  // By far the longest, and a step of the engine waits more than it computes.
  project("engine", "processor", allCores),
  project("hosts"),
];

/** What people look at, in a browser: that of Debian, which nothing else needs. */
async function pages(job: Job): Promise<void> {
  await ensureDebianPackages(browserPackages);
  await jest(job, ["page"], oneAtATime);
}

/** The rules of alerts, and what dashboards ask for, as Prometheus' own tool reads them. */
async function alerts(job: Job): Promise<void> {
  const { promtool } = await ensurePrometheus();
  const root = "monitoring";
  const files = (directory: string) =>
    readdirSync(join(root, directory)).map((name) => join(root, directory, name));
  await job.check("promtool check rules", [promtool, "check", "rules", ...files("alerts")]);
  for (const file of files("tests"))
    await job.check(`promtool test rules ${file}`, [promtool, "test", "rules", file]);
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-dashboards-"));
  const asked = join(directory, "rules.yml");
  writeFileSync(asked, JSON.stringify(askedByDashboards()));
  await job.check("promtool check rules, of the dashboards", [promtool, "check", "rules", asked]);
  rmSync(directory, { recursive: true });
}

async function lint(job: Job): Promise<void> {
  await job.check("prettier", ["npx", "prettier", "--check", "--log-level", "warn", "."]);
  await job.check("tsc", ["npx", "tsc", "--noEmit"]);
  await job.check("eslint", ["npx", "eslint", "."]);
  const tracked = spawnSync("git", ["ls-files", "*.sh", ".ci/run"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);
  await job.check("shellcheck", ["shellcheck", "-x", ...tracked]);
}

/** Our stand-in plugins are Go modules with tests of their own. */
async function goTests(job: Job): Promise<void> {
  const root = "toolchain/go";
  for (const module of readdirSync(root)) {
    const cwd = join(root, module);
    if (readdirSync(cwd).some((file) => file.endsWith("_test.go")))
      await job.check(`go test ${module}`, ["go", "test", "./..."], { cwd });
  }
  // What the stand-in is held to, the official one is too where there is one.
  const { binaries, origins } = toolchain();
  const plugin = binaries["pulumi-resource-command"];
  if (origins.command?.source === "official" && plugin !== undefined)
    await job.check(
      "go test command, with the official plugin",
      ["go", "test", "-run", "AnswersAs|Contract", "."],
      { cwd: join(root, "command"), env: { COMMAND_PLUGIN: plugin } },
    );
}
