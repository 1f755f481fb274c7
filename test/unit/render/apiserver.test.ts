import { parse } from "yaml";
import { renderAdmission, renderAuthentication } from "../../../components/render/apiserver";
import { renderPodFirewall } from "../../../components/render/podFirewall";
import { clusterConfiguration } from "../../../components/render/kubeadm";
import { line, planOf, problemsOf } from "../plan/fixture";

test("without credentials the health paths answer, and nothing else", () => {
  expect(parse(renderAuthentication(planOf()))).toMatchObject({
    anonymous: {
      enabled: true,
      conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }],
    },
  });
});

test("namespaces that say nothing have the baseline, or what is configured", () => {
  const enforced = (plan = planOf()) =>
    (
      parse(renderAdmission(plan)) as {
        plugins: [{ configuration: { defaults: object; exemptions: object } }];
      }
    ).plugins[0].configuration;
  expect(enforced().defaults).toMatchObject({ enforce: "baseline", audit: "restricted" });
  expect(enforced().exemptions).toMatchObject({ namespaces: ["kube-system"] });
  const privileged = planOf((config) => (config.controlPlane = { podSecurity: "privileged" }));
  expect(enforced(privileged).defaults).toMatchObject({ enforce: "privileged" });
});

test("apiservers read both, and find them where they are mounted", () => {
  expect(clusterConfiguration(planOf())).toMatchObject({
    apiServer: {
      extraArgs: expect.arrayContaining([
        { name: "authentication-config", value: "/etc/kubernetes/apiserver/authentication.yaml" },
        {
          name: "admission-control-config-file",
          value: "/etc/kubernetes/apiserver/admission.yaml",
        },
      ]) as unknown,
      extraVolumes: expect.arrayContaining([
        expect.objectContaining({ mountPath: "/etc/kubernetes/apiserver", readOnly: true }),
      ]) as unknown,
    },
  });
});

describe("what pods reach of the platform", () => {
  const rules = (open: string[]) =>
    renderPodFirewall(open)
      .split("\n")
      .filter((each) => each.startsWith("-A"));

  test("nothing link-local, unless a range is opened", () => {
    expect(rules([])).toEqual([
      "-A KUBERNETES-HA-PODS -d 169.254.0.23/32 -j DROP",
      "-A KUBERNETES-HA-PODS -d 169.254.0.0/16 -j DROP",
    ]);
  });

  test("never the metadata, whatever is opened", () => {
    expect(rules(["169.254.0.0/16"])[0]).toContain("169.254.0.23/32 -j DROP");
  });

  test("a range that is not link-local is refused: pods reach it already", () => {
    const said = problemsOf(({ network }) => (network.podLinkLocalCidrs = ["10.0.0.0/8"]));
    expect(said.map(line)).toEqual([
      "network.podLinkLocalCidrs.0: got 10.0.0.0/8, which is not in 169.254.0.0/16: pods reach it already. Take it out.",
    ]);
  });
});
