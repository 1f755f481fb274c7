import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { cacheRoot } from "../lab/identity";
import { digest, toolchainCache } from "./cache";
import { execute } from "./execute";
import { withLock } from "./lock";
import { step } from "./progress";
import resources from "./resources.json";
import { versions } from "./versions";

const packageName = "@pulumi/tencentcloud";
const stamp = ".kubernetes-ha-sdk";

/** What an SDK is generated from and by. */
export interface SdkOrigin {
  /** Version of the tencentcloud provider. */
  provider: string;
  /** Tells one generator from another: engine and language host. */
  generator: string;
}

/** Cache key of the generated SDK. */
export function sdkKey({ provider, generator }: SdkOrigin): string {
  const generators = [versions.terraformBridge, generator];
  // This file too: it decides how the package is compiled and laid out.
  return `${provider}-${digest(generators, resources, readFileSync(__filename, "utf8"))}`;
}

/** The SDK's own tsconfig is for TypeScript 3.8; ours compiles the same files for the Node we ask for. */
const compilerOptions = {
  outDir: "bin",
  target: "es2022",
  module: "commonjs",
  moduleResolution: "node10",
  declaration: true,
  sourceMap: false,
  stripInternal: true,
  skipLibCheck: true,
  strict: true,
  types: ["node"],
};

/**
 * Installs the provider's generated SDK as `node_modules/@pulumi/tencentcloud` of the checkout: generates and compiles it if this
 * combination of versions has none yet, then copies it. A copy, since Node would resolve the imports of a linked one from the
 * cache, where there is no @pulumi/pulumi. Instant when the right one is there.
 *
 * @param env Environment in which `pulumi` finds its plugins.
 */
export async function installSdk(
  origin: SdkOrigin,
  env: Record<string, string>,
  checkout = resolve(__dirname, ".."),
): Promise<void> {
  const key = sdkKey(origin);
  const target = join(checkout, "node_modules", packageName);
  if (installedKey(target) === key) return;
  if (!existsSync(join(checkout, "node_modules", "@pulumi/pulumi")))
    throw new Error(`${checkout} has no node_modules/@pulumi/pulumi: run \`npm ci\` there first`);
  const source = join(cacheRoot(), "sdk", key);
  await withLock(toolchainCache("locks", "sdk.lock"), async () => {
    if (!existsSync(source))
      await step(`SDK of the tencentcloud provider ${origin.provider}`, () =>
        generate(source, key, origin.provider, env, checkout),
      );
    if (installedKey(target) !== key) copy(source, target, key);
  });
}

function installedKey(target: string): string | undefined {
  const file = join(target, stamp);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function copy(source: string, target: string, key: string): void {
  const staging = join(dirname(dirname(target)), `.kubernetes-ha-sdk-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  cpSync(source, staging, { recursive: true });
  writeFileSync(join(staging, stamp), key);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(staging, target);
}

async function generate(
  source: string,
  key: string,
  provider: string,
  env: Record<string, string>,
  checkout: string,
): Promise<void> {
  const staging = toolchainCache("staging", `sdk-${key}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const log = toolchainCache("logs", `sdk-${key}.log`);
  const parameters = ["tencentcloudstack/tencentcloud", provider];
  await execute(
    "generating the provider's SDK",
    [
      ...(["pulumi", "package", "gen-sdk"] as const),
      ...[`terraform-provider@${versions.terraformBridge}`, "--language", "nodejs", "--local"],
      ...["--out", staging, "--", ...parameters, "--include", resources.join(",")],
    ],
    { cwd: staging, env, log, remedy: "remove the cache's toolchain/ directory and run again" },
  );
  const generated = join(staging, "nodejs");
  // Only to compile: the checkout's own @pulumi/pulumi and TypeScript.
  symlinkSync(join(checkout, "node_modules"), join(generated, "node_modules"));
  writeFileSync(
    join(generated, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["**/*.ts"], exclude: ["node_modules", "bin"] }),
  );
  await execute(
    "compiling the provider's SDK",
    ["node", join(checkout, "node_modules/typescript/bin/tsc"), "-p", generated],
    {
      cwd: generated,
      log: toolchainCache("logs", `sdk-${key}-tsc.log`),
      remedy: "run `npm ci`, then again",
    },
  );
  const packed = join(staging, "package");
  mkdirSync(packed);
  cpSync(join(generated, "bin"), join(packed, "bin"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(generated, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  delete manifest["scripts"]; // they would compile it again
  // npm reads the outer one; the code reads its own version from the one beside it.
  for (const place of [packed, join(packed, "bin")])
    writeFileSync(join(place, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  mkdirSync(dirname(source), { recursive: true });
  rmSync(source, { recursive: true, force: true });
  renameSync(packed, source);
  rmSync(staging, { recursive: true, force: true });
}
