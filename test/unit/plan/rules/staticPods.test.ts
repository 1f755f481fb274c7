import { clusterConfiguration, renderApiserverPatch } from "../../../../components/render";
import { first, line, planHaving, planOf, problemsOf, type TestConfig } from "../fixture";

type ControlPlane = NonNullable<TestConfig["controlPlane"]>;
type Volume = NonNullable<NonNullable<ControlPlane["extraVolumes"]>["scheduler"]>[number];

const faults = (controlPlane: ControlPlane) =>
  problemsOf((config) => (config.controlPlane = controlPlane)).map(line);
const volume = (part: Partial<Volume>): ControlPlane => ({
  extraVolumes: { scheduler: [{ name: "extra", hostPath: "/srv/extra", ...part }] },
});
const hidden = (path: string, own: string) =>
  `controlPlane.extraVolumes.scheduler.0.mountPath: got ${path}, where the cluster's own files of ${own} would be hidden. Use a directory of its own, such as /etc/kubernetes-extra; files for flags are what controlPlane.extraFiles is for.`;

describe("volumes of static pods", () => {
  test.each<[string, Partial<Volume>, string[]]>([
    ["one that is free", {}, []],
    ["beside the cluster's", { hostPath: "/etc/kubernetes-extra" }, []],
    [
      "a name of kubeadm's",
      { name: "k8s-certs" },
      [
        "controlPlane.extraVolumes.scheduler.0.name: got k8s-certs, which is a volume of the cluster's own. Use another name.",
      ],
    ],
    [
      "in the cluster's directory",
      { hostPath: "/etc/kubernetes/pki" },
      [hidden("/etc/kubernetes/pki", "/etc/kubernetes")],
    ],
    ["above it", { mountPath: "/var/log" }, [hidden("/var/log", "/var/log/kubernetes/audit")]],
    ["mounted elsewhere than it is", { hostPath: "/etc/kubernetes/x", mountPath: "/x" }, []],
  ])("%s", (_, part, expected) => expect(faults(volume(part))).toEqual(expected));

  test.each(["relative", "/srv/../etc", "/srv/", "/srv//x", "/"])("%s is no path", (hostPath) =>
    expect(faults(volume({ hostPath })).join()).toContain(
      "controlPlane.extraVolumes.scheduler.0.hostPath: ",
    ),
  );

  test("two of one name are told, each", () => {
    const two = { name: "same", hostPath: "/srv/a" };
    expect(
      faults({ extraVolumes: { apiServer: [two, { ...two, hostPath: "/srv/b" }] } }).map(
        (fault) => fault.split(": ")[0],
      ),
    ).toEqual([
      "controlPlane.extraVolumes.apiServer.0.name",
      "controlPlane.extraVolumes.apiServer.1.name",
    ]);
  });
});

describe("files of apiservers", () => {
  test("the cluster's own are not people's to write", () =>
    expect(faults({ extraFiles: { "admission.yaml": "x" } })).toEqual([
      "controlPlane.extraFiles.admission.yaml: the cluster writes this file itself. Use another name; what decides on it is controlPlane.podSecurity.",
    ]));

  test.each(["../x.yaml", "a/b.yaml", "x", ".yaml", "X.yaml"])("%s is no name of one", (name) =>
    expect(faults({ extraFiles: { [name]: "x" } })).toHaveLength(1),
  );

  test("another content restarts apiservers, as another annotation does", () => {
    const patch = (extraFiles: Record<string, string>) => {
      const plan = planHaving({ controlPlane: { extraFiles } });
      return renderApiserverPatch(plan, first(plan.masters));
    };
    const none = patch({});
    const plan = planOf();
    expect(none).toBe(renderApiserverPatch(plan, first(plan.masters)));
    expect(new Set([none, patch({ "a.yaml": "1" }), patch({ "a.yaml": "2" })]).size).toBe(3);
  });
});

test("they are kubeadm's extraVolumes and extraEnvs, behind the cluster's own", () => {
  const plan = planHaving({
    controlPlane: {
      extraVolumes: { apiServer: [{ name: "audit", hostPath: "/srv/audit" }] },
      extraEnvs: { apiServer: { GOGC: 50 }, scheduler: { GODEBUG: "x=1" } },
    },
  });
  const { apiServer, scheduler, controllerManager } = clusterConfiguration(plan) as Record<
    string,
    { extraVolumes?: { name: string }[]; extraEnvs?: object[] }
  >;
  expect(apiServer?.extraVolumes?.at(-1)).toEqual({
    ...{ name: "audit", hostPath: "/srv/audit", mountPath: "/srv/audit" },
    ...{ readOnly: true, pathType: "DirectoryOrCreate" },
  });
  expect(apiServer?.extraVolumes?.map(({ name }) => name)).toEqual([
    ...["settings", "encryption", "audit-policy", "audit-log", "audit"],
  ]);
  expect(apiServer?.extraEnvs).toEqual([{ name: "GOGC", value: "50" }]);
  expect(scheduler?.extraEnvs).toEqual([{ name: "GODEBUG", value: "x=1" }]);
  expect(controllerManager).not.toHaveProperty("extraEnvs");
});
