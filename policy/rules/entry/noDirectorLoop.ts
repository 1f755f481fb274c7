import { clusterName, groupBy, instancesOf } from "../../facts/instances";
import { type Stack } from "../../facts/stack";
import { stepsOf } from "../../facts/steps";
import { text } from "../../facts/values";
import { type Rule } from "../rule";

/** Compares those whom LVS sends frames to by direct routing with those who send them. With NAT what arrives is for the server alone. */
export const noDirectorLoop: Rule = {
  id: "entry-no-director-loop",
  description:
    "No LVS director is among the servers that directors send frames to (direct routing).",
  level: "mandatory",
  why:
    "A frame by direct routing is still for the virtual address, and a director that stands by has the kernel's rules for that too: it " +
    "sends on what another one sent to it, maybe back, and the connection never arrives.",
  source: "github.com/k0sproject/k0s, issue 5178",
  fix: "Give the directors hosts of their own",
  scope: "stack",
  judge: (stack) =>
    [...groupBy(directorsOf(stack), ({ cluster }) => cluster)].flatMap(([cluster, directors]) => {
      const servers = new Set(directors.flatMap(({ servers }) => servers));
      return directors
        .filter(({ address }) => address !== undefined && servers.has(address))
        .map(({ urn, host, address }) => ({
          message: `${clusterName(cluster)}: director ${host} (${address}) is a real server as well`,
          urn,
        }));
    }),
};

interface Director {
  cluster: string;
  urn: string;
  host: string;
  address: string | undefined;
  /** Whom it sends connections to. */
  servers: string[];
}

/** Hosts that steps tell to run LVS by direct routing. */
function directorsOf(stack: Stack): Director[] {
  const instances = new Map(
    instancesOf(stack).map((instance) => [
      text(instance.resource.props.instanceName) ?? "",
      instance,
    ]),
  );
  return stepsOf(stack).flatMap(({ resource: { urn }, host, files }) => {
    const servers = files.flatMap(({ path, content }) =>
      path.endsWith("/keepalived.conf") ? realServers(content ?? "") : [],
    );
    if (servers.length === 0) return [];
    const instance = instances.get(host);
    const address = text(instance?.resource.props.privateIp);
    return [{ cluster: instance?.cluster ?? "", urn, host, address, servers }];
  });
}

/** Servers that a keepalived sends frames to. */
function realServers(configuration: string): string[] {
  if (!/^\s*(lb_kind|lvs_method)\s+DR\b/m.test(configuration)) return [];
  return [...configuration.matchAll(/^\s*real_server\s+(\S+)/gm)].flatMap(([, server]) =>
    server === undefined ? [] : [server],
  );
}
