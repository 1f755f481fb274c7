import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Contents } from "../../mirror/manifest";
import { groupOf, type GroupName } from "../../toolchain/groups";
import type { Toolchain } from "../../toolchain";
import { engineGroups, pluginGroups, pluginPath } from "../../toolchain/pulumiHome";
import { type BundleFile, filesBelow } from "./files";
import { type Asked, type Lock, packagesOf } from "./npmPackages";

/** Who asks for packages at run time: the stack's program, the policy pack, the mirror, and what starts them. The lab is not run from a bundle. */
const asked: readonly Asked[] = [
  { by: "" },
  { by: "policy" },
  // The SDK's runner of policy packs starts a compiler, needed or not; without this one it takes its own, which cannot read our tsconfig.json.
  { by: "policy", names: ["@pulumi/policy", "typescript"] },
  { by: "mirror" },
  { by: "toolchain" },
];

/** What of the checkout nothing of a bundle uses, and the configurations of stacks: those of a deploy node are its own. */
const leftOut = /^(test|bench|\.ci|\.github|\.devcontainer)\/|^Pulumi\.[^/]+\.yaml$/;

/** The engine's executables beside each other, as it looks for its language hosts. */
export function engineFiles(toolchain: Toolchain): BundleFile[] {
  return engineGroups.flatMap((name) =>
    programsOf(name).map((program) => ({
      path: `engine/${program}`,
      source: toolchain.binary(program),
    })),
  );
}

/** PULUMI_HOME: plugins and provider where the engine and the bridge look before they would download. */
export function pluginFiles(toolchain: Toolchain): BundleFile[] {
  const plugins = pluginGroups.map((name) => {
    const group = groupOf(name);
    const origin = toolchain.origins[name];
    if (origin === undefined) throw new Error(`the toolchain has no ${name}`);
    const [program = ""] = programsOf(name);
    return {
      path: `pulumi-home/${pluginPath({ group, origin })}`,
      source: toolchain.binary(program),
    };
  });
  // In the way of the engine's debug logs, as in the toolchain's own.
  return [...plugins, { path: "pulumi-home/logs", text: "" }];
}

const programsOf = (name: GroupName): string[] => Object.values(groupOf(name).programs);

/** Node.js, and npm beside it. */
export function nodeFiles(node: string, npm: string): BundleFile[] {
  return [
    { path: "node/bin/node", source: node },
    ...filesBelow(npm, "node/lib/node_modules/npm"),
    {
      path: "node/bin/npm",
      executable: true,
      text: '#!/bin/sh\nexec "$(dirname "$0")/node" "$(dirname "$0")/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n',
    },
  ];
}

/** The checkout's files as they are, its packages, and the provider's SDK. @param tracked paths of the files that git knows */
export function programFiles(checkout: string, tracked: readonly string[]): BundleFile[] {
  const lockFile = readFileSync(join(checkout, "package-lock.json"), "utf8");
  const packages = packagesOf(JSON.parse(lockFile) as Lock, asked);
  return [
    ...tracked
      .filter((path) => !leftOut.test(path))
      .map((path) => ({ path: `program/${path}`, source: join(checkout, path) })),
    ...[...packages, "node_modules/@pulumi/tencentcloud"].flatMap((path) =>
      // What is inside of a package's own node_modules is a package of its own.
      filesBelow(join(checkout, path), `program/${path}`, ["node_modules"]),
    ),
    {
      // Or what is run first would install them anew (toolchain/bootstrap.mjs).
      path: "program/node_modules/.kubernetes-ha-lock",
      text: createHash("sha256").update(lockFile).digest("hex"),
    },
  ];
}

/** What hosts install from. */
export function mirrorFiles({ directory }: Contents): BundleFile[] {
  return filesBelow(directory, "mirror");
}
