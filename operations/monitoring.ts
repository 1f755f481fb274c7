/** `npm run monitoring -- --stack prod --out prometheus`: what a Prometheus watches a stack's cluster with. */
import { parseOutputs } from "./access/outputs";
import { commandLine, perform } from "./command";
import { writeMonitoring } from "./monitoring/files";
import { Stack } from "./stack";

interface Options {
  stack: string;
  out: string;
  proxy?: string;
  alertmanager?: string[];
}

async function monitoring({ stack, out, proxy, alertmanager = [] }: Options): Promise<void> {
  const { monitoring: output } = parseOutputs(await new Stack(stack).outputs());
  if (output === undefined)
    throw new Error(
      `stack ${stack} is not monitored: set monitoring: {} in its cluster's configuration, and run pulumi up`,
    );
  const directory = writeMonitoring(output, out, { proxyUrl: proxy, alertmanagers: alertmanager });
  console.log(`written to ${directory}; client.key is secret. Next:
  prometheus --config.file ${directory}/prometheus.yml     # one that runs already: SIGHUP
Again after hosts were added: targets are taken up by themselves.`);
}

const program = commandLine(
  "npm run monitoring --",
  "Writes what a Prometheus needs to watch a stack's cluster: its configuration, targets, a client certificate, rules of alerts; and dashboards for Grafana. " +
    "Docs: docs/monitoring.md.",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .requiredOption("-o, --out <directory>", "directory for the files; made if it is not there")
  .option(
    "--proxy <url>",
    "proxy through which Prometheus reaches the cluster, such as socks5://127.0.0.1:1080 (npm run access)",
  )
  .option("--alertmanager <host:port...>", "where Prometheus sends alerts")
  .action(monitoring);

void perform(program);
