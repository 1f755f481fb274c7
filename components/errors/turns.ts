import * as pulumi from "@pulumi/pulumi";

/** Type token of what is ordered by RunInstances. */
export const instanceToken = "tencentcloud:index/instance:Instance";

/** Orders a second: RunInstances takes 10 calls a second of an account, and the preflight or another stack may call it, too. */
const ordersASecond = 8;

/** Milliseconds before an order that was refused is made again. */
const pauseMs = 1000;

/**
 * Whether RunInstances refused an order for the rate of calls alone. The provider, which waits and asks again elsewhere, does not
 * here. A refused call has made nothing, so it can be made again.
 */
export function tooSoon(type: string, operation: string, errors: readonly string[]): boolean {
  const create = type === instanceToken && operation === "create";
  return create && errors.every((error) => error.includes("Code=RequestLimitExceeded"));
}

/**
 * Whether a load balancer refused a change because another one is under way. It carries out one at a time, and the provider waits for its own
 * turn with some of its resources only. A refused change has changed nothing, so it can be made again.
 */
export function busy(type: string, errors: readonly string[]): boolean {
  const ofBalancer = type.startsWith("tencentcloud:index/clb");
  return (
    ofBalancer &&
    errors.every((error) => error.includes("Code=FailedOperation.ResourceInOperating"))
  );
}

/** The orders of a program take turns: the engine places them all at once, and a cluster of a dozen hosts is more than is taken. */
export class Turns {
  private last = -Infinity;

  /** Milliseconds from `now` (ms) to the next turn that is at least `pause` (ms) away. */
  next(now: number, pause = 0): number {
    this.last = Math.max(now + pause, this.last + 1000 / ordersASecond);
    return this.last - now;
  }

  /** Waits for the turn of an order that was refused. */
  again(): Promise<void> {
    return wait(this.next(Date.now(), pauseMs));
  }

  /** The hook that has an instance wait for its turn. @param name Name of the hook, unique in the program. */
  hook(name: string): pulumi.ResourceHook {
    return new pulumi.ResourceHook(name, () => wait(this.next(Date.now())));
  }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
