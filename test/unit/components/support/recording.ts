import * as pulumi from "@pulumi/pulumi";
import { randomBytes } from "node:crypto";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { makeAuthority, makeRsaKey } from "../../../../components/pki/authority";

/** A resource as the program asked for it; secrets are opened. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Names of inputs that are secret, or have a secret in them. */
  secretInputs: string[];
  /** What it gives besides its inputs. */
  outputs: Record<string, unknown>;
  options: RegisteredOptions;
}

/** What the engine is told about a resource beside its inputs. */
export interface RegisteredOptions {
  protect: boolean;
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  /** Names of the resources that have to be there before. */
  dependencies: string[];
}

/** Inputs of a remote command. */
export interface CommandInputs {
  connection: {
    host: string;
    user: string;
    hostKey: string;
    proxy?: { host: string; hostKey: string };
  };
  create?: string;
  stdin: string;
  triggers: unknown[];
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

/** What of a request the SDK's mocks do not pass on; they are called with it before anything else is. */
interface Request {
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDependenciesList(): string[];
}

let request: Request | undefined;
type Register = (this: MockMonitor, request: Request, done: unknown) => Promise<void>;
const register = Reflect.get(MockMonitor.prototype, "registerResource") as unknown as Register;
const registerNoted: Register = function (asked, done) {
  request = asked;
  return register.call(this, asked, done);
};
Reflect.set(MockMonitor.prototype, "registerResource", registerNoted);

function optionsOf(asked: Request | undefined): RegisteredOptions {
  return {
    protect: asked?.getProtect() ?? false,
    deleteBeforeReplace: asked?.getDeletebeforereplace() ?? false,
    ignoreChanges: asked?.getIgnorechangesList() ?? [],
    additionalSecretOutputs: asked?.getAdditionalsecretoutputsList() ?? [],
    dependencies: (asked?.getDependenciesList() ?? []).map((urn) => urn.split("::").at(-1) ?? ""),
  };
}

/** Real ones: the program issues certificates with them, and reads when they end. */
const authorities = Promise.all(
  ["kubernetes", "etcd-ca", "front-proxy-ca"].map((name) => makeAuthority(name, 3650)),
);
/** Whoever it is for: nothing but its certificate is read. */
const clients = new Map<string, Promise<object>>();
const clientOf = (name: string) => {
  const made =
    clients.get(name) ??
    makeAuthority(name, 3650).then(({ crt }) => ({ crt, key: `SECRET ${name}` }));
  clients.set(name, made);
  return made;
};
const others = {
  serviceAccount: { pub: "sa public\n", key: "SECRET sa" },
  encryptionKey: randomBytes(32).toString("base64"),
  sshSeed: randomBytes(32).toString("base64"),
};

/** What pki/main.ts would answer. */
async function pkiAnswer(stdin: string): Promise<unknown> {
  const request = JSON.parse(stdin) as {
    make: string;
    clients?: Record<string, unknown>;
    commonName?: string;
  };
  if (request.make === "encryptionKey") return randomBytes(32).toString("base64");
  if (request.make === "serviceAccountKey") return { pub: "sa 2 public\n", key: "SECRET sa 2" };
  if (request.make === "rsaKey") return makeRsaKey();
  if (request.make === "authority") return makeAuthority(String(request.commonName), 3650);
  return request.make === "authorities"
    ? await authorities.then(([kubernetes, etcd, frontProxy]) => ({
        ...others,
        ...{ kubernetes, etcd, frontProxy },
      }))
    : Object.fromEntries(
        await Promise.all(
          Object.keys(request.clients ?? {}).map(
            async (name) => [name, await clientOf(name)] as const,
          ),
        ),
      );
}

const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** Whether a value is a secret in the form it has on the wire. */
function isSecret(value: object): boolean {
  return new Map<string, unknown>(Object.entries(value)).get(signature) === secretMark;
}

/** Whether a value is secret or has a secret in it. */
function holdsSecret(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  return isSecret(value) || Object.values(value).some(holdsSecret);
}

/** Opens secrets, which reach the monitor in the form they have on the wire. */
function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (value === null || typeof value !== "object") return value;
  if (isSecret(value)) return open((value as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, open(inner)]));
}

/**
 * Takes the place of the engine and keeps what the program registers.
 * @param operations that it would carry out at once
 */
export async function record(operations = 64): Promise<Registered[]> {
  process.env["PULUMI_NODEJS_PARALLEL"] = String(operations);
  allowHooks();
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs: wire, id }) => {
        // Before anything is waited for: another resource may be registered meanwhile.
        const options = optionsOf(request);
        const inputs = open(wire) as Record<string, unknown>;
        const made: Record<string, unknown> =
          type === "command:local:Command" && inputs.stdin !== undefined
            ? { stdout: JSON.stringify(await pkiAnswer(inputs.stdin as string)) }
            : type === "tencentcloud:index/eip:Eip"
              ? { publicIp: "198.51.100.7" }
              : type === "tencentcloud:index/subnet:Subnet"
                ? { routeTableId: "rtb-main" }
                : type === "tencentcloud:index/instance:Instance"
                  ? { createTime: "2026-01-01T00:00:00Z" }
                  : {};
        registered.push({
          ...{ type, name, inputs },
          secretInputs: Object.entries(wire as object).flatMap(([input, value]) =>
            holdsSecret(value) ? [input] : [],
          ),
          outputs: made,
          options,
        });
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
