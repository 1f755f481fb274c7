import { must } from "../../lab/process";
import { familyOf, runningProcesses } from "../../lab/runningProcesses";
import type { TestLab } from "./lab";

/** kubectl that must succeed; its standard output. */
export type Kubectl = (...args: string[]) => Promise<string>;

/**
 * kubectl on a master, as the machine below it enters the host: for when nobody knows the bastion yet, it is dead, or there is no daemon to ask.
 * It throws an Error when the host does not run, or its apiserver does not answer.
 */
export function kubectlFromBelow(lab: TestLab, master: string): Kubectl {
  return async (...args) => {
    const processes = runningProcesses();
    const nspawn = processes.find(
      ({ argv }) =>
        argv[0] === "systemd-nspawn" &&
        argv.includes(`--hostname=${master}`) &&
        argv.some((arg) => arg.startsWith(`--directory=${lab.identity.dir}/`)),
    );
    const [, leader] = nspawn === undefined ? [] : familyOf(nspawn.pid, processes);
    if (leader === undefined) throw new Error(`${master} does not run`);
    const { stdout } = await must([
      ...["nsenter", "--target", String(leader), "--mount", "--net", "--pid", "--"],
      ...["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "--request-timeout=5s"],
      ...args,
    ]);
    return stdout;
  };
}
