import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { HaCluster } from "../../../../components/cluster";
import type { ClusterConfigInput } from "../../../../components/plan/config";
import { record, settled } from "./recording";

const repository = join(__dirname, "../../../..");

/** Names of the SDK's classes that the program's sources construct, or stand in for, whichever configuration and provider it takes. */
export function classesInSources(): string[] {
  const files = readdirSync(join(repository, "components"), { recursive: true, encoding: "utf8" });
  const names = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(repository, "components", file), "utf8"))
    .flatMap((text) => [
      ...text.matchAll(/\bnew (?:tencentcloud|sdk)\.(\w+)\(/g),
      ...text.matchAll(/"tencentcloud:index\/\w+:(\w+)"/g),
    ])
    .flatMap(([, name]) => name ?? []);
  return [...new Set(names)].sort();
}

/** Types of the provider's resources that the lab's cluster registers. */
export async function typesRegistered(): Promise<string[]> {
  const { config } = parse(readFileSync(join(repository, "Pulumi.lab.yaml"), "utf8")) as {
    config: Record<string, ClusterConfigInput>;
  };
  const cluster = config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;
  const registered = await record();
  new HaCluster(cluster.name, { config: cluster });
  await settled(registered);
  const types = registered.map(({ type }) => type);
  return [...new Set(types)].filter((type) => type.startsWith("tencentcloud:"));
}

/** Pulumi's type of a class of the SDK: `tencentcloud:index/haVip:HaVip`. */
export function typeOfClass(name: string): string {
  return `tencentcloud:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

/** Terraform's name of the same: `tencentcloud_ha_vip`. */
export function terraformName(name: string): string {
  return `tencentcloud${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
