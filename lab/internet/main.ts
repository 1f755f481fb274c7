/**
 * The internet of a lab as a process: `main.ts <directory of the lab> <contents of the mirror>`, in the fabric's network namespace, until SIGTERM. Hosts of a
 * lab that has one (`internet` in lab/settings.ts) resolve public names to it, trust its authority, and reach it if they have a way out of their VPC.
 */
import { internetAddress, mirrorAddress } from "../hosts/addresses";
import { openContents } from "../../mirror/manifest";
import { ensureArchives } from "./archives";
import { internetFiles, issueServer } from "./certificates";
import { publicNames } from "./names";
import { startInternet } from "./server";

async function main(labDir: string, contents: string): Promise<void> {
  const releases = await ensureArchives(await openContents(contents), internetFiles(labDir).dir);
  await startInternet({
    ...{ contents, releases, registry: `http://${mirrorAddress}:5000` },
    certificate: await issueServer(labDir, publicNames),
    address: internetAddress,
    log: (line) => console.log(line),
  });
  console.log(`internet: ${publicNames.length} names at ${internetAddress}`);
  process.once("SIGTERM", () => process.exit(0)).once("SIGINT", () => process.exit(0));
}

const [labDir, contents] = process.argv.slice(2);
if (labDir === undefined || contents === undefined)
  throw new Error("usage: main.ts <directory of the lab> <contents of the mirror>");
main(labDir, contents).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
