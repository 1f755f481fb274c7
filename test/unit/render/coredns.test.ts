import { parseAllDocuments } from "yaml";
import { renderCoredns, renderCorefile } from "../../../components/render/coredns";
import { planOf } from "../plan/fixture";

const plan = planOf(({ network }) => {
  network.serviceCidr = "10.97.0.0/16";
  network.clusterDomain = "prod.example.com";
});
const documents = parseAllDocuments(renderCoredns(plan)).map(
  (each) => each.toJSON() as { kind: string; spec: Record<string, unknown> },
);
const ofKind = (kind: string) => documents.find((each) => each.kind === kind);

test("the two DNS servers are never on one machine, and leave one that is gone after half a minute", () => {
  expect(ofKind("Deployment")?.spec).toMatchObject({
    replicas: 2,
    template: {
      spec: {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                topologyKey: "kubernetes.io/hostname",
              },
            ],
          },
        },
        tolerations: expect.arrayContaining(
          ["not-ready", "unreachable"].map((key) => ({
            key: `node.kubernetes.io/${key}`,
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: 30,
          })),
        ) as unknown,
        containers: [{ image: "registry.test/kubernetes-ha/coredns:v1.15.0" }],
      },
    },
  });
  expect(ofKind("PodDisruptionBudget")?.spec).toMatchObject({ maxUnavailable: 1 });
});

test("it answers where the kubelets send pods, for the cluster's own domain", () => {
  expect(ofKind("Service")?.spec).toMatchObject({ clusterIP: "10.97.0.10" });
  expect(renderCorefile(plan)).toContain("kubernetes prod.example.com in-addr.arpa");
});
