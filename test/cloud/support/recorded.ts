import { readFileSync } from "node:fs";
import path from "node:path";

import { services } from "../../../lab/cloud/services";
import { until } from "./cloud";
import { send, type Answer } from "./send";

/** A call as the provider made it: one example of a shape. */
export interface RecordedCall {
  service: string;
  action: string;
  parameters: object;
}

const file = path.join(__dirname, "../../data/provider-1.83.25/calls.jsonl");

/** Every recorded call by its name: `vpc:CreateVpc`, the second shape of an action `vpc:CreateHaVip#2`. */
export const recorded: ReadonlyMap<string, RecordedCall> = new Map(
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedCall)
    .map((call, index, all): [string, RecordedCall] => {
      const nth = all.slice(0, index + 1).filter(({ action }) => action === call.action).length;
      return [`${call.service}:${call.action}${nth > 1 ? `#${nth}` : ""}`, call];
    }),
);

/** What is particular about one playing of a call. */
export interface Playing {
  /** Recorded id that this call's answer gives a value to. */
  makes?: string;
  /** Top-level parameters that differ from the recorded ones, where a shape is played for another object. */
  with?: object;
  /** Parameters of a call that the recorded runs did not come to, as the provider's source has it. */
  unrecorded?: object;
  /** The call is repeated until its answer, as JSON text, matches: how the provider waits. */
  until?: RegExp;
  /** How many it finds. @default one or more, where the answer counts */
  finds?: number;
}

function unrecorded(name: string, { unrecorded: parameters }: Playing): RecordedCall {
  const [service = "", action = ""] = name.split(":");
  if (parameters === undefined) throw new Error(`${name} is not recorded`);
  return { service, action, parameters };
}

/** Plays recorded calls in the order given, with the ids that this cloud gives out in place of the recorded ones. */
export class Replay {
  readonly played = new Set<string>();
  private readonly ids = new Map<string, string>();

  /** @param same Recorded ids that stand for one object: the calls are of several runs. */
  constructor(
    private readonly port: number,
    private readonly same: Readonly<Record<string, string>>,
  ) {}

  /** @throws Error when the call is not accepted, or does not find what is there. */
  async play(name: string, playing: Playing = {}): Promise<void> {
    const call = recorded.get(name) ?? unrecorded(name, playing);
    this.played.add(name);
    const parameters = this.ours({ ...call.parameters, ...playing.with });
    const told = `${name} ${JSON.stringify(parameters)}`;
    const wanted = playing.until ?? /(?:)/;
    const answer = await until(
      () => this.send(call, parameters),
      ({ code, response }) => code !== "ok" || wanted.test(JSON.stringify(response)),
    ).catch((error: unknown) => {
      throw new Error(`${told}: never answers ${String(wanted)}: ${String(error)}`);
    });
    const { Error: error, TotalCount: count, RequestId: request } = answer.response;
    if (error) throw new Error(`${told}: ${error.Code}: ${error.Message}`);
    const { finds } = playing;
    if (typeof count === "number" && (finds === undefined ? count === 0 : count !== finds))
      throw new Error(`${told}: finds ${count}`);
    if (playing.makes !== undefined) this.bind(playing.makes, answer);
    // The provider waits for the end of each change of a load balancer, known by the request's id.
    if (call.service === "clb" && !/^Describe/.test(call.action)) {
      const TaskId = request as string;
      await this.play("clb:DescribeTaskStatus", { with: { TaskId }, until: /"Status":0/ });
    }
  }

  /** Takes the id of the recorded one's kind from an answer. */
  private bind(id: string, { response }: Answer): void {
    const kind = id.slice(0, id.indexOf("-"));
    const given = new RegExp(`"(${kind}-[a-z0-9]{8})"`).exec(JSON.stringify(response))?.[1];
    if (given === undefined) throw new Error(`no ${kind} in ${JSON.stringify(response)}`);
    this.ids.set(this.canonical(id), given);
  }

  private canonical(id: string): string {
    return this.same[id] ?? id;
  }

  /** Parameters with our ids. Those that count from a start (policies, records, tasks) are the same in every fresh cloud. */
  private ours(parameters: object): object {
    const text = JSON.stringify(parameters).replace(
      /\b[a-z]+-[a-z0-9]{8}\b/g,
      (id) => this.ids.get(this.canonical(id)) ?? id,
    );
    // Not recorded, as it may hold secrets.
    return JSON.parse(text.replace("<base64>", "I2Nsb3VkLWNvbmZpZwo=")) as object;
  }

  private send({ service, action }: RecordedCall, parameters: object): Promise<Answer> {
    const version = services.find(({ name }) => name === service)?.version ?? "";
    const body = JSON.stringify(parameters);
    return send(this.port, { service, action, version, body });
  }
}
