import { join } from "node:path";

/** Where the platform's process has its files in a lab's directory. */
export function platformFiles(labDir: string) {
  const dir = join(labDir, "platform");
  return {
    dir,
    /** The process takes orders here. */
    socket: join(dir, "socket"),
    /** What its probes last found. */
    health: join(dir, "health.json"),
    log: join(dir, "log"),
  };
}

/** Where the platform leads instances that ask for their metadata, the object storage or the API: the lab's daemon. */
export function instancesSocket(labDir: string): string {
  return join(labDir, "instances.sock");
}
