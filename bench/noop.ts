import { bringUp } from "../lab/up";
import { benchLab, seconds } from "./lab";

/** A second `up` of a living cluster: how long it takes, what it changes, and how many remote commands reach a host. */
export async function noop(): Promise<Record<string, number>> {
  const { lab, engine, operator, material } = await benchLab();
  await lab.start(material);
  const outputs = await bringUp(engine, operator);
  const hosts = outputs.nodes.filter(({ role }) => role !== "bastion").map(({ name }) => name);
  const logins = async (): Promise<number> => {
    let sum = 0;
    for (const host of hosts) {
      const { stdout } = await operator.ssh(host, [
        "sudo journalctl -b -u ssh | grep -c 'Accepted publickey' || true",
      ]);
      sum += Number(stdout);
    }
    return sum;
  };
  const before = await logins();
  let code = 0;
  const took = await seconds(async () => (code = await engine.up()));
  if (code !== 0) throw new Error(`the second up ended with ${code}`);
  // Counting logs in once on every host.
  const remoteCommands = (await logins()) - before - hosts.length;
  const changes = engine.changes().length;
  await lab.down();
  return { seconds: took, changes: changes, remoteCommands };
}
