import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { openProxy } from "../operations/access/proxy";
import { writeMonitoring } from "../operations/monitoring/files";
import { ensurePrometheus } from "../toolchain/prometheus";
import type { LabIdentity } from "./identity";
import type { Operator } from "./operator";
import { inNetns, must } from "./process";
import { waitFor } from "./wait";

/** An alert, as Prometheus tells of it. */
export interface Alert {
  labels: { alertname: string; instance?: string } & Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
  activeAt: string;
}

/** A target, as Prometheus tells of it. */
export interface Target {
  labels: { job: string; instance: string } & Record<string, string>;
  health: "up" | "down" | "unknown";
  lastError: string;
}

/** Seconds after which the way through the bastion is looked after. */
const wayEvery = 10;

/** A Prometheus where the operator is, outside of the VPC: it comes in through the bastion, as anybody's would. */
export class LabPrometheus {
  private child: ChildProcess | undefined;
  private wayKeeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly lab: LabIdentity,
    private readonly operator: Operator,
    private readonly port = 9090,
  ) {}

  /**
   * Starts it with what `npm run monitoring` writes, and waits until it answers.
   * @throws Error when the cluster is not monitored.
   */
  async start(): Promise<void> {
    const { monitoring } = this.operator.outputs;
    if (monitoring === undefined)
      throw new Error("this lab's cluster is not monitored: npm run lab -- up --monitoring on");
    const { prometheus } = await ensurePrometheus();
    const directory = join(this.lab.dir, "prometheus");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeMonitoring(monitoring, directory, { proxyUrl: this.proxyUrl() });
    await this.openWay();
    const log = openSync(join(directory, "prometheus.log"), "a", 0o600);
    const [file, ...args] = inNetns(this.lab.operatorNetns, [
      prometheus,
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      "--storage.tsdb.retention.time=1d",
      `--web.listen-address=127.0.0.1:${this.port}`,
      "--log.level=warn",
    ]);
    this.child = spawn(file as string, args, { stdio: ["ignore", log, log] });
    this.wayKeeper = setInterval(() => {
      // A bastion that is away is back some time; targets are down meanwhile.
      this.openWay().catch(() => undefined);
    }, wayEvery * 1000);
    const what = `Prometheus to answer (log: ${join(directory, "prometheus.log")})`;
    await waitFor({ what, deadlineSeconds: 120 }, async (seen) => {
      try {
        await this.ask("/-/ready");
        return true;
      } catch (error) {
        seen(String(error));
        return undefined;
      }
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.wayKeeper);
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((end) => child.once("close", end));
    child.kill();
    await ended;
  }

  /** Text of an answer. @param path With its query. */
  async ask(path: string): Promise<string> {
    const url = `http://127.0.0.1:${this.port}${path}`;
    const { stdout } = await must(["curl", "--noproxy", "*", "-fsS", "-m", "30", url], {
      netns: this.lab.operatorNetns,
    });
    return stdout;
  }

  async alerts(): Promise<Alert[]> {
    return ((await this.data("/api/v1/alerts")) as { alerts: Alert[] }).alerts;
  }

  async targets(): Promise<Target[]> {
    const data = await this.data("/api/v1/targets?state=active");
    return (data as { activeTargets: Target[] }).activeTargets;
  }

  /** What an expression has at the moment: labels and value of each series. */
  async query(expr: string): Promise<{ metric: Record<string, string>; value: number }[]> {
    const data = await this.data(`/api/v1/query?query=${encodeURIComponent(expr)}`);
    const { result } = data as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
  }

  private async data(path: string): Promise<unknown> {
    return (JSON.parse(await this.ask(path)) as { data: unknown }).data;
  }

  private openWay(): Promise<void> {
    const { directory, run } = this.operator.way;
    return openProxy(directory, run);
  }

  /** The one that kubectl goes by. */
  private proxyUrl(): string {
    const { clusters } = parse(readFileSync(this.operator.kubeconfig, "utf8")) as {
      clusters: { cluster: { "proxy-url"?: string } }[];
    };
    const url = clusters[0]?.cluster["proxy-url"];
    if (url === undefined) throw new Error(`${this.operator.kubeconfig} names no proxy`);
    return url;
  }
}
