import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import fc from "fast-check";
import { parse } from "yaml";
import { parseClusterConfig } from "../../../components/plan";
import { settingChanges } from "../../../components/plan/changes";
import {
  clusterSettings,
  type SettingSchema,
  stackSchema,
} from "../../../operations/configurationDocs/jsonSchema";
import { settingsOf } from "../../../operations/configurationDocs/settings";
import { configurationDocs } from "../../../operations/configurationDocs";
import { clusterKey, exampleConfig, examplesOf, variations } from "../../../lab/examples";
import { clusterConfigs } from "../../support/clusterConfigs";
import { minimalConfig } from "../plan/fixture";
import { exampleOf, settingExamples } from "../plan/settingExamples";

const root = resolve(__dirname, "../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

const docs = configurationDocs();

test.each(Object.keys(docs))(
  "%s is up to date: run `npx tsx operations/configurationDocs.ts`",
  (file) => expect(read(file)).toBe(docs[file]),
);

describe("every setting says itself what it is", () => {
  const settings = settingsOf(clusterSettings());
  const paths = new Set(settings.map(({ path }) => path));
  const group = ({ properties, oneOf }: SettingSchema) => (properties ?? oneOf) !== undefined;

  test("those whose change is told are all there", () => {
    expect(Object.keys(settingChanges).filter((path) => !paths.has(path))).toEqual([]);
  });

  test("in a sentence or more", () => {
    const wanting = settings.filter(({ schema }) => !/^\S.*\S\.$/.test(schema.description ?? ""));
    expect(wanting.map(({ path }) => path)).toEqual([]);
  });

  test("and what holds without it, unless it is required", () => {
    const wanting = settings.filter(
      ({ schema, required }) =>
        !required &&
        !group(schema) &&
        schema.default === undefined &&
        schema.defaultText === undefined,
    );
    expect(wanting.map(({ path }) => path)).toEqual([]);
  });

  test("and what its numbers count", () => {
    const numbers = settings.flatMap(({ path, schema }) =>
      partsOf(schema).flatMap(({ type, unit }) =>
        type === "integer" || type === "number" ? [{ path, unit }] : [],
      ),
    );
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.filter(({ unit }) => unit === undefined)).toEqual([]);
  });

  test("and its texts what they have to look like", () => {
    const texts = settings.flatMap(({ path, schema }) =>
      partsOf(schema).flatMap(({ type, form, ...fixed }) =>
        type === "string" && fixed.enum === undefined && fixed.const === undefined
          ? [{ path, form }]
          : [],
      ),
    );
    expect(texts.filter(({ form }) => form === undefined)).toEqual([]);
  });

  test("defaults are what a configuration without them gets", () => {
    const [written, filled] = [minimalConfig(), parseClusterConfig(minimalConfig())];
    const told = settings
      .filter(({ path, branch }) => branch.length === 0 && !path.includes("[]"))
      .filter(({ path, schema }) => !group(schema) && at(written, path) === undefined)
      .filter(({ schema }) => schema.default !== undefined)
      // Those of a section that has to be asked for hold in nobody's who does not.
      .filter(({ path }) => at(filled, path.split(".").slice(0, -1).join(".")) !== undefined);
    expect(told.length).toBeGreaterThan(30);
    expect(told.map(({ path, schema }) => [path, schema.default])).toEqual(
      told.map(({ path }) => [path, at(filled, path)]),
    );
  });

  test("each has a heading of its own in the reference", () => {
    const headings = (docs["docs/settings.md"] ?? "").match(/(?<=^##+ `)[^`]+(?=`$)/gm) ?? [];
    expect([...headings].sort()).toEqual([...paths].sort());
    const anchors = headings.map((heading) => heading.toLowerCase().replace(/[^\w-]/g, ""));
    expect(new Set(anchors).size).toBe(anchors.length);
  });
});

/** What an object has at a path. */
function at(object: object, path: string): unknown {
  return path
    .split(".")
    .filter((key) => key !== "")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

/** A schema and what it is made of, but for its settings. */
function partsOf(schema: SettingSchema): SettingSchema[] {
  const { items, propertyNames, additionalProperties, anyOf = [] } = schema;
  return [schema, ...anyOf, items, propertyNames, additionalProperties || undefined].flatMap(
    (part) => (part === undefined ? [] : part === schema ? [schema] : partsOf(part)),
  );
}

describe("the JSON Schema of a stack's file", () => {
  // `uri` is a word to editors: no pattern of it is in the standard.
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    keywords: ["errorMessage"],
    formats: { uri: true },
  });
  const validate = ajv.compile(stackSchema());

  /** What is wrong with a stack's file. */
  const faultsOf = (stack: unknown) =>
    validate(stack)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const faultsIn = (cluster: unknown) => faultsOf({ config: { [clusterKey]: cluster } });

  /** Files of stacks that people start from; those that tests write beside them are none. */
  const ofExamples = readdirSync(join(root, "examples"))
    .flatMap((example) =>
      readdirSync(join(root, "examples", example)).map((file) => `examples/${example}/${file}`),
    )
    .filter((file) => /\/Pulumi\.(?!test\.)[\w-]+\.yaml$/.test(file));

  test("there are examples of stacks", () => {
    expect(ofExamples).toContain("examples/one-zone/Pulumi.prod.yaml");
  });

  test.each(["Pulumi.prod.yaml", "Pulumi.lab.yaml", ...ofExamples])(
    "%s names it, and keeps to it",
    (file) => {
      const text = read(file);
      const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? "";
      expect(join(dirname(file), named)).toBe("docs/stack.schema.json");
      expect(existsSync(join(root, dirname(file), named))).toBe(true);
      const stack = parse(text) as { config: Record<string, unknown> };
      expect(faultsOf(stack)).toEqual([]);
      expect(() => parseClusterConfig(stack.config[clusterKey])).not.toThrow();
    },
  );

  test.each(variations.flatMap((what) => examplesOf(what).map((name) => ({ [what]: name }))))(
    "the lab's example %j keeps to it",
    (variation) => {
      const base = read("Pulumi.lab.yaml");
      for (const zones of [1, 3])
        expect(faultsOf(exampleConfig(base, variation, zones))).toEqual([]);
    },
  );

  test("so does what the environment of examples/esc makes of Pulumi.prod.yaml, and its keys are secrets", () => {
    const { values } = parse(read("examples/esc/environment.yaml")) as {
      values: {
        tencentcloud: Record<"secretId" | "secretKey" | "region", unknown>;
        environmentVariables: Record<string, string>;
        pulumiConfig: Record<string, unknown>;
      };
    };
    const { tencentcloud, environmentVariables, pulumiConfig } = values;
    for (const key of [tencentcloud.secretId, tencentcloud.secretKey])
      expect(key).toEqual({ "fn::secret": expect.any(String) as string });
    const referred = [...Object.values(environmentVariables), pulumiConfig["tencentcloud:region"]];
    for (const reference of referred)
      expect(Object.keys(tencentcloud).map((key) => `\${tencentcloud.${key}}`)).toContain(
        reference,
      );

    const { config } = parse(read("Pulumi.prod.yaml")) as { config: Record<string, object> };
    const shared = pulumiConfig[clusterKey] as { tags: object };
    const own = config[clusterKey] as { tags: object };
    // A merge patch, in which the stack's own wins.
    const cluster = { ...shared, ...own, tags: { ...shared.tags, ...own.tags } };
    expect(faultsIn(cluster)).toEqual([]);
    expect(Object.keys(parseClusterConfig(cluster).tags)).toEqual(
      expect.arrayContaining(["team", "cost-center", "environment"]),
    );
  });

  test.each(Object.keys(settingExamples))("takes an example of %s", (setting) => {
    const { before, after } = exampleOf(setting);
    expect([...faultsIn(before), ...faultsIn(after)]).toEqual([]);
  });

  test("takes whatever is a configuration", () => {
    fc.assert(
      fc.property(clusterConfigs, (config) => {
        // The rules between settings are not said in it.
        expect(faultsIn(config)).toEqual([]);
      }),
    );
  });

  test("takes what else a stack's file has, and knows the project's other settings", () => {
    const [beside, rotation] = ["tencentcloud:region", "tencentcloud-kubernetes-ha:pkiRotation"];
    const config = { [clusterKey]: minimalConfig(), [beside]: "ap-guangzhou" };
    expect(faultsOf({ environment: ["team/prod"], encryptionsalt: "v1:x", config })).toEqual([]);
    expect(faultsOf({ config: { ...config, [rotation]: 2 } })).toEqual([
      `/config/${rotation} must be string`,
    ]);
  });

  test.each<[string, unknown, string]>([
    ["name", "Prod", "/name must match pattern"],
    ["name", undefined, " must have required property 'name'"],
    ["arcitecture", "amd64", " must NOT have additional properties"],
    ["architecture", "riscv64", "/architecture must be equal to one of the allowed values"],
    ["versions.kubernetes", 1.36, "/versions/kubernetes must be string"],
    ["versions.etcd", "3.7", "/versions/etcd must match pattern"],
    ["network.vpcCidr", "10.0.0.0", "/network/vpcCidr must match pattern"],
    ["network.zones", [], "/network/zones must NOT have fewer than 1 items"],
    ["bastion.allowedCidrs", undefined, "/bastion must have required property 'allowedCidrs'"],
    ["etcd.disk", { sizeGiB: 55 }, "/etcd/disk/sizeGiB must be multiple of 10"],
    ["etcd.members", "3", "/etcd/members must be integer"],
    ["etcd.topology", "inner", "/etcd must match exactly one schema in oneOf"],
    ["etcd.snapshots", { every: "7h" }, "/etcd/snapshots/every must be equal to one of"],
    ["entry.kind", "f5", "/entry must match exactly one schema in oneOf"],
    ["entry.scheduler", "lc", "/entry must match exactly one schema in oneOf"],
    ["workers.0.taints", [{ key: "gpu" }], "/workers/0/taints/0 must have required property"],
    ["workers.0.labels", { "a b": "c" }, "/workers/0/labels property name must be valid"],
    ["tags", { team: "" }, "/tags/team must match pattern"],
    ["sources.baseUrl", "https://x.test/y?z", "/sources/baseUrl must match pattern"],
    ["sources.imageRepository", "https://x.test/y", "/sources/imageRepository must match pattern"],
    ["proxy", { httpProxy: "http://a:b@x.test" }, "/proxy/httpProxy must match pattern"],
    ["kubelet", { maxPods: "110" }, "/kubelet/maxPods must be integer"],
    ["generations", { "worker-1": 0 }, "/generations/worker-1 must be >= 1"],
  ])("refuses %s = %j, as the program does", (path, value, expected) => {
    const config = minimalConfig();
    set(config, path.split("."), value);
    const at = `/config/${clusterKey}`;
    expect(faultsIn(config)).toContainEqual(expect.stringContaining(`${at}${expected}`));
    expect(() => parseClusterConfig(config)).toThrow(path.split(".")[0]);
  });

  test("says in words what a pattern wants, and what holds without a setting", () => {
    const text = docs["docs/stack.schema.json"] ?? "";
    expect(text).toContain('"errorMessage": "Use an image id such as img-7ag0z2jt."');
    expect(text).toContain("Default: `api.<cluster>.internal`.");
    expect(text).not.toMatch(/"(form|unit|defaultText|newest|missing)":/);
  });
});

function set(config: object, [key = "", ...rest]: readonly string[], value: unknown): void {
  const at = config as Record<string, object>;
  if (rest.length > 0) set(at[key] ?? {}, rest, value);
  else if (value === undefined) Reflect.deleteProperty(at, key);
  else Object.assign(at, { [key]: value });
}
