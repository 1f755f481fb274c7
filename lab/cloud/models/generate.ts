import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { services } from "../services";
import { compactModels, modelsText, type ApiDescription } from "./compact";
import { plannedActions } from "./planned";
import { ensureTccli, tccliVersion } from "./tccli";

/** Actions a model is kept of: those planned and any other that is served. */
export function modelledActions(service: string): string[] {
  const served = services.find((each) => each.name === service)?.actions.keys() ?? [];
  return [...new Set([...(plannedActions[service] ?? []), ...served])].sort();
}

/** Names of all services that have models. */
export const modelledServices = [
  ...new Set([...Object.keys(plannedActions), ...services.map((each) => each.name)]),
].sort();

/** Text of each service's model file, made from the pinned tccli. @throws Error when tccli cannot be had or lacks an action. */
export function generateModels(): Map<string, string> {
  const root = join(ensureTccli(), "tccli", "services");
  return new Map(
    modelledServices.map((service) => {
      // Versions sort by their date; all of these services have the one that matters as their newest.
      const version =
        readdirSync(join(root, service))
          .filter((each) => /^v\d{8}$/.test(each))
          .sort()
          .at(-1) ?? "";
      const api = JSON.parse(
        readFileSync(join(root, service, version, "api.json"), "utf8"),
      ) as ApiDescription;
      const source = `facts of PyPI tccli ${tccliVersion()}, services/${service}/${version}/api.json; made by models/generate.ts`;
      return [service, modelsText(compactModels(api, modelledActions(service), source))];
    }),
  );
}

/** `tsx lab/cloud/models/generate.ts` writes the model files anew. */
if (require.main === module) {
  for (const [service, text] of generateModels()) {
    writeFileSync(join(__dirname, `${service}.json`), text);
    process.stdout.write(`${service}.json: ${text.length} bytes\n`);
  }
}
