import { existsSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { ensureToolchain, type Toolchain } from "../toolchain";
import { doctor } from "../toolchain/doctor";
import { Engine } from "./engine";
import { labIdentity } from "./identity";
import { Lab } from "./lab";
import { ensureEverything } from "./material";
import { Operator, type StackOutputs } from "./operator";
import { step } from "../toolchain/progress";
import { bringUp } from "./up";

const identity = labIdentity();
const lab = new Lab(identity);

function mustBeRoot(): void {
  if (process.getuid?.() !== 0)
    throw new Error(
      "the lab boots hosts and makes network namespaces: run it as root (sudo npm run lab)",
    );
}

async function setUp(): Promise<Toolchain> {
  mustBeRoot();
  return ensureToolchain({});
}

async function operator(): Promise<Operator> {
  return new Operator(identity, (await setUp()).binary("kubectl"));
}

async function engine(): Promise<Engine> {
  return new Engine(identity, (await setUp()).env());
}

async function up({ config }: { config?: string }): Promise<void> {
  mustBeRoot();
  const { toolchain, material } = await ensureEverything();
  await step("starting the local cloud", () => lab.start(material));
  const outputs = await bringUp(
    new Engine(identity, toolchain.env()),
    new Operator(identity, toolchain.binary("kubectl")),
    config,
  );
  await status();
  nextSteps(outputs);
}

function nextSteps({ entry, bastion, faultTolerance }: StackOutputs): void {
  console.log(`
Entry: https://${entry.name}:${entry.port} (${entry.kind}, ${entry.address}) through the bastion ${bastion.publicIp}
May be lost before the API or data is: ${Object.entries(faultTolerance)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ")}
kubeconfig: ${join(identity.dir, "operator", "kubeconfig")}

Next:
  npm run lab -- kubectl get nodes        # any kubectl command
  npm run lab -- ssh master-1             # a shell on a host
  npm run lab -- host kill 1              # a physical machine loses power
  npm run lab -- host start 1
  npm run lab -- status
  npm run lab -- down                     # leaves nothing behind`);
}

async function status(): Promise<void> {
  if (!(await lab.admin.alive())) {
    console.log(
      `no lab runs for ${identity.checkout} (${identity.id}); start it with \`npm run lab\``,
    );
    process.exitCode = 1;
    return;
  }
  const table = new Table({
    head: ["host", "private IP", "public IP", "physical host", "rack", "power"],
    style: { head: [], border: [] },
  });
  for (const row of (await lab.admin.placement()).sort((a, b) => a.name.localeCompare(b.name)))
    table.push([
      row.name,
      row.privateIp,
      row.publicIp ?? "",
      row.physicalHost,
      row.rack,
      row.power,
    ]);
  console.log(table.toString());
  const person = await operator();
  if (!person.ready) return;
  await person.kubectl(["get", "nodes", "-o", "wide", "--request-timeout=10s"], {
    output: "inherit",
  });
}

const program = new Command("npm run lab --")
  .description(
    "A local Tencent Cloud with real Linux hosts, and the example highly available cluster on it.",
  )
  .enablePositionalOptions()
  .showHelpAfterError();

program
  .command("up", { isDefault: true })
  .description("bring the lab and its cluster up (default)")
  .option("--config <file>", "stack configuration (default: Pulumi.lab.yaml of the checkout)")
  .action(up);
program
  .command("status")
  .description("hosts, where they run, and the cluster's nodes")
  .action(status);
program
  .command("kubectl")
  .description("kubectl against the cluster, through the bastion")
  .argument("[args...]")
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (args: string[]) => {
    process.exitCode = (await (await operator()).kubectl(args, { output: "inherit" })).code;
  });
program
  .command("ssh")
  .description("ssh to a host through the bastion, by name or its end (master-1)")
  .argument("<host>")
  .argument("[command...]")
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (host: string, command: string[]) => {
    process.exitCode = (await (await operator()).ssh(host, command, { output: "inherit" })).code;
  });
program
  .command("pulumi")
  .description("pulumi on the lab's stack (preview, refresh, stack export, ...)")
  .argument("[args...]")
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (args: string[]) => {
    const runner = await engine();
    if (!runner.exists) throw new Error("this lab has no stack yet: run `npm run lab`");
    process.exitCode = await runner.show(args);
  });
program
  .command("orphans")
  .description("what belongs to the cluster in the cloud and is in no state")
  .option("--remove [ids...]", "remove it all, or only what is named, after listing it")
  .action(async ({ remove }: { remove?: true | string[] }) => {
    const runner = await engine();
    if (!runner.exists) throw new Error("this lab has no stack yet: run `npm run lab`");
    const chosen = remove === undefined ? [] : ["--remove", ...(remove === true ? [] : remove)];
    process.exitCode = (await runner.operate("list", chosen, "inherit")).code;
  });

const host = program
  .command("host")
  .description("power of the physical machines (number from 1, or name)");
host
  .command("list")
  .description("physical machines and what runs on them")
  .action(async () => {
    const table = new Table({
      head: ["physical host", "power", "instances"],
      style: { head: [], border: [] },
    });
    for (const { name, power, instances } of await lab.admin.hosts())
      table.push([name, power, instances.join(", ")]);
    console.log(table.toString());
  });
host
  .command("kill")
  .description("power loss: every instance on it is cut off and dead at once")
  .argument("<n>")
  .action((n: string) => lab.admin.power(n, "kill"));
host
  .command("start")
  .description("power returns: its instances boot")
  .argument("<n>")
  .action((n: string) => lab.admin.power(n, "start"));

program
  .command("all")
  .description("stop or start every instance at once")
  .argument("<action>", "stop or start")
  .action(async (action: string) => {
    if (action !== "stop" && action !== "start")
      throw new Error(`all takes stop or start: got ${action}`);
    await lab.admin.all(action);
  });
program
  .command("down")
  .description("end and remove everything the lab made")
  .action(async () => {
    const existed = existsSync(identity.dir);
    const found = await step("taking the lab down", () => lab.down());
    console.log(existed || found.length > 0 ? "the lab is gone" : "there was no lab");
  });
program
  .command("doctor")
  .description("what this machine lacks for the lab, and how to mend it")
  .action(async () => {
    const table = new Table({
      head: ["", "check", "found", "needed", "fix"],
      style: { head: [], border: [] },
    });
    const checks = await doctor();
    for (const { ok, name, found, need, fix } of checks)
      table.push([ok ? "ok" : "MISSING", name, found, need, ok ? "" : fix]);
    console.log(table.toString());
    process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
