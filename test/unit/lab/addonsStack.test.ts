import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { addonsConfig } from "../../../lab/addonsStack";
import { exampleConfig } from "../../../lab/examples";
import { versions } from "../../../toolchain/versions";
import { socksProxy } from "../../../operations/access/files";

const checkout = resolve(__dirname, "../../..");
const read = (file: string): unknown => parse(readFileSync(join(checkout, file), "utf8"));
const { name: project, config: declared } = read("examples/addons/Pulumi.yaml") as {
  name: string;
  config: Record<string, unknown>;
};
const { name: cluster } = read("Pulumi.yaml") as { name: string };
const lab = readFileSync(join(checkout, "Pulumi.lab.yaml"), "utf8");

test("the example refers to the lab's cluster, reaches it as anybody does, and pulls from the lab's mirror", () => {
  expect(addonsConfig(read("Pulumi.lab.yaml") as never)).toEqual({
    [`${project}:cluster`]: `organization/${cluster}/lab`,
    [`${project}:proxy`]: socksProxy(1080),
    [`${project}:metricsServerVersion`]: `v${versions.metricsServer}`,
    [`${project}:traefikVersion`]: `v${versions.traefik}`,
    [`${project}:imageRepository`]: "169.254.0.3:5000/kubernetes-ha",
  });
});

test("of a cluster that pulls from the projects' own places add-ons do so as well", () => {
  const config = addonsConfig(exampleConfig(lab, { sources: "upstream" }) as never);
  expect(Object.keys(config)).toEqual(
    ["cluster", "proxy", "metricsServerVersion", "traefikVersion"].map(
      (key) => `${project}:${key}`,
    ),
  );
});

test("all that the example's project declares is configured, or the engine refuses it", () => {
  expect(Object.keys(addonsConfig(read("Pulumi.lab.yaml") as never))).toEqual(
    expect.arrayContaining(Object.keys(declared).map((key) => `${project}:${key}`)) as unknown,
  );
});
