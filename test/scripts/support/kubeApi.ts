import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { endOf, scripts, type Said } from "./host";

/** What of a Node the scripts look at. */
export interface FakeNode {
  metadata: { name: string; labels?: Record<string, string>; annotations: Record<string, string> };
  spec: { unschedulable?: boolean | null };
  status: { conditions: { type: string; status: string }[]; nodeInfo: { kubeletVersion: string } };
}

/** What of a Pod they look at. */
export interface FakePod {
  metadata: {
    name: string;
    namespace: string;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string }[];
    deletionTimestamp?: string;
  };
  status: { phase: string };
}

/** A node that is Ready. */
export function node(
  name: string,
  kubeletVersion: string,
  more: { master?: true; ready?: false } = {},
): FakeNode {
  return {
    metadata: {
      name,
      annotations: {},
      ...(more.master && { labels: { "node-role.kubernetes.io/control-plane": "" } }),
    },
    spec: {},
    status: {
      conditions: [{ type: "Ready", status: more.ready === false ? "Unknown" : "True" }],
      nodeInfo: { kubeletVersion },
    },
  };
}

/** As much of the API as a node asks, in this process. */
export class KubeApi {
  readonly nodes = new Map<string, FakeNode>();
  readonly pods = new Map<string, FakePod>();
  /** Names of pods whose budget allows no eviction. */
  readonly kept = new Set<string>();
  /** Names of pods that were evicted, in order. */
  readonly evicted: string[] = [];
  private readonly server = createServer((request, response) => {
    void this.answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });

  async start(): Promise<this> {
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  add(...nodes: FakeNode[]): void {
    for (const each of nodes) this.nodes.set(each.metadata.name, each);
  }

  /** Runs one of the programs in Python to its end. */
  async run(program: string, what: string, name: string, ...rest: string[]): Promise<Said> {
    const { port } = this.server.address() as AddressInfo;
    const child = spawn("python3", [
      "-B",
      join(scripts, program),
      what,
      `http://127.0.0.1:${port}`,
      "ca",
      "client",
      name,
      ...rest,
    ]);
    return endOf(child);
  }

  private async answer(request: IncomingMessage): Promise<[number, object]> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = (text === "" ? {} : JSON.parse(text)) as Partial<FakeNode>;
    const path = request.url ?? "";
    const [, of] = /^\/api\/v1\/nodes\/([^/?]+)$/.exec(path) ?? [];
    if (of !== undefined) return this.nodeAnswer(of, request.method === "PATCH" ? body : undefined);
    if (path === "/api/v1/nodes") return [200, { items: [...this.nodes.values()] }];
    if (path.startsWith("/api/v1/pods?fieldSelector=spec.nodeName%3D"))
      return [200, { items: [...this.pods.values()] }];
    const [, pod] = /\/pods\/([^/]+)\/eviction$/.exec(path) ?? [];
    return pod === undefined ? [404, { message: `no ${path}` }] : this.evict(pod);
  }

  private nodeAnswer(name: string, patch?: Partial<FakeNode>): [number, object] {
    const found = this.nodes.get(name);
    if (found === undefined) return [404, { message: `nodes "${name}" not found` }];
    for (const [key, value] of Object.entries(patch?.metadata?.annotations ?? {}) as [
      string,
      string | null,
    ][]) {
      if (value === null) Reflect.deleteProperty(found.metadata.annotations, key);
      else found.metadata.annotations[key] = value;
    }
    Object.assign(found.spec, patch?.spec);
    return [200, found];
  }

  private evict(name: string): [number, object] {
    if (this.kept.has(name))
      return [
        429,
        { message: "Cannot evict pod as it would violate the pod's disruption budget." },
      ];
    this.evicted.push(name);
    this.pods.delete(name);
    return [201, {}];
  }
}
