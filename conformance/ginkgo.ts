import { spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { join } from "node:path";
import { inNetns, must } from "../lab/process";
import { conformanceImages } from "../mirror/conformanceImages";
import { watching } from "../toolchain/progress";
import { parseReport, type Result } from "./results";
import { choosing, registriesIn, tally, type Choice } from "./select";
import { parseUpstream, type Spec } from "./specs";

/** Where tests run from, and at what. */
export interface Site {
  /** Paths of `ginkgo`, `e2e.test` and `kubectl`. */
  programs: Record<string, string>;
  kubeconfig: string;
  /** Network namespace that the kubeconfig works in. @default the machine's own */
  netns?: string;
  /** Where the cluster's nodes find all images of the tests. */
  repository: string;
  /** Sees to it that the way to the API is open. */
  open: () => Promise<void>;
}

/** How a run goes about it. */
export interface RunOptions extends Choice {
  /** Directory of the run's files: output.log, report.json, junit.xml. Made anew. */
  directory: string;
  /** Processes that run tests beside each other. */
  processes: number;
  /** Minutes after which the run ends, with what it has. */
  minutes: number;
}

const program = ({ programs }: Pick<Site, "programs">, name: string): string => {
  const path = programs[name];
  if (path === undefined) throw new Error(`no path was given for ${name}`);
  return path;
};

/** Every conformance test there is. */
export async function upstreamOf(site: Pick<Site, "programs">): Promise<Spec[]> {
  const list = [program(site, "e2e.test"), "--list-conformance-tests"];
  return parseUpstream((await must(list, { timeoutSeconds: 120 })).stdout);
}

/**
 * Sees that the mirror's images are those of these very tests.
 *
 * @throws Error naming those that no test wants: their tags are of another release.
 */
export async function assertImages(site: Pick<Site, "programs">): Promise<void> {
  const { stdout } = await must([program(site, "e2e.test"), "--list-images"], {
    timeoutSeconds: 120,
  });
  const strange = unwanted(stdout, conformanceImages);
  if (strange.length > 0)
    throw new Error(
      `mirror/conformanceImages.ts has ${strange.join(", ")}, which these tests do not take: give it the tags of their release`,
    );
}

/** Images that are in no list. Pure. @param listed One a line, with its registry. */
export function unwanted(
  listed: string,
  images: readonly { name: string; tag: string }[],
): string[] {
  const wanted = new Set(listed.split("\n").map((line) => line.trim().split("/").at(-1)));
  return images.map(({ name, tag }) => `${name}:${tag}`).filter((image) => !wanted.has(image));
}

/** How often the way to the API is looked after, in milliseconds. */
const openEvery = 30_000;
/** Minutes beyond its own that ginkgo is given, to end what runs and to write its report. */
const grace = 15;

/**
 * Runs tests, and tells meanwhile how many have ended, and how.
 *
 * @returns how each ended.
 * @throws Error when ginkgo left no report.
 */
export async function runTests(site: Site, options: RunOptions): Promise<Result[]> {
  const { directory, minutes } = options;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const registries = join(directory, "registries.yaml");
  // JSON is YAML too.
  writeFileSync(registries, JSON.stringify(registriesIn(site.repository)), { mode: 0o600 });
  const log = join(directory, "output.log");
  const sink = createWriteStream(log, { mode: 0o600 });
  await site.open();
  const [file = "", ...args] = inNetns(site.netns, command(site, options));
  const child = spawn(file, args, {
    cwd: directory,
    env: { ...process.env, KUBE_TEST_REPO_LIST: registries },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: (minutes + grace) * 60_000,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      sink.write(text);
    });
  // A way that cannot be opened now is tried again; tests meanwhile fail or wait as clients do.
  const kept = setInterval(() => void site.open().catch(() => undefined), openEvery);
  // Ctrl-C goes to all of a terminal's processes, and ginkgo takes a second one for impatience.
  const stay = (): undefined => undefined;
  const stop = (): unknown => child.kill("SIGINT");
  process.on("SIGINT", stay).once("SIGTERM", stop);
  try {
    await watching(
      () => progressLine(output),
      () => once(child, "close"),
    );
  } finally {
    clearInterval(kept);
    process.off("SIGINT", stay).off("SIGTERM", stop);
    sink.end();
    // Whoever reads the log next finds all of it.
    await finished(sink);
  }
  const report = join(directory, "report.json");
  if (!existsSync(report))
    throw new Error(
      `ginkgo left no report; ${log} ends with:\n${output.trim().split("\n").slice(-15).join("\n")}`,
    );
  return parseReport(readFileSync(report, "utf8"));
}

function command(site: Site, options: RunOptions): string[] {
  const { directory, processes, minutes } = options;
  return [
    ...[program(site, "ginkgo"), `--procs=${processes}`, `--timeout=${minutes}m`, "--no-color"],
    ...["--silence-skips", `--output-dir=${directory}`],
    ...["--json-report=report.json", "--junit-report=junit.xml"],
    ...choosing(options),
    program(site, "e2e.test"),
    "--",
    `--kubeconfig=${site.kubeconfig}`,
    `--kubectl-path=${program(site, "kubectl")}`,
    ...["--provider=skeleton", "--disable-log-dump", `--e2e-output-dir=${directory}`],
  ];
}

/** How a run goes, in a line. */
export function progressLine(output: string): string {
  const { chosen, ended, failed } = tally(output);
  return `conformance: ${ended} of ${chosen ?? "?"} ended, ${failed} failed`;
}
