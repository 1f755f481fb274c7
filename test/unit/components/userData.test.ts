import { parse } from "yaml";
import type { HostPlan } from "../../../components/plan/cluster";
import { renderUserData } from "../../../components/userData";

function userData(host: Partial<HostPlan>) {
  const text = renderUserData({
    host: { name: "prod-etcd-1", role: "etcd", ...host } as HostPlan,
    user: "kubernetes",
    operatorPublicKey: "ssh-ed25519 AAAA operator",
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

test("only the bastion takes more connections at once", () => {
  const file = "/etc/ssh/sshd_config.d/10-bastion.conf";
  expect(userData({ role: "bastion" })["write_files"]).toMatchObject([{ path: file }]);
  expect(userData({})).not.toHaveProperty("write_files");
});

test("every host closes connections that nobody uses, where its sshd can", () => {
  for (const role of ["bastion", "etcd", "worker"] as HostPlan["role"][])
    expect(userData({ role })["runcmd"]).toEqual([
      expect.stringMatching(
        /^mkdir -p \/run\/sshd; o='UnusedConnectionTimeout 1m'; ! .*sshd -t -o "\$o" \|\| \{ echo "\$o" >\/etc\/ssh\/sshd_config\.d\//,
      ),
    ]);
});
