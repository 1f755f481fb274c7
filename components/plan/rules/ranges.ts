import { ports } from "../ports";
import { type Problem } from "../problems";
import { isWorld } from "./exposure";

/** Ports of the cluster on any host: an entry may move to the masters, or members of etcd to those. */
const taken: ReadonlySet<number> = new Set(
  Object.values(ports).filter((port) => typeof port === "number"),
);

/** A port that a service is fronted at, which the cluster may not need itself. */
export function portProblems(path: string, port: number): Problem[] {
  if (!taken.has(port)) return [];
  const message = `got ${port}, which the cluster itself needs`;
  const free = [...taken].filter((each) => each < ports.firstLocal).sort((a, b) => a - b);
  return [{ path, message, fix: `Use another port than ${free.join(", ")}` }];
}

/** Ranges that may reach a service that is fronted. */
export function worldProblems(path: string, cidrs: readonly string[]): Problem[] {
  return cidrs.flatMap((cidr, index) =>
    isWorld(cidr)
      ? [
          {
            path: `${path}.${index}`,
            message: `got ${cidr}, which is everybody`,
            fix: "List the ranges that its clients are in",
          },
        ]
      : [],
  );
}
