import { createServer, type AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Host of the ssh configuration that is the bastion with a SOCKS proxy: `ssh -F ssh_config -fN bastion-socks`. */
export const socksHost = "bastion-socks";

/** Runs a command to its end, wherever the bastion can be reached from. */
export type Run = (
  command: string[],
  options?: { input?: string; timeoutSeconds?: number },
) => Promise<{ code: number; stdout: string; stderr: string }>;

/** ssh that shares one connection to the bastion with the runs before and after it. */
function ssh(directory: string, ...args: string[]): string[] {
  const sharing = ["-S", join(directory, "control")];
  return ["ssh", "-F", join(directory, "ssh_config"), ...sharing, ...args, socksHost];
}

/**
 * Opens the SOCKS proxy that the kubeconfig of an access directory names, unless it is open. It ends ten idle minutes later.
 *
 * @throws Error with ssh's own words.
 */
export async function openProxy(directory: string, run: Run): Promise<void> {
  if ((await run(ssh(directory, "-O", "check"))).code === 0) return;
  // ssh in the background keeps its standard error open, which would keep our pipe open.
  const log = join(directory, "proxy.log");
  const background = ["-M", "-f", "-N", "-o", "ControlPersist=600", "-E", log];
  const { code } = await run(ssh(directory, ...background), { timeoutSeconds: 30 });
  if (code === 0) return;
  // Appended to: what it said last is last.
  const said = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
  throw new Error(`no way to the bastion: ssh ended with ${code}: ${said}`);
}

/** Ends what {@link openProxy} opened. */
export async function closeProxy(directory: string, run: Run): Promise<void> {
  await run(ssh(directory, "-O", "exit"));
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
