/** `npm run sdk`: the provider's SDK for who works with a Pulumi CLI of their own; changes nothing but node_modules. */
import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { installSdk } from "./sdk";
import { versions } from "./versions";

/** Version of the Pulumi CLI on PATH; undefined when there is none. */
function pulumiOnPath(): string | undefined {
  const { status, stdout } = spawnSync("pulumi", ["version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

async function main({ provider }: { provider: string }): Promise<void> {
  const pulumi = pulumiOnPath();
  if (pulumi === undefined)
    throw new Error(
      "there is no `pulumi` on PATH: install the Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/), then run again",
    );
  await installSdk({ provider, generator: pulumi }, {});
  console.log(`node_modules/@pulumi/tencentcloud is of provider ${provider}`);
}

new Command("npm run sdk --")
  .description(
    "Generates @pulumi/tencentcloud into node_modules: the resources that the components use, of the provider that is pinned.",
  )
  .option("--provider <version>", "another version of the provider", versions.provider.official)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = 1;
  });
