import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderAptConfiguration } from "../../../mirror/assembly/packages";
import { must } from "../../../lab/process";

/** Lets an apt with one source and nothing installed download packages; gives the names of the files it got. */
export async function downloadPackages(
  root: string,
  source: string,
  packages: string[],
): Promise<string[]> {
  for (const directory of ["state/lists/partial", "cache/archives/partial", "log", "parts"]) {
    await mkdir(join(root, directory), { recursive: true });
  }
  await writeFile(join(root, "status"), "");
  await writeFile(join(root, "sources.list"), `${source}\n`);
  await writeFile(join(root, "apt.conf"), renderAptConfiguration(root));
  const env = { APT_CONFIG: join(root, "apt.conf"), LC_ALL: "C" };
  await must(["apt-get", "update"], { env, timeoutSeconds: 60 });
  await must(["apt-get", "install", "--yes", "--download-only", ...packages], {
    env,
    timeoutSeconds: 120,
  });
  const files = await readdir(join(root, "cache/archives"));
  return files.filter((name) => name.endsWith(".deb"));
}
