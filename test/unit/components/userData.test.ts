import { parse } from "yaml";
import type { HostPlan } from "../../../components/plan/cluster";
import { deriveSshKey } from "../../../components/pki/sshKey";
import { renderUserData } from "../../../components/userData";
import { problemsOf } from "../plan/fixture";

function userData(host: Partial<HostPlan>) {
  const text = renderUserData({
    host: { name: "prod-etcd-1", role: "etcd", ...host } as HostPlan,
    user: "kubernetes",
    operatorPublicKeys: ["ssh-ed25519 AAAA operator"],
    hostKey: { privateKey: "PRIVATE", pkcs8: "PRIVATE", publicKey: "ssh-ed25519 AAAA host" },
  });
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  return parse(text) as Record<string, unknown>;
}

test("a host has its name, its own key, and a user who logs in by key alone", () => {
  expect(userData({})).toMatchObject({
    hostname: "prod-etcd-1",
    ssh_keys: { ed25519_private: "PRIVATE", ed25519_public: "ssh-ed25519 AAAA host" },
    ssh_pwauth: false,
    disable_root: true,
    users: [{ name: "kubernetes", ssh_authorized_keys: ["ssh-ed25519 AAAA operator"] }],
  });
});

test("cloud-init leaves alone, at every boot, what is ours", () => {
  expect(userData({})).toMatchObject({
    manage_etc_hosts: false,
    manage_resolv_conf: false,
    prefer_fqdn_over_hostname: false,
    ntp: { enabled: false },
    apt: { preserve_sources_list: true },
    package_update: false,
    package_upgrade: false,
    ssh_deletekeys: true,
  });
});

describe("a script of the pool's own", () => {
  const firstBootScript = '#!/bin/bash\n\tmodprobe nbd # ü: "quoted"\r\n';
  const written = (host: Partial<HostPlan>) =>
    userData(host)["write_files"] as { path: string; content: string; encoding?: string }[];

  test("arrives as it was written, for root alone, and is run after what is ours", () => {
    const file = written({ firstBootScript }).at(-1);
    expect(file).toMatchObject({
      path: "/var/lib/kubernetes-ha/first-boot/script",
      permissions: "0700",
      encoding: "b64",
    });
    expect(Buffer.from(file?.content ?? "", "base64").toString("utf8")).toBe(firstBootScript);
    expect(userData({ firstBootScript })["runcmd"]).toEqual([
      expect.stringContaining("UnusedConnectionTimeout"),
      expect.stringMatching(
        /^timeout -k 10 600 \/var\/lib\/kubernetes-ha\/first-boot\/script .*; echo \$\? >.*status\.new; mv /,
      ),
    ]);
  });

  test("is not there where the pool has none", () => {
    expect(written({}).map(({ path }) => path)).not.toContain(
      "/var/lib/kubernetes-ha/first-boot/script",
    );
    expect(userData({})["runcmd"]).toHaveLength(1);
  });

  test.each([["x".repeat(6133)], ["\n".repeat(6133)], ["ü".repeat(3066)]])(
    "of the largest size leaves user data that the platform takes",
    (body) => {
      const script = `#!/bin/bash${body}`;
      expect(problemsOf(({ workers }) => (workers[0].firstBootScript = script))).toEqual([]);
      const { publicKey, privateKey } = deriveSshKey("A".repeat(44), "host/x");
      const text = renderUserData({
        host: {
          name: `${"n".repeat(20)}-${"p".repeat(20)}-999`,
          firstBootScript: script,
        } as HostPlan,
        user: "u".repeat(31),
        operatorPublicKeys: [publicKey],
        hostKey: { privateKey, publicKey, pkcs8: "" },
      });
      expect(Buffer.from(text).toString("base64").length).toBeLessThanOrEqual(16 * 1024);
    },
  );
});

const sshd = (role: HostPlan["role"]) =>
  (userData({ role })["write_files"] as { path: string; content: string }[]).find(({ path }) =>
    path.startsWith("/etc/ssh/sshd_config.d/"),
  )?.content;

test("only the bastion takes more connections at once", () => {
  expect(sshd("bastion")).toMatch(/^MaxStartups /m);
  expect(sshd("etcd")).not.toContain("MaxStartups");
});

test("a host that dies is noticed: those that live speak, and the bastion gives up what is silent for four times as long", () => {
  for (const role of ["bastion", "etcd", "worker"] as const)
    expect(sshd(role)).toMatch(/^ClientAliveInterval 30$/m);
  expect(userData({ role: "bastion" })["runcmd"]).toEqual([
    expect.stringContaining("'ChannelTimeout direct-tcpip=2m' >/etc/ssh/sshd_config.d/"),
  ]);
  expect(JSON.stringify(userData({ role: "etcd" })["runcmd"])).not.toContain("ChannelTimeout");
});

test("every host closes connections that nobody uses, where its sshd can", () => {
  for (const role of ["bastion", "etcd", "worker"] as HostPlan["role"][])
    expect(userData({ role })["runcmd"]).toEqual([
      expect.stringMatching(
        /^mkdir -p \/run\/sshd; ! .*sshd -t -o 'UnusedConnectionTimeout 1m' .*\|\| \{ printf '%s\\n' 'UnusedConnectionTimeout 1m' .*>\/etc\/ssh\/sshd_config\.d\//,
      ),
    ]);
});
