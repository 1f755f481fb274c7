import { parse } from "yaml";

/** What a host is like, as collect.py prints it. */
export interface Collected {
  processes: Record<string, string[]>;
  files: Record<string, { mode: number; uid: number; gid: number }>;
  kubelet: string;
}

/** What the checks ask of a host. */
export class HostFacts {
  private readonly configuration: Record<string, unknown>;

  constructor(private readonly collected: Collected) {
    this.configuration = (parse(collected.kubelet) ?? {}) as Record<string, unknown>;
  }

  /** Whether a program runs here. The kubelet counts as that of a node only: an etcd host has one that belongs to no cluster and serves nobody. */
  runs(program: string): boolean {
    if (program === "kubelet" && this.files(/\/kubernetes\/kubelet\.conf$/).length === 0)
      return false;
    return program in this.collected.processes;
  }

  /** Value of a flag; undefined when it is not given, "true" when it has none. */
  flag(program: string, name: string): string | undefined {
    const given = this.collected.processes[program]?.find(
      (each) => each === `--${name}` || each.startsWith(`--${name}=`),
    );
    return given?.includes("=") === true ? given.slice(given.indexOf("=") + 1) : given && "true";
  }

  /** Words of a flag that is a list. */
  list(program: string, name: string): string[] {
    return this.flag(program, name)?.split(",") ?? [];
  }

  /** A setting of the kubelet, `authentication.anonymous.enabled`. */
  kubelet(path: string): unknown {
    return path
      .split(".")
      .reduce<unknown>(
        (at, key) => (at as Record<string, unknown> | undefined)?.[key],
        this.configuration,
      );
  }

  /** Files that are there and whose path matches. */
  files(pattern: RegExp): { path: string; mode: number; uid: number; gid: number }[] {
    return Object.entries(this.collected.files).flatMap(([path, file]) =>
      pattern.test(path) ? [{ path, ...file }] : [],
    );
  }
}
