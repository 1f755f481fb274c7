import type { HostFacts } from "./facts";

/** One item of the CIS Kubernetes Benchmark that a program can decide. */
export interface Item {
  /** Its number in version 1.11. */
  number: string;
  title: string;
  /** Program whose hosts it is about. */
  of: string;
  /** What is wrong on a host; empty when nothing is. */
  wrong(host: HostFacts): string[];
}

const flag = (
  number: string,
  of: string,
  name: string,
  title: string,
  right: (value: string | undefined) => boolean,
): Item => ({
  ...{ number, of, title: `--${name} ${title}` },
  wrong: (host) => {
    const value = host.flag(of, name);
    return right(value) ? [] : [`--${name} is ${value ?? "not given"}`];
  },
});
const given = (value: string | undefined) => value !== undefined;
const atLeast = (least: number) => (value: string | undefined) => Number(value) >= least;
const isFalse = (value: string | undefined) => value === "false";
const isTrue = (value: string | undefined) => value === "true";
const notTrue = (value: string | undefined) => value !== "true";

const octal = (mode: number) => mode.toString(8);

/** Files that nobody has more rights to than `most`. */
const mode = (number: string, of: string, pattern: RegExp, most: number, title: string): Item => ({
  ...{ number, of, title: `${title}: ${octal(most)} or less` },
  wrong: (host) =>
    host
      .files(pattern)
      .filter((file) => (file.mode & ~most) !== 0)
      .map((file) => `${file.path} has ${octal(file.mode)}`),
});
const owner = (
  number: string,
  of: string,
  pattern: RegExp,
  title: string,
  name = "root",
): Item => ({
  ...{ number, of, title: `${title}: owned by ${name}` },
  wrong: (host) =>
    host
      .files(pattern)
      .filter((file) => name !== "root" || file.uid !== 0 || file.gid !== 0)
      .map((file) => `${file.path} belongs to ${file.uid}:${file.gid}`),
});
/** Mode and owner of one file, under two numbers. */
const file = (numbers: [string, string], of: string, pattern: RegExp, title: string): Item[] => [
  mode(numbers[0], of, pattern, 0o600, title),
  owner(numbers[1], of, pattern, title),
];

const kubelet = (
  number: string,
  path: string,
  title: string,
  right: (value: unknown) => boolean,
): Item => ({
  ...{ number, of: "kubelet", title: `${path} ${title}` },
  wrong: (host) => {
    const value = host.kubelet(path);
    return right(value)
      ? []
      : [`${path} is ${value === undefined ? "not set" : JSON.stringify(value)}`];
  },
});

const apiserver = "kube-apiserver";
const manager = "kube-controller-manager";
const scheduler = "kube-scheduler";
const manifest = (name: string) => new RegExp(`/manifests/${name}\\.yaml$`);
const strong = /^TLS_(AES|CHACHA20|ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM|CHACHA20))/;

const controlPlaneFiles: Item[] = [
  ...file(["1.1.1", "1.1.2"], apiserver, manifest(apiserver), "manifest of the apiserver"),
  ...file(["1.1.3", "1.1.4"], manager, manifest(manager), "manifest of the controller-manager"),
  ...file(["1.1.5", "1.1.6"], scheduler, manifest(scheduler), "manifest of the scheduler"),
  ...file(["1.1.7", "1.1.8"], "etcd", manifest("etcd"), "manifest of etcd"),
  ...file(["1.1.9", "1.1.10"], apiserver, /^\/etc\/cni\/net\.d\//, "CNI configuration"),
  mode("1.1.11", "etcd", /^\/var\/lib\/etcd$/, 0o700, "data of etcd"),
  owner("1.1.12", "etcd", /^\/var\/lib\/etcd$/, "data of etcd", "etcd"),
  ...file(["1.1.13", "1.1.14"], apiserver, /\/(super-)?admin\.conf$/, "administrator's kubeconfig"),
  ...file(["1.1.15", "1.1.16"], scheduler, /\/scheduler\.conf$/, "kubeconfig of the scheduler"),
  ...file(
    ["1.1.17", "1.1.18"],
    manager,
    /\/controller-manager\.conf$/,
    "kubeconfig of the controller-manager",
  ),
  owner("1.1.19", apiserver, /\/pki(\/|$)/, "keys and certificates"),
  mode("1.1.20", apiserver, /\/pki\/.*\.crt$/, 0o644, "certificates"),
  mode("1.1.21", apiserver, /\/pki\/.*\.key$/, 0o600, "keys"),
];

const apiserverItems: Item[] = [
  {
    ...{ number: "1.2.1", of: apiserver },
    title: "anonymous requests are refused, or limited to health paths by --authentication-config",
    wrong: (host) =>
      host.flag(apiserver, "anonymous-auth") === "false" ||
      host.flag(apiserver, "authentication-config") !== undefined
        ? []
        : ["anonymous requests reach every path"],
  },
  flag("1.2.2", apiserver, "token-auth-file", "is not given", (value) => !given(value)),
  flag("1.2.4", apiserver, "kubelet-client-certificate", "is given", given),
  flag("1.2.4", apiserver, "kubelet-client-key", "is given", given),
  flag("1.2.5", apiserver, "kubelet-certificate-authority", "is given", given),
  ...["Node", "RBAC"].map((word, index): Item => ({
    ...{ number: `1.2.${7 + index}`, of: apiserver },
    title: `--authorization-mode has ${word}`,
    wrong: (host) =>
      host.list(apiserver, "authorization-mode").includes(word) ? [] : [`no ${word}`],
  })),
  flag("1.2.6", apiserver, "authorization-mode", "is not AlwaysAllow", (value) => {
    return value !== undefined && !value.split(",").includes("AlwaysAllow");
  }),
  plugin("1.2.10", "AlwaysAdmit", false),
  ...["ServiceAccount", "NamespaceLifecycle"].map((name, index): Item => ({
    ...{ number: `1.2.${12 + index}`, of: apiserver },
    title: `admission plugin ${name} is on`,
    wrong: (host) =>
      host.list(apiserver, "disable-admission-plugins").includes(name) ? [`${name} is off`] : [],
  })),
  plugin("1.2.14", "NodeRestriction", true),
  flag("1.2.15", apiserver, "profiling", "is false", isFalse),
  flag("1.2.16", apiserver, "audit-log-path", "is given", given),
  flag("1.2.17", apiserver, "audit-log-maxage", "is 30 or more", atLeast(30)),
  flag("1.2.18", apiserver, "audit-log-maxbackup", "is 10 or more", atLeast(10)),
  flag("1.2.19", apiserver, "audit-log-maxsize", "is 100 or more", atLeast(100)),
  flag("1.2.21", apiserver, "service-account-lookup", "is not false", (v) => v !== "false"),
  flag("1.2.22", apiserver, "service-account-key-file", "is given", given),
  flag("1.2.23", apiserver, "etcd-certfile", "is given", given),
  flag("1.2.23", apiserver, "etcd-keyfile", "is given", given),
  flag("1.2.24", apiserver, "tls-cert-file", "is given", given),
  flag("1.2.24", apiserver, "tls-private-key-file", "is given", given),
  flag("1.2.25", apiserver, "client-ca-file", "is given", given),
  flag("1.2.26", apiserver, "etcd-cafile", "is given", given),
  flag("1.2.27", apiserver, "encryption-provider-config", "is given", given),
  {
    ...{ number: "1.2.29", of: apiserver, title: "--tls-cipher-suites has strong ones only" },
    wrong: (host) => weak(host.list(apiserver, "tls-cipher-suites")),
  },
  flag("3.2.1", apiserver, "audit-policy-file", "is given", given),
];

const otherComponents: Item[] = [
  flag("1.3.2", manager, "profiling", "is false", isFalse),
  flag("1.3.3", manager, "use-service-account-credentials", "is true", isTrue),
  flag("1.3.4", manager, "service-account-private-key-file", "is given", given),
  flag("1.3.5", manager, "root-ca-file", "is given", given),
  flag("1.3.7", manager, "bind-address", "is 127.0.0.1", (value) => value === "127.0.0.1"),
  flag("1.4.1", scheduler, "profiling", "is false", isFalse),
  flag("1.4.2", scheduler, "bind-address", "is 127.0.0.1", (value) => value === "127.0.0.1"),
  flag("2.1", "etcd", "cert-file", "is given", given),
  flag("2.1", "etcd", "key-file", "is given", given),
  flag("2.2", "etcd", "client-cert-auth", "is true", isTrue),
  flag("2.3", "etcd", "auto-tls", "is not true", notTrue),
  flag("2.4", "etcd", "peer-cert-file", "is given", given),
  flag("2.4", "etcd", "peer-key-file", "is given", given),
  flag("2.5", "etcd", "peer-client-cert-auth", "is true", isTrue),
  flag("2.6", "etcd", "peer-auto-tls", "is not true", notTrue),
  {
    ...{ number: "2.7", of: "etcd", title: "etcd has a CA of its own" },
    wrong: (host) => {
      const ca = host.flag("etcd", "trusted-ca-file");
      return ca?.includes("/etcd/") === true ? [] : [`--trusted-ca-file is ${ca ?? "not given"}`];
    },
  },
];

/** Of nodes: hosts whose kubelet belongs to a cluster. */
const nodeItems: Item[] = [
  ...file(["4.1.1", "4.1.2"], "kubelet", /\/kubelet\.service$/, "unit of the kubelet"),
  ...file(["4.1.5", "4.1.6"], "kubelet", /\/kubernetes\/kubelet\.conf$/, "kubelet's kubeconfig"),
  mode("4.1.7", "kubelet", /\/pki\/ca\.crt$/, 0o644, "the clients' CA"),
  owner("4.1.8", "kubelet", /\/pki\/ca\.crt$/, "the clients' CA"),
  ...file(["4.1.9", "4.1.10"], "kubelet", /\/kubelet\/config\.yaml$/, "kubelet's configuration"),
  kubelet("4.2.1", "authentication.anonymous.enabled", "is false", (value) => value === false),
  kubelet("4.2.2", "authorization.mode", "is Webhook", (value) => value === "Webhook"),
  kubelet("4.2.3", "authentication.x509.clientCAFile", "is given", (v) => typeof v === "string"),
  kubelet("4.2.4", "readOnlyPort", "is 0", (value) => value === undefined || value === 0),
  kubelet("4.2.5", "streamingConnectionIdleTimeout", "is not 0", (value) => value !== "0s"),
  kubelet("4.2.6", "makeIPTablesUtilChains", "is true", (value) => value !== false),
  flag("4.2.7", "kubelet", "hostname-override", "is not given", (value) => !given(value)),
  kubelet("4.2.8", "eventRecordQPS", "is more than 0", (value) => Number(value) > 0),
  {
    ...{
      number: "4.2.9",
      of: "kubelet",
      title: "serving certificate and key are given, or asked for",
    },
    wrong: (host) =>
      host.kubelet("tlsCertFile") !== undefined || host.kubelet("serverTLSBootstrap") === true
        ? []
        : ["the kubelet signs its serving certificate itself"],
  },
  kubelet("4.2.10", "rotateCertificates", "is true", (value) => value === true),
  {
    ...{ number: "4.2.12", of: "kubelet", title: "tlsCipherSuites has strong ones only" },
    wrong: (host) => weak((host.kubelet("tlsCipherSuites") ?? []) as string[]),
  },
  kubelet("4.2.13", "podPidsLimit", "is more than 0", (value) => Number(value) > 0),
  kubelet("4.2.14", "seccompDefault", "is true", (value) => value === true),
  // Of versions before 1.9, and still right.
  kubelet("4.2.6 (1.8)", "protectKernelDefaults", "is true", (value) => value === true),
];

/** Every item that is looked at. What else the benchmark has is a matter of judgement ("manual"), or of the workloads. */
export const items: readonly Item[] = [
  ...controlPlaneFiles,
  ...apiserverItems,
  ...otherComponents,
  ...nodeItems,
];

function plugin(number: string, name: string, wanted: boolean): Item {
  return {
    ...{ number, of: apiserver, title: `admission plugin ${name} is ${wanted ? "on" : "off"}` },
    wrong: (host) =>
      host.list(apiserver, "enable-admission-plugins").includes(name) === wanted
        ? []
        : [`${name} is ${wanted ? "off" : "on"}`],
  };
}

function weak(suites: readonly string[]): string[] {
  if (suites.length === 0) return ["the program's own list holds"];
  return suites.filter((suite) => !strong.test(suite)).map((suite) => `${suite} is allowed`);
}
