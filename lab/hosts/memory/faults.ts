import { Hono } from "hono";
import { z } from "zod";

const faultSchema = z
  .strictObject({
    /** Name of the host, or `*` for any. */
    host: z.string().min(1),
    /** Regular expression that the command must match. Default: any command. */
    commandMatches: z.string().optional(),
    /** How often it strikes. */
    times: z.int().positive().default(1),
    /** Nobody answers on the host's port 22. */
    unreachable: z.literal(true).optional(),
    /** The connection breaks while the command runs. */
    disconnect: z.literal(true).optional(),
    /** The command ends with this code, and `stderr` if there is one. */
    exitCode: z.int().min(1).max(255).optional(),
    stderr: z.string().optional(),
    /** The command takes this long; alone, it then ends well. */
    delayMs: z.int().positive().optional(),
  })
  .refine(
    ({ unreachable, disconnect, exitCode, delayMs }) =>
      [unreachable, disconnect, exitCode ?? delayMs].filter((each) => each !== undefined).length ===
      1,
    "one of unreachable, disconnect, or exitCode and delayMs",
  )
  .refine(
    ({ unreachable, commandMatches }) => unreachable === undefined || commandMatches === undefined,
    "a host that cannot be reached is never told a command: leave commandMatches out",
  );

/** A failure of a host, ordered by a test. */
export type SshFault = z.infer<typeof faultSchema>;

/** Failures ordered for hosts of the memory backend. Kept in memory: after a restart all is well again. */
export class SshFaults {
  private faults: SshFault[] = [];

  /** Whether a dialled host is to be silent; uses up one of the times. */
  unreachable(host: string): boolean {
    return this.strike(({ unreachable, ...fault }) => unreachable === true && covers(fault, host));
  }

  /** What is to happen to a command; uses up one of the times. */
  forCommand(host: string, command: string): SshFault | undefined {
    let found: SshFault | undefined;
    this.strike((fault) => {
      const { unreachable, commandMatches = "" } = fault;
      if (unreachable || !covers(fault, host) || !new RegExp(commandMatches).test(command))
        return false;
      found = fault;
      return true;
    });
    return found;
  }

  /** Routes of the admin port: GET lists what is still to come, POST orders one, DELETE cancels all. */
  get routes(): Hono {
    const routes = new Hono();
    routes.get("/ssh-faults", (c) => c.json(this.faults));
    routes.post("/ssh-faults", async (c) => {
      const parsed = faultSchema.safeParse(await c.req.json().catch(() => undefined));
      if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400);
      this.faults.push(parsed.data);
      return c.json({ ok: true });
    });
    routes.delete("/ssh-faults", (c) => {
      this.faults = [];
      return c.json({ ok: true });
    });
    return routes;
  }

  private strike(strikes: (fault: SshFault) => boolean): boolean {
    const fault = this.faults.find(strikes);
    if (fault === undefined) return false;
    fault.times -= 1;
    this.faults = this.faults.filter(({ times }) => times > 0);
    return true;
  }
}

const covers = (fault: { host: string }, host: string): boolean =>
  fault.host === "*" || fault.host === host;
