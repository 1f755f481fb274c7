import { readdirSync } from "node:fs";
import { ensureContentsPackages } from "../../mirror/contents";
import { run } from "../../lab/process";

/**
 * Installs Debian packages of the mirror on a host, past the mirror: there is none in these tests.
 *
 * @param must Runs a command as root there.
 * @param names Beginnings of the packages' names; the image has what else they need, or they do without it here.
 */
export async function installPackages(
  must: (command: string, input: string) => Promise<unknown>,
  names: readonly string[],
): Promise<void> {
  const { directory } = await ensureContentsPackages({ progress: () => undefined });
  const files = readdirSync(directory).filter((file) =>
    names.some((name) => file.startsWith(name)),
  );
  const archive = await run(["sh", "-c", 'cd "$0" && tar -c "$@" | base64', directory, ...files]);
  await must(
    "mkdir /tmp/debs && base64 -d | tar -xC /tmp/debs && dpkg -i --force-depends --force-unsafe-io /tmp/debs/*.deb >/dev/null",
    archive.stdout,
  );
}
