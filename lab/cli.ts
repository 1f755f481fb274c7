import { Argument, Option, type Command } from "commander";
import { commandLine, perform, withDefault } from "../operations/command";
import { labIdentity } from "./identity";
import { noLab, requireLab } from "./present";

// What a command needs is loaded by that command: most answer in a fraction of the time that all of it takes to load.

const identity = labIdentity();

const program = commandLine(
  "npm run lab --",
  "A local Tencent Cloud with real Linux hosts, and the example highly available cluster on it.",
)
  .enablePositionalOptions()
  .helpCommand(true)
  .showHelpAfterError("(`npm run lab -- --help` lists the commands)");

program
  .command("up")
  .description("bring the lab and its cluster up (default)")
  .option("--config-file <file>", "stack configuration (default: Pulumi.lab.yaml of the checkout)")
  .addOption(new Option("--config <file>").hideHelp())
  .action(async ({ configFile, config }: { configFile?: string; config?: string }) => {
    const { up } = await import("./commands/up.js");
    await up(identity, { configFile: configFile ?? config });
  });
program
  .command("status")
  .description("hosts, where they run, and the cluster's nodes")
  .action(async () => (await import("./commands/status.js")).status(identity));

passedOn("kubectl", "kubectl against the cluster, through the bastion", async (args) => {
  const { operatorOf } = await import("./commands/tool.js");
  return (await (await operatorOf(identity)).kubectl(args, { output: "inherit" })).code;
});
program
  .command("ssh")
  .description("ssh to a host through the bastion, by name or its end (master-1)")
  .argument("<host>")
  .argument("[command...]")
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (host: string, command: string[]) => {
    requireLab(identity);
    const { Operator } = await import("./operator.js");
    const operator = new Operator(identity, "kubectl");
    process.exitCode = (await operator.ssh(host, command, { output: "inherit" })).code;
  });
passedOn(
  "pulumi",
  "pulumi on the lab's stack and configuration (preview, stack export, config, ...)",
  async (args) => {
    const { engineOf } = await import("./commands/tool.js");
    return (await engineOf(identity)).onStack(args, process.env["INIT_CWD"]);
  },
);
passedOn("check", "the plan check (npm run check) on the lab's stack", async (args) => {
  const { engineOf } = await import("./commands/tool.js");
  return (await (await engineOf(identity)).check(args)).code;
});
program
  .command("orphans")
  .description("what belongs to the cluster in the cloud and is in no state")
  .option("--remove [ids...]", "remove it all, or only what is named, after listing it")
  .option("--json", "print them as JSON")
  .action(async ({ remove, json }: { remove?: true | string[]; json?: true }) => {
    requireLab(identity);
    const { engineOf } = await import("./commands/tool.js");
    const chosen = remove === undefined ? [] : ["--remove", ...(remove === true ? [] : remove)];
    const args = [...chosen, ...(json ? ["--json"] : [])];
    process.exitCode = (await (await engineOf(identity)).operate("list", args, "inherit")).code;
  });

const host = program
  .command("host")
  .description("power of the physical machines (number from 1, or name)");
host
  .command("list")
  .description("physical machines and what runs on them")
  .action(async () => {
    requireLab(identity);
    await (await import("./commands/hosts.js")).listHosts(identity);
  });
for (const [action, description] of [
  ["kill", "power loss: every instance on it is cut off and dead at once"],
  ["start", "power returns: its instances boot"],
] as const)
  host
    .command(action)
    .description(description)
    .argument("<n>")
    .action(async (n: string) => (await admin()).power(n, action));

program
  .command("all")
  .description("stop or start every instance at once")
  .addArgument(new Argument("<action>").choices(["stop", "start"]))
  .action(async (action: "stop" | "start") => (await admin()).all(action));
program
  .command("down")
  .description("end and remove everything the lab made")
  .action(async () => (await import("./commands/down.js")).down(identity));
program
  .command("doctor")
  .description("what this machine lacks for the lab, and how to mend it")
  .action(async () => (await import("./commands/doctor.js")).showDoctor());

/** A command whose arguments are another program's, `--help` included; ends with that program's exit code. */
function passedOn(
  name: string,
  description: string,
  action: (args: string[]) => Promise<number>,
): Command {
  return program
    .command(name)
    .description(description)
    .argument("[args...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[], _: object, command: Command) => {
      const help = ["-h", "--help", "help"].includes(args[0] ?? "");
      try {
        requireLab(identity);
      } catch (error) {
        if (!help) throw error;
        // The program itself may have to be built first, which takes half an hour.
        console.log(
          `${command.helpInformation()}\n${name}'s own help needs the lab: ${noLab(identity)}`,
        );
        return;
      }
      process.exitCode = await action(args);
    });
}

async function admin() {
  requireLab(identity);
  const { Admin } = await import("./admin.js");
  return new Admin(identity);
}

void perform(program, withDefault("up", process.argv.slice(2)), 1);
