import { nextSteps } from "../../../../lab/commands/up";
import { outputsOf } from "../../operations/access/outputs";

test("the kubeconfig and the way to it are told as they work", () => {
  const text = nextSteps(
    { operatorNetns: "kha123456-op" },
    {
      outputs: outputsOf(),
      kubeconfig: "/cache/access/kubeconfig",
      sshConfig: "/cache/access/ssh_config",
    },
  );
  expect(text).toContain("Entry: https://api.prod.internal:6443 (vip, 10.0.0.9)");
  expect(text).toContain("Failures tolerated: etcd 1, masters 2");
  expect(text).toContain("nsenter --net=/run/netns/kha123456-op");
  expect(text).toContain("ssh -F /cache/access/ssh_config -fN bastion-socks");
  expect(text).toContain("kubectl --kubeconfig /cache/access/kubeconfig get nodes");
});
