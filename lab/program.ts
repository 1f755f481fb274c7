import { Argument, Option, type Command } from "commander";
import { commandLine } from "../operations/command";
import type { AddonsAction } from "./addonsStack";
import { Admin } from "./admin";
import type { LabIdentity } from "./identity";
import type { StatusOptions } from "./commands/status";
import type { UpOptions } from "./commands/up";
import { networkKinds } from "./hosts/network";
import { noLab, requireLab } from "./present";

// What a command needs is loaded by that command: most answer in a fraction of the time that all of it takes to load.

/** The command line of a lab. */
export function labProgram(identity: LabIdentity): Command {
  const program = commandLine(
    "npm run lab --",
    "A local Tencent Cloud with real Linux hosts, and the example highly available cluster on it.",
  )
    .enablePositionalOptions()
    .helpCommand(true)
    .showHelpAfterError("(`npm run lab -- --help` lists the commands)");
  addLife(program, identity);
  addCluster(program, identity);
  addMachines(program, identity);
  return program;
}

/** From nothing to a lab, and back. */
function addLife(program: Command, identity: LabIdentity): void {
  program
    .command("up")
    .description("bring the lab and its cluster up (default)")
    .option(
      "--config-file <file>",
      "stack configuration, instead of the checkout's Pulumi.lab.yaml",
    )
    .addOption(new Option("--config <file>").hideHelp())
    .option(
      "--check",
      "have the plan check (npm run check) judge the plan first: denied, nothing is touched",
    )
    .option(
      "--entry <example>",
      "way to the API, an example of lab/examples/entry, instead of the configuration's; kept for the next time (default: the configuration's again)",
    )
    .option(
      "--topology <example>",
      "where etcd lives, an example of lab/examples/topology, instead of the configuration's; kept for the next time",
    )
    .option(
      "--sources <example>",
      "where hosts install from, an example of lab/examples/sources, instead of the configuration's; kept for the next time",
    )
    .option(
      "--registry <example>",
      "of a new lab: a registry of the cluster's own, an example of lab/examples/registry (two minutes of building the first time); kept for the next time",
    )
    .option(
      "--netpol <example>",
      "who enforces network policies, an example of lab/examples/netpol, instead of the configuration's; the image it takes is in the mirror of a lab that was made with it; kept for the next time",
    )
    .addOption(
      new Option(
        "--monitoring [example]",
        "metrics, which `dashboards` shows, an example of lab/examples/monitoring; kept for the next time (default: none)",
      ).preset("on"),
    )
    .addOption(
      new Option(
        "--zones <count>",
        "of a new lab: zones with physical hosts, 1 to 3; etcd, masters and workers are spread over them (default: 1)",
      ).argParser(Number),
    )
    .addOption(
      new Option(
        "--network <kind>",
        "of a new lab: routed as the cloud's, or one switch a subnet as in a data centre (default: vpc)",
      ).choices(networkKinds),
    )
    .option(
      "--own-kernel <role=MiB...>",
      "of a new lab: hosts of this role have a kernel of their own (User-mode Linux, for IPVS), and so much memory",
    )
    .addOption(
      new Option(
        "--certificate-minutes <minutes>",
        "how long certificates are valid that hosts issue, 20 at least, instead of the configuration's (pki.certificateValidity)",
      ).argParser(Number),
    )
    .option(
      "--next-kubernetes",
      "of a new lab: its mirror has the next minor release of Kubernetes as well, to upgrade to (seven minutes of building the first time)",
    )
    .option(
      "--former-etcd",
      "of a new lab: its mirror has the minor release of etcd before as well, to upgrade from (two minutes of building the first time)",
    )
    .option(
      "--addons",
      "of a new lab: its mirror has the images of add-ons as well, for `npm run lab -- addons` (twenty minutes of building the first time)",
    )
    .action(async (options: UpOptions & { config?: string }) => {
      const { up } = await import("./commands/up.js");
      await up(identity, { ...options, configFile: options.configFile ?? options.config });
    });
  program
    .command("status")
    .description("hosts, where they run, and whether the cluster is healthy (npm run status)")
    .option("--json", "print the cluster's status as JSON, and nothing else")
    .option("--wait", "ask again until it is healthy")
    .option("--timeout <seconds>", "how long to wait", Number, 600)
    .action(async (options: StatusOptions) =>
      (await import("./commands/status.js")).status(identity, options),
    );
  program
    .command("ui")
    .description(
      "a page that shows the lab and takes orders: kill, start, cut, mend (loopback only)",
    )
    .option("--port <port>", "port on the loopback; 0: any that is free", Number, 8090)
    .action(async (options: { port: number }) => {
      requireLab(identity);
      await (await import("./commands/ui.js")).ui(identity, options);
    });
  program
    .command("dashboards")
    .description(
      "a Prometheus outside of the VPC that watches the cluster, and a page with its alerts and dashboards (loopback only)",
    )
    .option("--port <port>", "port on the loopback; 0: any that is free", Number, 8091)
    .action(async (options: { port: number }) => {
      requireLab(identity);
      await (await import("./commands/dashboards.js")).dashboards(identity, options);
    });
  program
    .command("down")
    .description("end and remove everything the lab made")
    .action(async () => (await import("./commands/down.js")).down(identity));
  program
    .command("doctor")
    .description("what this machine lacks for the lab, and how to mend it")
    .action(async () => (await import("./commands/doctor.js")).showDoctor());
}

/** What people do with the cluster and its stack. */
function addCluster(program: Command, identity: LabIdentity): void {
  const engine = async () => (await import("./commands/engineOf.js")).engineOf(identity);
  passedOn(program, identity, {
    name: "kubectl",
    description: "kubectl against the cluster, through the bastion",
    async run(args) {
      const { operatorOf } = await import("./commands/operatorOf.js");
      return (await (await operatorOf(identity)).kubectl(args, { output: "inherit" })).code;
    },
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
  passedOn(program, identity, {
    name: "pulumi",
    description: "pulumi on the lab's stack and configuration (preview, stack export, config, ...)",
    async run(args) {
      return (await engine()).onStack(args, process.env["INIT_CWD"]);
    },
  });
  passedOn(program, identity, {
    name: "check",
    description: "the plan check (npm run check) on the lab's stack",
    async run(args) {
      return (await (await engine()).check(args)).code;
    },
  });
  passedOn(program, identity, {
    name: "restore",
    description:
      "etcd's snapshots (npm run restore) of the lab's cluster: lists them, or restores one",
    async run(args) {
      return (await (await engine()).restore(args)).code;
    },
  });
  program
    .command("addons")
    .description(
      "add-ons on the cluster of a lab that was made with `up --addons`: the stack of examples/addons",
    )
    .addArgument(
      new Argument("[action]")
        .choices(["up", "preview", "destroy"] satisfies AddonsAction[])
        .default("up"),
    )
    .action(async (action: AddonsAction) => {
      requireLab(identity);
      process.exitCode = await (await import("./commands/addons.js")).addons(identity, action);
    });
  program
    .command("orphans")
    .description("what belongs to the cluster in the cloud and is in no state")
    .option("--remove [ids...]", "remove it all, or only what is named, after listing it")
    .option("--json", "print what was found as JSON")
    .action(async ({ remove, json }: { remove?: true | string[]; json?: true }) => {
      requireLab(identity);
      const chosen = remove === undefined ? [] : ["--remove", ...(remove === true ? [] : remove)];
      const args = [...chosen, ...(json ? ["--json"] : [])];
      process.exitCode = (await (await engine()).operate("list", args, "inherit")).code;
    });
}

/** Power of what the cluster runs on. */
function addMachines(program: Command, identity: LabIdentity): void {
  const admin = (): Admin => {
    requireLab(identity);
    return new Admin(identity);
  };
  const host = program
    .command("host")
    .description("power of the physical machines (number from 1, or name)");
  host
    .command("list")
    .description("physical machines and what runs on them")
    .action(async () => {
      const { listHosts } = await import("./commands/hosts.js");
      await listHosts(admin());
    });
  host
    .command("kill")
    .description("power loss: every instance on it is cut off and dead at once")
    .argument("<n>")
    .action((n: string) => admin().power(n, "kill"));
  host
    .command("start")
    .description("power returns: its instances boot")
    .argument("<n>")
    .action((n: string) => admin().power(n, "start"));
  const zone = program
    .command("zone")
    .description("power of all physical machines of a zone (number from 1, or name)");
  zone
    .command("list")
    .description("zones with physical machines, and these")
    .action(async () => {
      const { listZones } = await import("./commands/zones.js");
      await listZones(admin());
    });
  zone
    .command("kill")
    .description("a zone is lost: all its instances are cut off, then dead, at once")
    .argument("<n>")
    .action((n: string) => admin().domain("zones", n, "kill"));
  zone
    .command("revive")
    .description("the zone has power again: its instances boot")
    .argument("<n>")
    .action((n: string) => admin().domain("zones", n, "start"));
  program
    .command("all")
    .description("stop or start every instance at once")
    .addArgument(new Argument("<action>").choices(["stop", "start"]))
    .action((action: "stop" | "start") => admin().all(action));
}

interface PassedOn {
  name: string;
  description: string;
  /** @returns the exit code. */
  run: (args: string[]) => Promise<number>;
}

/** A command whose arguments are another program's, `--help` included; ends with that program's exit code. */
function passedOn(
  program: Command,
  identity: LabIdentity,
  { name, description, run }: PassedOn,
): void {
  program
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
        const own = `${name}'s own help needs the lab: ${noLab(identity)}`;
        console.log(`${command.helpInformation()}\n${own}`);
        return;
      }
      process.exitCode = await run(args);
    });
}
