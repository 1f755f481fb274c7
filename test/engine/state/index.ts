import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

// A stack of one component, with an output as large as the state of a cluster of hundreds of hosts, and a run that lasts for as long as a file is there.
const config = new pulumi.Config();
const waitsFor = config.get("waitsFor");

new pulumi.ComponentResource("test:index:Component", "only");
export const secret = pulumi.secret("what nobody reads");
export const large = "0123456789abcdef".repeat(config.requireNumber("sixteens"));
export const ended = (async () => {
  while (waitsFor !== undefined && existsSync(waitsFor)) await delay(100);
  return true;
})();
