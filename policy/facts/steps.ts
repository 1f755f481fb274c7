import { parseAllDocuments } from "yaml";
import { type Resource, type Stack } from "./stack";
import { isUnknown, list, object, type Props, text } from "./values";

/** A file that a step places on a host, as far as it may be read: secret ones are known by path only. */
export interface StepFile {
  path: string;
  /** Undefined for a secret, or when it is known only after the update. */
  content: string | undefined;
  secret: boolean;
}

/** What a RemoteStep does to its host, from the triggers of its command, with what its pool shares. */
export interface Step {
  resource: Resource;
  /** Name of the script. */
  step: string;
  host: string;
  params: Props;
  files: readonly StepFile[];
}

/** What a RemoteStep registers for review: its second trigger. Undefined for a command that is no RemoteStep. */
export function stepTrigger(props: Props): Props | undefined {
  const trigger = object(list(props.triggers)[1]);
  return text(trigger.step) !== undefined && text(trigger.script) !== undefined
    ? trigger
    : undefined;
}

/** Whom a Departure takes out, by the second trigger of its command. Undefined for a command that is no Departure of this project. */
export function departing(props: Props): string | undefined {
  return text(object(list(props.triggers)[1]).departure);
}

/** All steps of a stack. */
export function stepsOf(stack: Stack): readonly Step[] {
  return stack.facts(readSteps);
}

/** Steps that run a script. */
export function stepsRunning(stack: Stack, script: string): Step[] {
  return stepsOf(stack).filter(({ step }) => step === script);
}

/** Whether a file may be asked for documents: it is YAML, and no secret. */
export function hasDocuments({ path, secret }: StepFile): boolean {
  return !secret && /\.ya?ml$/.test(path);
}

/** Documents of a kind in the YAML files of a step that can be read. */
export function documentsOf(stack: Stack, step: Step, kind: string): Props[] {
  const parsed = stack.facts(parsedFiles);
  return step.files
    .flatMap((file) => {
      const { content } = file;
      if (content === undefined || !hasDocuments(file)) return [];
      // Hosts of a kind have some files in common: each text is read once.
      const documents = parsed.get(content) ?? parseAllDocuments(content).map(toObject);
      parsed.set(content, documents);
      return documents;
    })
    .filter((document) => document.kind === kind);
}

function toObject(document: { toJS(): unknown }): Props {
  return object(document.toJS());
}

function parsedFiles(): Map<string, Props[]> {
  return new Map();
}

function readSteps(stack: Stack): Step[] {
  const shared = readShared(stack);
  return stack.of("command").flatMap((resource) => {
    const trigger = stepTrigger(resource.props);
    if (trigger === undefined) return [];
    const pool = shared.get(text(trigger.shared) ?? "");
    const own = [
      ...list(trigger.files).map((file) => stepFile(file, false)),
      ...list(trigger.secretFiles).map((file) => stepFile(file, true)),
    ];
    const paths = new Set(own.map(({ path }) => path));
    return {
      resource,
      step: text(trigger.step) ?? "",
      host: text(trigger.host) ?? "",
      params: { ...pool?.params, ...object(trigger.params) },
      files: [...(pool?.files ?? []).filter(({ path }) => !paths.has(path)), ...own],
    };
  });
}

/** What the hosts of each pool share, by the hash that their steps name. */
function readShared(stack: Stack): Map<string, Pick<Step, "params" | "files">> {
  return new Map(
    stack
      .of("poolPreparation")
      .map(({ props: { hash, params, files } }) => [
        text(hash) ?? "",
        { params: object(params), files: list(files).map((file) => stepFile(file, false)) },
      ]),
  );
}

function stepFile(file: unknown, secret: boolean): StepFile {
  const { path, content } = object(file);
  const known = typeof content === "string" && !isUnknown(content) ? content : undefined;
  return { path: text(path) ?? "", content: secret ? undefined : known, secret };
}
