import * as pulumi from "@pulumi/pulumi";

/** What a broken connection looks like in the plugin's errors. Wrong keys and failed scripts are none of these. */
const transportErrors = [
  /\bEOF\b/,
  /short write/,
  /exited without exit status or exit signal/,
  /connection reset by peer/,
  /broken pipe/,
  /connection refused/,
  /i\/o timeout/,
  /no route to host/,
  /use of closed network connection/,
  /ssh: rejected: connect failed/,
];

/** A script that ran and failed says so with its exit status, whatever else its output holds. */
const scriptFailed = /Process exited with status \d+/;

/** How often a step is tried again after a broken connection. */
const attempts = 5;

/** What to do about a host that stays out of reach. */
const unreachableFix =
  "Look whether it runs, whether bastion.allowedCidrs has the range you come from, and whether you can log in to the bastion; " +
  "then run the same command again: it goes on where this one stopped.";

/** Whether an error of the plugin tells of the connection alone. */
export function isTransportError(message: string): boolean {
  return (
    !scriptFailed.test(message) &&
    !isAgentError(message) &&
    transportErrors.some((pattern) => pattern.test(message))
  );
}

/** What to do about an agent that the plugin asks, needed or not, because the environment names one. */
const agentFix =
  "SSH_AUTH_SOCK names an SSH agent that does not answer. No step needs one: unset it, then run the same command again.";

/** Whether an error says that the SSH agent on this machine cannot be reached. */
export function isAgentError(message: string): boolean {
  return !scriptFailed.test(message) && /\bdial unix /.test(message);
}

/** Whether an error says that the whole time of a step went by without a connection: the plugin then says nothing else. */
export function isDialingTimeout(message: string): boolean {
  return !scriptFailed.test(message) && /context deadline exceeded\s*$/.test(message);
}

/** What the plugin says when it has dialled as often as it may, for minutes. */
const dialledInVain = /after \d+ failed attempts: /;

/**
 * Whether a host was there, went away in the middle of a step, and has not come back for as long as dialling may take. One that was never there may still be
 * booting.
 * @param errors Newest first.
 */
export function hasGone([newest, ...before]: readonly string[]): boolean {
  return (
    newest !== undefined &&
    dialledInVain.test(newest) &&
    before.some((error) => !dialledInVain.test(error))
  );
}

/**
 * The hook that has a step tried again when its connection broke: steps are re-runnable and wait for one another on
 * the host. Anything else fails at once.
 * @param name Name of the hook, unique in the program.
 */
export function transportRetry(name: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ name: resource, errors }) => {
    if (errors.some(isAgentError)) await pulumi.log.warn(`${resource}: ${agentFix}`);
    const timedOut = errors.some(isDialingTimeout);
    // Newest first or last, all of them have to be of this kind.
    if (!timedOut && !errors.every(isTransportError)) return false;
    if (timedOut || hasGone(errors) || errors.length > attempts) {
      await pulumi.log.warn(`${resource}: the host cannot be reached. ${unreachableFix}`);
      return false;
    }
    // The other end may be booting: the engine calls again at once, so the pause is made here.
    await new Promise((resolve) => setTimeout(resolve, 1000 * errors.length));
    return true;
  });
}
