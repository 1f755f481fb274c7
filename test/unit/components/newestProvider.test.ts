import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { versions } from "../../../toolchain/versions";
import { HaCluster } from "../../../components/cluster";
import { parseClusterConfig, planCluster } from "../../../components/plan";
import { fixedSettings } from "../../../components/plan/changes";
import { instanceToken } from "../../../components/errors/turns";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { examples } from "../../support/examples";
import { secretsIn } from "../../support/readable";
import { record, type Registered, settled } from "./support/recording";
import { camel, fieldName, fieldsOf, unknownPaths } from "./support/schema";
import { outputsRead } from "./support/tencentcloud";

const mockVersion = { version: "" };
jest.mock(
  "@pulumi/tencentcloud/package.json",
  () => ({ pulumi: { parameterization: mockVersion } }),
  { virtual: true },
);
/** The provider's version that people get and `test/data` describes, and the one before it that builds from modules. */
const [newest, older] = ["1.83.25", "1.81.90"];
/** The examples, as clusters of different names. */
const clusters = Object.entries(examples).map(([name, file]) => {
  const { config } = parse(readFileSync(file, "utf8")) as {
    config: Record<string, ClusterConfigInput>;
  };
  const cluster = config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;
  return { ...cluster, name: name.toLowerCase() };
});

/** What the examples register with a version of the provider. */
async function registeredWith(version: string): Promise<Registered[]> {
  mockVersion.version = version;
  const registered = await record();
  for (const config of clusters) new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const ofCloud = (registered: Registered[]) =>
  registered.filter(({ type }) => type.startsWith("tencentcloud:"));
const label = ({ type, name }: Registered) => `${type.split(":").at(-1) ?? ""} ${name}`;
/** What a provider replaces a resource for, of what the program sets. */
const forced = ({ type, inputs }: Registered) => {
  const fields = fieldsOf(type);
  return Object.keys(inputs).filter((input) => {
    const name = fieldName(fields, input);
    return inputs[input] !== undefined && name !== undefined && fields[name]?.ForceNew === true;
  });
};

let asNewest: Registered[];
let asOlder: Registered[];
beforeAll(async () => {
  asOlder = await registeredWith(older);
  asNewest = await registeredWith(newest);
});

test("the data is of the version that people get", () =>
  expect(versions.provider).toEqual({ official: newest, buildable: older }));

describe("the program fits the newest provider's schema", () => {
  test("every input that is set is a field, of the older version's, too", () => {
    const unknown = [...ofCloud(asNewest), ...ofCloud(asOlder)].flatMap((resource) =>
      unknownPaths(fieldsOf(resource.type), resource.inputs).map(
        (path) => `${label(resource)}: ${path}`,
      ),
    );
    expect(unknown).toEqual([]);
    expect(new Set(ofCloud(asNewest).map(({ type }) => type)).size).toBe(25);
  });

  test("every required field is set", () => {
    const missing = ofCloud(asNewest).flatMap((resource) => {
      const fields = fieldsOf(resource.type);
      const set = Object.entries(resource.inputs).flatMap(([input, value]) =>
        value === undefined ? [] : [fieldName(fields, input)],
      );
      return Object.entries(fields)
        .filter(([name, { Required }]) => Required && !set.includes(name))
        .map(([name]) => `${label(resource)}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  test("every output that is read is a field", () => {
    // Of a class of our own, whose outputs are those that are read.
    const own = ["createTime", "privateIp"].map((output) => `${instanceToken}.${output}`);
    const unknown = [...outputsRead, ...own].filter((read) => {
      const [type, output] = read.split(".") as [string, string];
      return fieldName(fieldsOf(type), output) === undefined;
    });
    expect(unknown).toEqual([]);
    expect([...outputsRead]).toContain("tencentcloud:index/eip:Eip.publicIp");
  });
});

describe("a field that replaces is guarded", () => {
  const kept = ["Vpc", "Subnet", "CbsStorage"];
  // Of the entry nothing: another kind may take its place.
  const keptOfRoles = ["Instance", "PlacementGroup"];
  const isKept = (resource: Registered) => {
    const [noun = ""] = label(resource).split(" ");
    const ofRole = keptOfRoles.includes(noun) && /-(etcd|master)(-|$)/.test(resource.name);
    return kept.includes(noun) || ofRole;
  };

  test.each([
    ["newest", () => asNewest],
    ["older", () => asOlder],
  ])("data and identity are protected: with the %s", (_, registered) => {
    const protects = registered().filter(({ options }) => options.protect);
    const commands = clusters.flatMap((cluster) => {
      const fixed = fixedSettings(planCluster(parseClusterConfig(cluster)));
      const own = ["pki-authorities", ...fixed.map(([setting]) => `fixed-${setting}`)];
      return own.map((what) => `Command ${cluster.name}-${what}`);
    });
    expect(protects.map(label).sort()).toEqual(
      [...commands, ...ofCloud(registered()).filter(isKept).map(label)].sort(),
    );
  });

  test("whatever else may be replaced holds no data, and goes before its successor comes", () => {
    // No setting changes a placement group.
    const others = ofCloud(asNewest)
      .filter((each) => forced(each).length > 0 && !isKept(each))
      .filter(({ type }) => !type.endsWith(":PlacementGroup"));
    const unguarded = others.filter(({ options }) => !options.deleteBeforeReplace);
    expect(unguarded.map(label)).toEqual([]);
    expect([...new Set(others.map(({ type }) => type.split(":").at(-1)))].sort()).toEqual([
      "CamPolicy",
      "CamRole",
      "CamRolePolicyAttachment",
      "CbsStorageAttachment",
      "ClbInstance",
      "ClbListener",
      "ClbTargetGroup",
      "ClbTargetGroupAttachment",
      "ClbTargetGroupInstanceAttachment",
      "EipAssociation",
      "HaVip",
      "HaVipInstanceAttachment",
      "Instance",
      "KeyPair",
      "NatGateway",
      "PrivateDnsRecord",
      "PrivateDnsZone",
      "RouteTableEntry",
      "SecurityGroupRuleSet",
    ]);
  });

  test("what holds an address, a name or an attachment goes before its successor comes, protected or not", () => {
    const exclusive = ofCloud(asNewest).filter(({ inputs }) =>
      ["privateIp", "vip", "keyName", "instanceId"].some((input) => inputs[input] !== undefined),
    );
    expect(exclusive.filter(({ options }) => !options.deleteBeforeReplace).map(label)).toEqual([]);
    expect(exclusive.length).toBeGreaterThan(3);
  });

  test("a stack that goes from the older provider to the newest keeps what it has", () => {
    const before = new Map(ofCloud(asOlder).map((resource) => [label(resource), resource]));
    const replaced = ofCloud(asNewest).flatMap((resource) => {
      const old = before.get(label(resource));
      if (old === undefined) return [];
      return forced(resource)
        .filter((input) => !isDeepStrictEqual(resource.inputs[input], old.inputs[input]))
        .filter((input) => !resource.options.ignoreChanges.includes(input))
        .map((input) => `${label(resource)}: ${input}`);
    });
    expect(replaced).toEqual([]);
  });
});

describe("no secret is readable in the state", () => {
  /** What the newest provider reads back beside the inputs: it answers user data in base64, whichever way it was given. */
  const echoes: Record<string, (inputs: Record<string, unknown>) => object> = {
    "tencentcloud:index/instance:Instance": ({ userDataRaw }) => ({
      userData: Buffer.from(String(userDataRaw)).toString("base64"),
    }),
  };

  /** Inputs and outputs as the engine writes them: what is marked secret, or has the name of an input that is, is encrypted. */
  function written({ type, name, inputs, outputs, secretInputs, options }: Registered): object {
    const secret = new Set([...secretInputs, ...options.additionalSecretOutputs]);
    const seal = (values: object, sealed: (key: string) => boolean) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, sealed(key) ? "[secret]" : value]),
      );
    return {
      name,
      inputs: seal(inputs, (key) => secretInputs.includes(key)),
      outputs: seal({ ...inputs, ...outputs, ...echoes[type]?.(inputs) }, (key) => secret.has(key)),
    };
  }

  /** Of the recording, beside keys in PEM. */
  const known = ["SECRET "];

  test("with what the newest provider reads back", () => {
    expect(secretsIn(asNewest.map(written), known)).toEqual([]);
  });

  test("though without the mark of outputs host keys would be", () => {
    const unmarked = ofCloud(asNewest).map(({ options, ...rest }) =>
      written({ ...rest, options: { ...options, additionalSecretOutputs: [] } }),
    );
    const found = secretsIn(unmarked, known);
    expect(found).toHaveLength(ofCloud(asNewest).filter(({ type }) => echoes[type]).length);
    expect(found[0]).toMatch(/\.outputs\.userData, base64$/);
  });

  test("whatever of the schema may show a secret input, or is a secret by its name, is marked", () => {
    const open = ofCloud(asNewest).flatMap((resource) => {
      const { type, secretInputs, options } = resource;
      const fields = fieldsOf(type);
      const secrets = secretInputs.map((input) => fieldName(fields, input) ?? input);
      // `user_data` shows `user_data_raw`.
      const shows = (name: string) =>
        secrets.some((secret) => secret.startsWith(`${name}_`) || name.startsWith(`${secret}_`));
      return Object.entries(fields)
        .filter(([name]) => shows(name) || /private_key|password|secret|token/.test(name))
        .filter(([, { Sensitive, type: kind }]) => !Sensitive && kind === "TypeString")
        .filter(([name]) => !options.additionalSecretOutputs.includes(camel(name)))
        .map(([name]) => `${label(resource)}: ${name}`);
    });
    expect(open).toEqual([]);
  });
});
