import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cacheRoot } from "../../lab/identity";

/** A page in Debian's chromium without a screen, spoken to by its debugging protocol. It knows no name and no machine but this one. */
export class Browser {
  private sent = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer);
    });
  }

  /** @throws Error when it does not start. */
  static async open(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "kubernetes-ha-browser-"));
    const child = spawn(
      "chromium",
      [
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1100"],
        ...["--remote-debugging-port=0", `--user-data-dir=${profile}`],
        ...["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"],
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const address = await new Promise<string>((found, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`chromium ended with ${code}`)));
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
        const [, port] = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (port !== undefined) found(`http://127.0.0.1:${port}/json`);
      });
    });
    const pages = (await (await fetch(address)).json()) as {
      type: string;
      webSocketDebuggerUrl: string;
    }[];
    const page = pages.find(({ type }) => type === "page");
    const socket = new WebSocket(page?.webSocketDebuggerUrl ?? "");
    await new Promise((opened, failed) => {
      socket.addEventListener("open", opened);
      socket.addEventListener("error", () => failed(new Error("chromium does not answer")));
    });
    return new Browser(child, profile, socket);
  }

  /** Shows an address, and waits until it is loaded. */
  async show(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    while ((await this.value("document.readyState")) !== "complete")
      await new Promise((later) => setTimeout(later, 100));
  }

  /** Value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const answer = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    const { result, exceptionDetails } = answer as {
      result: { value?: unknown };
      exceptionDetails?: { text: string };
    };
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }

  /** Writes what is shown beside the tests' logs, to be looked at. @returns the path. */
  async screenshot(name: string): Promise<string> {
    const { data } = (await this.send("Page.captureScreenshot", {
      captureBeyondViewport: true,
    })) as { data: string };
    const directory = join(cacheRoot(), "test-logs");
    mkdirSync(directory, { recursive: true });
    const file = join(directory, name);
    writeFileSync(file, Buffer.from(data, "base64"));
    return file;
  }

  async close(): Promise<void> {
    const ended = new Promise((end) => this.child.once("close", end));
    this.child.kill();
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private async send(method: string, params: object): Promise<unknown> {
    const id = ++this.sent;
    const answer = new Promise<Answer>((answered) => this.waiting.set(id, answered));
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }
}

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}
