import { createServer, type AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Host of the ssh configuration that is the bastion with a SOCKS proxy: `ssh -F ssh_config -fN bastion-socks`. */
export const socksHost = "bastion-socks";

/** Runs a command to its end, wherever the bastion can be reached from. @param options.input Text for its standard input. */
export type Run = (
  command: string[],
  options?: { timeoutSeconds?: number; input?: string },
) => Promise<{ code: number; stdout: string; stderr: string }>;

/** ssh that shares one connection to the bastion with the runs before and after it. */
function ssh(directory: string, ...args: string[]): string[] {
  const sharing = ["-S", join(directory, "control")];
  return ["ssh", "-F", join(directory, "ssh_config"), ...sharing, ...args, socksHost];
}

/** The same, with a command for the bastion. */
export function sshToBastion(directory: string, ...command: string[]): string[] {
  return [...ssh(directory), ...command];
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

/**
 * ssh to a host behind the bastion over the connection that {@link openProxy} has opened: the bastion sees one login, however many hosts are spoken
 * to at a time.
 */
export function sshBehind(directory: string, host: string, ...command: string[]): string[] {
  // The file's own way, ProxyJump, would log in to the bastion anew for each.
  const jump = ssh(directory, "-W", "%h:%p").join(" ");
  const config = ["-F", join(directory, "ssh_config"), "-o", `ProxyCommand=${jump}`];
  return ["ssh", ...config, "-o", "BatchMode=yes", host, ...command];
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
