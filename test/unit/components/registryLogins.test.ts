import * as pulumi from "@pulumi/pulumi";
import { HaCluster } from "../../../components/cluster";
import { ClusterConfigError } from "../../../components/plan";
import { parseRegistryLogins } from "../../../components/plan/registryLogins";
import { renderRegistryLogins } from "../../../components/render";
import { line, minimalConfig, planHaving } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const password = "a-password-nobody-else-has";
const logins = { "harbor.example.com": { username: "robot$nodes", password } };

let registered: Registered[];
/** One cluster with logins, and one without. */
beforeAll(async () => {
  registered = await record();
  const config = minimalConfig();
  const registryLogins = pulumi.secret(logins);
  new HaCluster(config.name, { config, registryLogins });
  new HaCluster("bare", { config: { ...config, name: "bare" } });
  await settled(registered);
});

/** What a step places at the kubelet's path, and as whom. */
function placed(step: string) {
  const found = registered.find(({ name }) => name === step);
  if (found === undefined) throw new Error(`no step ${step}`);
  const { stdin, triggers } = found.inputs as unknown as CommandInputs;
  const { files } = JSON.parse(stdin) as {
    files: { path: string; content: string; mode: string }[];
  };
  const file = files.find(({ path }) => path === "/var/lib/kubelet/config.json");
  return { file, triggers: JSON.stringify(triggers) };
}

describe("with logins", () => {
  test.each(["prod-master-1-control-plane", "prod-worker-1-worker"])(
    "%s places them for root alone",
    (step) => {
      const { file, triggers } = placed(step);
      expect(file?.mode).toBe("0600");
      expect(JSON.parse(file?.content ?? "")).toEqual({
        auths: {
          "harbor.example.com": {
            auth: Buffer.from(`robot$nodes:${password}`).toString("base64"),
          },
        },
      });
      expect(triggers).toContain("/var/lib/kubelet/config.json");
    },
  );

  test("no other host has them, and they are plain nowhere", () => {
    expect(placed("prod-etcd-1-etcd").file).toBeUndefined();
    const encoded = Buffer.from(`robot$nodes:${password}`).toString("base64");
    for (const { name, inputs, secretInputs } of registered) {
      const plain = Object.entries(inputs).filter(([input]) => !secretInputs.includes(input));
      const text = JSON.stringify(plain);
      expect({ name, leaks: text.includes(password) || text.includes(encoded) }).toEqual({
        name,
        leaks: false,
      });
    }
  });
});

test("without any the file is there and says so: what was taken out is gone", () => {
  expect(placed("bare-worker-1-worker").file?.content).toBe('{"auths":{}}\n');
});

test("Docker Hub has the name that the kubelet looks for", () => {
  const { auths } = JSON.parse(
    renderRegistryLogins({ "docker.io": { username: "a", password: "b" } }),
  ) as { auths: object };
  expect(Object.keys(auths)).toEqual(["https://index.docker.io/v1/"]);
});

describe("what is wrong is told, and no value of a login", () => {
  const { config } = planHaving({});
  const said = (input: Record<string, unknown>) => {
    try {
      parseRegistryLogins(input, config);
      return [];
    } catch (error) {
      if (!(error instanceof ClusterConfigError)) throw error;
      return error.problems.map(line);
    }
  };

  test.each<[string, Record<string, unknown>, string[]]>([
    ["nothing", logins, []],
    [
      "an address",
      { "https://harbor.example.com": logins["harbor.example.com"] },
      [
        'registryLogins.https://harbor.example.com: got "https://harbor.example.com". Use <host> or <host>:<port>, with a port of 1 to 65535.',
      ],
    ],
    [
      "no password",
      { "harbor.example.com": { username: "a" } },
      [
        "registryLogins.harbor.example.com: password is not as it has to be. Give it a username, which has no colon and no blank, and a password, and nothing else.",
      ],
    ],
    [
      "a name with a colon",
      { "harbor.example.com": { username: `a:${password}`, password } },
      [
        "registryLogins.harbor.example.com: username is not as it has to be. Give it a username, which has no colon and no blank, and a password, and nothing else.",
      ],
    ],
    [
      "a text",
      { "harbor.example.com": password },
      [
        "registryLogins.harbor.example.com: it is not as it has to be. Give it a username, which has no colon and no blank, and a password, and nothing else.",
      ],
    ],
    [
      "the mirror's own registry",
      { "registry.test": logins["harbor.example.com"] },
      [
        "registryLogins.registry.test: sources.imageRepository is in it, and hosts pull from there before they log in. Let the repository of the cluster's own images be read without a login, and take it out.",
      ],
    ],
  ])("%s", (_, input, expected) => {
    expect(said(input)).toEqual(expected);
    expect(said(input).join()).not.toContain(password);
  });
});
