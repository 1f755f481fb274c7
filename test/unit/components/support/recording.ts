import * as pulumi from "@pulumi/pulumi";
import { randomBytes } from "node:crypto";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** A resource as the program asked for it; secrets are opened. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Inputs of a remote command. */
export interface CommandInputs {
  connection: {
    host: string;
    user: string;
    hostKey: string;
    proxy?: { host: string; hostKey: string };
  };
  create: string;
  stdin: string;
  delete?: string;
  addPreviousOutputInEnv: boolean;
  logging: string;
}

/** The mock monitor of the SDK knows no hooks: they are taken and never called. */
export function allowHooks(): void {
  const take = (_request: unknown, callback: (error: null, answer: unknown) => void) =>
    callback(null, {});
  Object.assign(MockMonitor.prototype, { registerErrorHook: take, registerResourceHook: take });
}

const pair = (name: string) => ({ crt: `PUBLIC ${name}`, key: `SECRET ${name}` });
const authorities = {
  kubernetes: pair("kubernetes"),
  etcd: pair("etcd"),
  frontProxy: pair("front proxy"),
  serviceAccount: { pub: "sa public\n", key: "SECRET sa" },
  encryptionKey: randomBytes(32).toString("base64"),
  sshSeed: randomBytes(32).toString("base64"),
};

/** What pki/main.ts would answer. */
function pkiAnswer(stdin: string): object {
  const request = JSON.parse(stdin) as { make: string; clients?: Record<string, unknown> };
  return request.make === "authorities"
    ? authorities
    : Object.fromEntries(Object.keys(request.clients ?? {}).map((name) => [name, pair(name)]));
}

const signature = "4dabf18193072939515e22adb298388d";

/** Opens secrets, which reach the monitor in the form they have on the wire. */
function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (value === null || typeof value !== "object") return value;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get(signature) === "1b47061264138c4ac30d75fd1eb44270")
    return open(fields.get("value"));
  return Object.fromEntries([...fields].map(([key, inner]) => [key, open(inner)]));
}

/** Takes the place of the engine and keeps what the program registers. */
export async function record(): Promise<Registered[]> {
  allowHooks();
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: wire, id }) => {
        const inputs = open(wire) as Record<string, unknown>;
        registered.push({ type, name, inputs });
        const made: Record<string, unknown> =
          type === "command:local:Command"
            ? { stdout: JSON.stringify(pkiAnswer(String(inputs.stdin))) }
            : type === "tencentcloud:index/eip:Eip"
              ? { publicIp: "198.51.100.7" }
              : {};
        return {
          id: id === undefined || id === "" ? `${type.split(":").at(-1) ?? type}-${name}` : id,
          state: { ...inputs, ...made },
        };
      },
      call: () => ({}),
    },
    "tencentcloud-kubernetes-ha",
    "test",
  );
  return registered;
}

/** Waits until nothing more is registered. */
export async function settled(registered: Registered[]): Promise<void> {
  let before = -1;
  while (before !== registered.length) {
    before = registered.length;
    await pulumi.runtime.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
