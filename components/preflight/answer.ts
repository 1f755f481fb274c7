import type { Answer } from "./facts";

/** What the cloud says to a call, a refusal included. @param action `<service>:<action>` */
export async function answer<T>(action: string, ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    return { refused: { action, code, message } };
  }
}

/** An answer, changed; a refusal stays one. */
export function map<T, U>(from: Answer<T>, change: (value: T) => U): Answer<U> {
  return "value" in from ? { value: change(from.value) } : from;
}

/** What was answered; nothing where it was refused. */
export function known<T>(from: Answer<T[]>): T[] {
  return "value" in from ? from.value : [];
}
