import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { masterKeys, type RotatedKey, type RotationPhase } from "../../../components/plan/rotation";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const file = join(__dirname, "..", "..", "..", "Pulumi.lab.yaml");
const { config } = parse(readFileSync(file, "utf8")) as {
  config: Record<string, ClusterConfigInput>;
};
const lab = config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;

/** What the program registers with some keys at a phase; without one, as a cluster begins. */
async function registered(
  generation?: number,
  phase?: RotationPhase,
  keys: readonly RotatedKey[] = masterKeys,
): Promise<Registered[]> {
  const made = await record();
  const pki = phase && {
    rotation: Object.fromEntries(keys.map((key) => [key, { generation, phase }])),
  };
  new HaCluster(lab.name, { config: { ...lab, ...(pki && { pki }) } });
  await settled(made);
  return made;
}

interface Request {
  params: Record<string, unknown>;
  files: { path: string; mode: string; content: string }[];
}

const masterStep = (made: Registered[]) => stepOf(made, "lab-master-1-control-plane");

function stepOf(made: Registered[], step: string) {
  const found = made.find(({ name }) => name === step);
  const inputs = found?.inputs as CommandInputs | undefined;
  const { params, files } = JSON.parse(inputs?.stdin ?? "{}") as Request;
  const placed = (path: string) => files.find((each) => each.path === path);
  const of = (path: string) => placed(`/etc/kubernetes/${path}`);
  return {
    params,
    placed,
    text: (path: string) => of(path)?.content,
    mode: (path: string) => of(path)?.mode,
  };
}

/** What a master is given of keys, by name. */
function keysOf(made: Registered[]) {
  const { text } = masterStep(made);
  const { resources } = parse(text("encryption/config.yaml") ?? "") as {
    resources: [{ providers: [{ secretbox: { keys: { name: string; secret: string }[] } }] }];
  };
  const [{ secretbox }] = resources[0].providers;
  return {
    encryption: secretbox.keys.map(({ name }) => name),
    secrets: new Set(secretbox.keys.map(({ secret }) => secret)).size,
    signs: text("pki/sa.key"),
    accepted: text("pki/sa.pub"),
  };
}

const own = (made: Registered[]) =>
  made
    .filter(({ name }) =>
      /^lab-pki-(encryption-key|service-account-key|kubernetes-ca|etcd-ca|front-proxy-ca)-/.test(
        name,
      ),
    )
    .map(({ name, options }) => ({ name, protect: options.protect }))
    .sort((one, other) => one.name.localeCompare(other.name));
const patches = (made: Registered[]) => {
  const { text } = masterStep(made);
  return ["kube-apiserver+json.yaml", "kube-controller-manager+strategic.yaml"].map((patch) =>
    text(`patches/${patch}`),
  );
};

let never: Registered[];
const at = new Map<RotationPhase, Registered[]>();
const phase = (of: RotationPhase) => at.get(of) ?? [];
beforeAll(async () => {
  never = await registered();
  for (const each of ["trust", "use", "retire"] as const) at.set(each, await registered(2, each));
});

const [key1, key2] = ["SECRET sa", "SECRET sa 2"];
const [pub1, pub2] = ["sa public\n", "sa 2 public\n"];

test("a cluster that has replaced nothing has the keys that it was made with, and nothing else", () => {
  expect(own(never)).toEqual([]);
  expect(keysOf(never)).toEqual({
    ...{ encryption: ["key1"], secrets: 1, signs: key1, accepted: pub1 },
  });
  expect(patches(never)[1]).toBeUndefined();
});

test("another generation is made once, is protected, and stays through all of its phases", () => {
  const made = [
    { name: "lab-pki-encryption-key-2", protect: true },
    { name: "lab-pki-etcd-ca-2", protect: true },
    { name: "lab-pki-front-proxy-ca-2", protect: true },
    { name: "lab-pki-kubernetes-ca-2", protect: true },
    { name: "lab-pki-service-account-key-2", protect: true },
  ];
  for (const each of at.values()) expect(own(each)).toEqual(made);
});

test("no other resource comes, goes or moves", () => {
  const names = (made: Registered[]) =>
    made
      // What another authority issues is another resource: one that is replaced would keep the authority it was made by.
      .map(({ type, name }) => `${type} ${name.replace("clients-ca-2", "clients")}`)
      .sort();
  for (const each of at.values())
    expect(names(each).filter((name) => !/-(key|ca)-2$/.test(name))).toEqual(names(never));
});

test("trust: both are accepted, the former is used", () => {
  expect(keysOf(phase("trust"))).toEqual({
    ...{ encryption: ["key1", "key2"], secrets: 2, signs: key1, accepted: pub1 + pub2 },
  });
});

test("use: the new one is used, both are accepted", () => {
  expect(keysOf(phase("use"))).toEqual({
    ...{ encryption: ["key2", "key1"], secrets: 2, signs: key2, accepted: pub2 + pub1 },
  });
});

test("retire: the new one is all there is", () => {
  expect(keysOf(phase("retire"))).toEqual({
    ...{ encryption: ["key2"], secrets: 1, signs: key2, accepted: pub2 },
  });
});

test("each phase has apiservers and controller-managers started anew, and says so in plain text", () => {
  const all = [never, ...at.values()].map(patches);
  for (const which of [0, 1]) expect(new Set(all.map((each) => each[which])).size).toBe(4);
  expect(masterStep(never).params["ROTATIONS"]).toEqual([
    "kubernetesCa 1 retire",
    "encryptionKey 1 retire",
    "serviceAccountKey 1 retire",
    "etcdCa 1 retire",
    "frontProxyCa 1 retire",
  ]);
  expect(masterStep(phase("use")).params["ROTATIONS"]).toEqual([
    "kubernetesCa 2 use",
    "encryptionKey 2 use",
    "serviceAccountKey 2 use",
    "etcdCa 2 use",
    "frontProxyCa 2 use",
  ]);
});

const certificatesIn = (pem = "") => {
  const found = [...pem.matchAll(/-----BEGIN[^]*?END CERTIFICATE-----\n/g)].map(String);
  expect(found.join("")).toBe(pem);
  return found;
};

describe.each([
  ["Kubernetes", "lab-master-1-control-plane", "ca"],
  ["the front proxy", "lab-master-1-control-plane", "front-proxy-ca"],
  ["etcd", "lab-etcd-1-etcd", "etcd/ca"],
])("the authority of %s", (_, step, file) => {
  /** Those that are accepted, and which of them has the key that issues. */
  function authorities(made: Registered[]) {
    const { text } = stepOf(made, step);
    const accepted = certificatesIn(text(`pki/${file}.crt`));
    const key = createPrivateKey(text(`pki/${file}.key`) ?? "");
    const issuing = accepted.map((each) => new X509Certificate(each).checkPrivateKey(key));
    return { accepted, issuing };
  }

  test("is the first of its file, by which kubeadm issues; the other is accepted", () => {
    const [first] = authorities(never).accepted;
    expect(authorities(never)).toEqual({ accepted: [first], issuing: [true] });
    const [trust, use, retire] = (["trust", "use", "retire"] as const).map((of) =>
      authorities(phase(of)),
    );
    expect(trust?.issuing).toEqual([true, false]);
    expect(trust?.accepted[0]).toBe(first);
    // Of the mocks, each run makes another.
    expect(use?.issuing).toEqual([true, false]);
    expect(use?.accepted[1]).toBe(first);
    expect(retire?.issuing).toEqual([true]);
    expect(retire?.accepted).not.toContain(first);
  });
});

test("the front proxy's authority has no apiserver restarted by itself", async () => {
  for (const each of ["trust", "use", "retire"] as const)
    expect(patches(await registered(2, each, ["frontProxyCa"]))).toEqual(patches(never));
});

describe("of the authority of Kubernetes", () => {
  const authorities = (made: Registered[]) =>
    certificatesIn(masterStep(made).text("pki/ca.crt")).map((crt) => new X509Certificate(crt));
  /** By which of those that are accepted a certificate is. */
  const issuer = (made: Registered[], certificate = "") =>
    authorities(made).findIndex(({ publicKey }) =>
      new X509Certificate(certificate).verify(publicKey),
    );

  test("who signs for kubelets has a file with the one that issues alone, once there has been another", () => {
    const flag = (made: Registered[]) => {
      const [, configuration] = (masterStep(made).text("kubeadm.yaml") ?? "").split("---\n");
      const { controllerManager } = parse(configuration ?? "") as {
        controllerManager: { extraArgs: { name: string; value: string }[] };
      };
      return controllerManager.extraArgs.find(({ name }) => name === "cluster-signing-cert-file")
        ?.value;
    };
    expect([flag(never), masterStep(never).text("pki/ca-signing.crt")]).toEqual([
      undefined,
      undefined,
    ]);
    for (const each of at.values()) {
      expect(flag(each)).toBe("/etc/kubernetes/pki/ca-signing.crt");
      const [signing, ...others] = certificatesIn(masterStep(each).text("pki/ca-signing.crt"));
      expect(others).toEqual([]);
      expect(signing).toBe(certificatesIn(masterStep(each).text("pki/ca.crt"))[0]);
    }
  });

  test("HAProxy knows masters by all that are accepted", () => {
    for (const each of [never, ...at.values()]) {
      const accepted = masterStep(each).text("pki/ca.crt");
      const { placed } = stepOf(each, "lab-balancer-1-balancer");
      expect(placed("/etc/haproxy/kubernetes-ca.crt")?.content).toBe(accepted);
    }
  });

  test("a machine joins by the one that issues", () => {
    for (const each of [never, ...at.values()]) {
      const client = stepOf(each, "lab-worker-1-worker").text("bootstrap-client.pem");
      expect(issuer(each, client)).toBe(0);
    }
  });

  test("is reached once every host has it", () => {
    const reached = phase("use").find(({ name }) => name === "lab-rotation-kubernetesCa");
    const steps = phase("use")
      .map(({ name }) => name)
      .filter((name) => /-\d+-(prepare|worker|etcd|balancer|control-plane)$/.test(name));
    expect(steps.length).toBeGreaterThan(10);
    expect(reached?.options.dependencies).toEqual(expect.arrayContaining(steps));
  });
});

describe("of etcd's authority", () => {
  const authorities = (made: Registered[], step: string) =>
    certificatesIn(stepOf(made, step).text("pki/etcd/ca.crt"));

  test("masters accept what members accept, and issue their own certificates by one below the one that issues", () => {
    for (const each of [never, ...at.values()]) {
      const accepted = authorities(each, "lab-etcd-1-etcd");
      expect(authorities(each, "lab-master-1-control-plane")).toEqual(accepted);
      const below = new X509Certificate(
        masterStep(each).text("pki/etcd-clients/etcd/ca.crt") ?? "",
      );
      const vouching = accepted.map((crt) => below.verify(new X509Certificate(crt).publicKey));
      expect(vouching).toEqual(accepted.map((_, index) => index === 0));
      expect(masterStep(each).text("pki/etcd/ca.key")).toBeUndefined();
    }
  });

  test("members start anew when what they accept changes, and only then", () => {
    const told = [never, phase("trust"), phase("use"), phase("retire")].map(
      (made) =>
        /name: KUBERNETES_HA_ETCD_CA\s+value: (.*)/.exec(
          stepOf(made, "lab-etcd-1-etcd").text("etcd.yaml") ?? "",
        )?.[1],
    );
    expect(told).toEqual([undefined, "1 2", "1 2", '"2"']);
  });

  test("members are told how far it is", () => {
    expect(stepOf(phase("use"), "lab-etcd-1-etcd").params["ROTATIONS"]).toEqual(["etcdCa 2 use"]);
  });
});

test("keys are on hosts as the first ones are: nobody but root reads one", () => {
  for (const each of [never, ...at.values()]) {
    const { mode } = masterStep(each);
    const secret = ["pki/ca.key", "pki/sa.key", "encryption/config.yaml", "pki/front-proxy-ca.key"];
    expect(secret.map(mode)).toEqual(secret.map(() => "0600"));
    const open = ["pki/ca.crt", "pki/sa.pub", "pki/front-proxy-ca.crt"];
    expect(open.map(mode)).toEqual(open.map(() => "0644"));
  }
});

test("how far each key is stands by itself, after all masters", () => {
  const phases = (made: Registered[]) =>
    made
      .filter(({ name }) => name.startsWith("lab-rotation-"))
      .map(({ name, inputs }) => [name, inputs["environment"]])
      .sort();
  expect(phases(phase("use"))).toEqual([
    ["lab-rotation-encryptionKey", { PHASE: "2 use" }],
    ["lab-rotation-etcdCa", { PHASE: "2 use" }],
    ["lab-rotation-frontProxyCa", { PHASE: "2 use" }],
    ["lab-rotation-kubernetesCa", { PHASE: "2 use" }],
    ["lab-rotation-operatorKey", { PHASE: "1 retire" }],
    ["lab-rotation-serviceAccountKey", { PHASE: "2 use" }],
  ]);
});

describe("the operator's key", () => {
  const operator = new Map<RotationPhase, Registered[]>();
  const at = (of: RotationPhase) => operator.get(of) ?? [];
  beforeAll(async () => {
    for (const each of ["trust", "use", "retire"] as const)
      operator.set(each, await registered(2, each, ["operatorKey"]));
  });

  /** What makes a host ready: that of a worker is one with what makes it a worker. */
  const isStep = ({ name }: Registered) => /-\d+-(prepare|worker)$/.test(name);
  /** Private keys that the program logs in with, the bastion included. */
  function logins(made: Registered[]): string[] {
    const ends = made.flatMap(({ inputs }) => {
      const { connection } = inputs as { connection?: { privateKey: string; proxy?: object } };
      return connection === undefined
        ? []
        : [connection, ...(connection.proxy ? [connection.proxy] : [])];
    });
    return [...new Set(ends.map((end) => (end as { privateKey: string }).privateKey))];
  }
  const ofType = (made: Registered[], type: string) =>
    made.filter((each) => each.type.endsWith(`:${type}`));
  /** By name: which of two is registered sooner says nothing. */
  const pairs = (made: Registered[]) =>
    ofType(made, "KeyPair")
      .map(({ inputs }) => [inputs["keyName"], inputs["publicKey"]])
      .sort();
  /** What hosts are told; all of them are told the same. */
  function told(made: Registered[]) {
    const steps = made.filter(isStep);
    const all = steps.map(({ inputs }) => {
      const { params } = JSON.parse((inputs as unknown as CommandInputs).stdin) as Request;
      return JSON.stringify([params["OPERATOR_KEYS"], params["FORMER_OPERATOR_KEYS"]]);
    });
    expect(all).toHaveLength(ofType(made, "Instance").length);
    const [one, ...others] = new Set(all);
    expect(others).toEqual([]);
    return JSON.parse(one ?? "") as unknown;
  }
  const born = (made: Registered[]) => {
    const texts = ofType(made, "Instance").map(({ inputs }) => {
      const { users } = parse(String(inputs["userDataRaw"])) as {
        users: [{ ssh_authorized_keys: string[] }];
      };
      return JSON.stringify([users[0].ssh_authorized_keys, inputs["keyIds"]]);
    });
    expect(new Set(texts).size).toBe(1);
    return JSON.parse(texts[0] ?? "") as unknown;
  };

  test("of a cluster that has replaced nothing is the one its hosts were born with, and they are told of none", () => {
    expect(told(never)).toEqual([[], []]);
    expect(pairs(never).map(([name]) => name)).toEqual(["lab_operator"]);
    expect(logins(never)).toHaveLength(1);
  });

  test("is there in both generations, each with a key pair of its own, which stays", () => {
    const names = ["lab_operator", "lab_operator_2"];
    for (const each of operator.values()) {
      expect(pairs(each).map(([name]) => name)).toEqual(names);
      expect(pairs(each)[0]).toEqual(pairs(never)[0]);
    }
  });

  test("opens hosts phase by phase: no step logs in with one that a host may not have", () => {
    const [[, first], [, second]] = pairs(at("trust")) as [[string, string], [string, string]];
    expect(told(at("trust"))).toEqual([[first, second], []]);
    expect(told(at("use"))).toEqual([[second, first], []]);
    expect(told(at("retire"))).toEqual([[second], [first]]);
    expect(logins(at("trust"))).toEqual(logins(never));
    expect(logins(at("use"))).not.toEqual(logins(never));
    expect(logins(at("retire"))).toEqual(logins(at("use")));
    expect(logins(at("use"))).toHaveLength(1);
  });

  test("of a host that comes meanwhile is that of the day; one that lives keeps its pair, as another would stop it", () => {
    const [[, first], [, second]] = pairs(at("trust")) as [[string, string], [string, string]];
    const ids = ["KeyPair-lab-operator", "KeyPair-lab-operator-2"];
    expect(born(at("trust"))).toEqual([[first, second], [ids[0]]]);
    expect(born(at("use"))).toEqual([[second, first], [ids[1]]]);
    expect(born(at("retire"))).toEqual([[second], [ids[1]]]);
    for (const { options } of ofType(at("use"), "Instance"))
      expect(options.ignoreChanges).toContain("keyIds");
  });

  test("is reached once every host has it, the bastion included", () => {
    const made = at("use");
    const reached = made.find(({ name }) => name === "lab-rotation-operatorKey");
    const steps = made.filter(isStep).map(({ name }) => name);
    expect(reached?.options.dependencies).toEqual(expect.arrayContaining(steps));
  });
});
