import { parse } from "yaml";
import { renderKubeconfig } from "../../../components/kubeconfig";
import { clusterIdentity, throughProxy } from "../../../components/render/clusterAccess";

const input = {
  cluster: "prod",
  server: "https://api.prod.internal:6443",
  authority: "AUTHORITY",
  user: "kubernetes-admin",
  client: { crt: "CERTIFICATE", key: "KEY" },
};

test("a proxy is all that is added", () => {
  const given = parse(renderKubeconfig(input)) as { clusters: { cluster: object }[] };
  const proxied = parse(throughProxy(renderKubeconfig(input), "socks5://127.0.0.1:1080")) as object;
  for (const { cluster } of given.clusters)
    Object.assign(cluster, { "proxy-url": "socks5://127.0.0.1:1080" });
  expect(proxied).toEqual(given);
});

describe("the identity of a cluster", () => {
  const identity = (changed: Partial<typeof input> = {}): string =>
    clusterIdentity(renderKubeconfig({ ...input, ...changed }));

  test.each<[string, Partial<typeof input>]>([
    ["another way to its API", { server: "https://10.0.0.1:6443" }],
    ["another user", { user: "somebody" }],
    ["another certificate of the user", { client: { crt: "OTHER", key: "OTHER" } }],
  ])("is the same by %s", (_, changed) => expect(identity(changed)).toBe(identity()));

  test.each<[string, Partial<typeof input>]>([
    ["name", { cluster: "other" }],
    ["authority, which a cluster that is made anew has", { authority: "OTHER" }],
  ])("is another with another %s", (_, changed) => expect(identity(changed)).not.toBe(identity()));

  test("is the same through a proxy, and has no secret in it", () => {
    const kubeconfig = renderKubeconfig(input);
    expect(clusterIdentity(throughProxy(kubeconfig, "socks5://127.0.0.1:1"))).toBe(identity());
    expect(identity()).toMatch(/^prod-[0-9a-f]{16}$/);
  });
});
