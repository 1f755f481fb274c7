import { distributionFiles, renderRegistry, renderRegistryHosts } from "../../../components/render";
import { first, planHaving } from "../plan/fixture";

const plan = planHaving({
  registry: {
    ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
    cos: { bucket: "images-1250000000" },
  },
});
const { registry } = plan;
if (registry?.kind !== "distribution") throw new Error("there is no such registry");
const host = first(registry.hosts);

test("the program that pulls are served by only reads, and asks nobody for a password", () => {
  expect(renderRegistry(registry, "pull", "10.0.0.58:5000")).toMatchInlineSnapshot(`
    "version: 0.1
    log:
      level: warn
      accesslog:
        disabled: true
    storage:
      s3:
        region: ap-guangzhou
        regionendpoint: https://cos.ap-guangzhou.myqcloud.com
        bucket: images-1250000000
        rootdirectory: /prod-registry
        forcepathstyle: false
      cache:
        blobdescriptor: inmemory
      redirect:
        disable: true
      maintenance:
        readonly:
          enabled: true
        uploadpurging:
          enabled: false
          age: 168h
          interval: 24h
          dryrun: false
    http:
      addr: 10.0.0.58:5000
      draintimeout: 30s
    "
  `);
});

test("the other one takes images from who has the password", () => {
  const text = renderRegistry(registry, "push", "10.0.0.58:5001");
  expect(text).toContain("readonly:\n      enabled: false");
  expect(text).toContain("addr: 10.0.0.58:5001");
  expect(text).toContain(`auth:
  htpasswd:
    realm: push
    path: /run/credentials/kubernetes-ha-registry-push.service/users
`);
});

test("keys come from the platform, by the role; neither they nor what is shared stand in a file that everybody reads", () => {
  const files = distributionFiles(registry, host);
  expect(files.map(({ path }) => path)).toEqual([
    "/etc/kubernetes-ha/registry/keys.conf",
    "/etc/kubernetes-ha/registry/pull.yml",
    "/etc/systemd/system/kubernetes-ha-registry.service",
    "/etc/kubernetes-ha/registry/push.yml",
    "/etc/systemd/system/kubernetes-ha-registry-push.service",
  ]);
  expect(first(files).content).toContain(
    "credential_process = /usr/local/lib/kubernetes-ha/role_keys.py prod-registry\n",
  );
  const text = files.map(({ content }) => content).join("");
  expect(text).not.toMatch(/accesskey|secretkey|secret:/i);
});

test("only the program that takes images is given who may push", () => {
  const [pull, push] = distributionFiles(registry, host)
    .filter(({ path }) => path.endsWith(".service"))
    .map(({ content }) => content.includes("LoadCredential=users:"));
  expect([pull, push]).toEqual([false, true]);
});

test("containerd of a node asks it by the cluster's CA, and gives it up after a second", () => {
  const [own, mirrored] = renderRegistryHosts(plan, first(plan.workers));
  expect(own).toEqual({
    path: "/etc/containerd/certs.d/registry.prod.internal/hosts.toml",
    content: `server = "https://registry.prod.internal"
ca = "/etc/containerd/registry-ca.crt"
dial_timeout = "1s"
`,
  });
  expect(mirrored).toEqual({
    path: "/etc/containerd/certs.d/registry.test/hosts.toml",
    content: `[host."https://registry.prod.internal/v2/registry.test"]
capabilities = ["pull", "resolve"]
override_path = true
ca = "/etc/containerd/registry-ca.crt"
dial_timeout = "1s"
`,
  });
});
