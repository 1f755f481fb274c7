import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { renderKubeconfig } from "../../components/kubeconfig";
import {
  issueClient,
  makeAuthority,
  makeKeyPair,
  readSigner,
  serialNumber,
  signServer,
} from "../../components/pki/authority";
import { must } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { freePort } from "../../operations/access/proxy";
import { toolchain } from "../../toolchain";

/** What of a pod is read here. */
interface Pod {
  metadata: { name: string; namespace: string; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: { name: string; image: string }[] };
  status: { phase?: string };
}

/**
 * A real API with its controllers and its scheduler, and nodes that are none: a pod that is scheduled onto one is said to run, and is gone when it is to go.
 * It takes and judges objects as every cluster does, and runs nothing.
 */
export class BareApi {
  private readonly processes: ChildProcess[] = [];
  private readonly kubeconfigFile: string;
  /** Of its administrator. */
  kubeconfig = "";
  private pretending = true;
  private pretended: Promise<void> = Promise.resolve();

  /** @param directory Is made; everything lies in it. */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    this.kubeconfigFile = this.place("kubeconfig");
  }

  /** @param nodes How many nodes there are said to be. */
  async start(nodes: number): Promise<void> {
    const [etcd, peer, api] = [await freePort(), await freePort(), await freePort()];
    const files = await this.identities(`https://localhost:${api}`);
    const etcdUrl = `http://127.0.0.1:${etcd}`;
    this.run("etcd", {
      "data-dir": this.place("etcd"),
      "listen-client-urls": etcdUrl,
      "advertise-client-urls": etcdUrl,
      "listen-peer-urls": `http://127.0.0.1:${peer}`,
      "unsafe-no-fsync": "true",
    });
    this.run("kube-apiserver", {
      "etcd-servers": etcdUrl,
      "bind-address": "127.0.0.1",
      "secure-port": String(api),
      "tls-cert-file": files("server.crt"),
      "tls-private-key-file": files("server.key"),
      "client-ca-file": files("ca.crt"),
      "authorization-mode": "RBAC",
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": files("sa.pub"),
      "service-account-signing-key-file": files("sa.key"),
      "service-cluster-ip-range": "10.96.0.0/16",
      // Nobody would ever take away the taint of a new node.
      "disable-admission-plugins": "TaintNodesByCondition",
    });
    await waitFor({ what: "the API", deadlineSeconds: 300 }, async (seen) =>
      (await this.kubectl("get", "--raw", "/readyz")) === "ok" ? true : seen("not ready"),
    );
    this.run("kube-controller-manager", {
      kubeconfig: this.kubeconfigFile,
      "leader-elect": "false",
      "service-account-private-key-file": files("sa.key"),
      "root-ca-file": files("ca.crt"),
      // No kubelet ever tells of itself.
      controllers: "*,-node-lifecycle-controller",
      "secure-port": String(await freePort()),
    });
    this.run("kube-scheduler", {
      kubeconfig: this.kubeconfigFile,
      "leader-elect": "false",
      "secure-port": String(await freePort()),
    });
    for (let node = 1; node <= nodes; node++) await this.addNode(`node-${node}`);
    this.pretended = this.pretend();
  }

  /** @returns what it printed. */
  async kubectl(...args: string[]): Promise<string> {
    const command = [toolchain().binary("kubectl"), "--kubeconfig", this.kubeconfigFile, ...args];
    return (await must(command, { timeoutSeconds: 60 })).stdout;
  }

  async stop(): Promise<void> {
    this.pretending = false;
    await this.pretended;
    // Who asks ends before whom it asks.
    for (const child of this.processes.reverse()) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    }
  }

  private place(name: string): string {
    return join(this.directory, name);
  }

  /** Keys and certificates, and a kubeconfig; answers the path of each. */
  private async identities(server: string): Promise<(name: string) => string> {
    const authority = await makeAuthority("kubernetes", 2);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const serving = await signServer(await readSigner(authority), ["localhost"], {
      key: createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })),
      serialNumber: serialNumber(randomBytes(16)),
    });
    const client = await issueClient({
      ...{ authority, commonName: "admin", organizations: ["system:masters"], days: 2 },
    });
    const accounts = await makeKeyPair();
    this.kubeconfig = renderKubeconfig({
      ...{ cluster: "bare", server, authority: authority.crt, user: "admin", client },
    });
    const contents: Record<string, string> = {
      "ca.crt": authority.crt,
      "server.crt": serving.crt,
      "server.key": serving.key,
      "sa.pub": accounts.pub,
      "sa.key": accounts.key,
      kubeconfig: this.kubeconfig,
    };
    for (const [name, content] of Object.entries(contents))
      writeFileSync(this.place(name), content, { mode: 0o600 });
    return (name) => this.place(name);
  }

  private run(program: string, flags: Record<string, string>): void {
    const log = openSync(this.place(`${program}.log`), "w");
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const stdio: ["ignore", number, number] = ["ignore", log, log];
    this.processes.push(spawn(toolchain().binary(program), args, { stdio }));
  }

  private async addNode(name: string): Promise<void> {
    const labels = { "kubernetes.io/os": "linux", "kubernetes.io/hostname": name };
    await this.apply({ apiVersion: "v1", kind: "Node", metadata: { name, labels } });
    const has = { cpu: "4", memory: "8Gi", pods: "110" };
    const conditions = [{ type: "Ready", status: "True", reason: "Pretended" }];
    await this.patchStatus(["node", name], { capacity: has, allocatable: has, conditions });
  }

  private async apply(object: object): Promise<void> {
    const command = [
      ...[toolchain().binary("kubectl"), "--kubeconfig", this.kubeconfigFile],
      ...["apply", "-f", "-"],
    ];
    await must(command, { input: JSON.stringify(object), timeoutSeconds: 60 });
  }

  private async patchStatus(object: string[], status: object): Promise<void> {
    const patch = JSON.stringify({ status });
    await this.kubectl("patch", ...object, "--subresource=status", "--type=merge", "-p", patch);
  }

  /** What kubelets would do, for as long as it is wanted. */
  private async pretend(): Promise<void> {
    while (this.pretending) {
      try {
        const { items } = JSON.parse(
          await this.kubectl("get", "pods", "--all-namespaces", "-o", "json"),
        ) as { items: Pod[] };
        for (const [index, pod] of items.entries()) await this.settle(pod, index);
      } catch {
        // A pod that is gone meanwhile, or an API that has much to do: once more.
      }
      await delay(500);
    }
  }

  private async settle({ metadata, spec, status }: Pod, index: number): Promise<void> {
    if (spec.nodeName === undefined) return;
    const object = ["pod", metadata.name, "-n", metadata.namespace];
    if (metadata.deletionTimestamp !== undefined)
      await this.kubectl("delete", ...object, "--grace-period=0", "--force");
    else if (status.phase !== "Running")
      await this.patchStatus(object, {
        phase: "Running",
        podIP: `10.244.0.${index + 2}`,
        podIPs: [{ ip: `10.244.0.${index + 2}` }],
        conditions: ["Initialized", "ContainersReady", "Ready", "PodScheduled"].map((type) => ({
          ...{ type, status: "True" },
        })),
        containerStatuses: spec.containers.map(({ name, image }) => ({
          ...{ name, image, imageID: image, ready: true, started: true, restartCount: 0 },
          state: { running: { startedAt: new Date().toISOString() } },
        })),
      });
  }
}
