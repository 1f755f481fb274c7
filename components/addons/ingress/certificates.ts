import { CronJob, Job } from "@pulumi/kubernetes/batch/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { batch } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { pulledAs } from "../image";
import { confined, namespace, nobody } from "./names";
import { type IngressArgs, ingressImages } from "./options";

const metadata = { name: "contour-certgen", namespace };

/**
 * Certificates by which Contour and Envoys know each other: made by Contour's own program in the cluster, where their keys stay, valid for a year, and anew
 * each month. Who holds them reads them anew; what is served meanwhile goes on.
 */
export function createCertificates(
  name: string,
  args: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const id = `${name}-certgen`;
  const account = new ServiceAccount(id, { metadata }, opts);
  const role = new Role(
    id,
    {
      metadata,
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create", "update"] }],
    },
    opts,
  );
  const binding = new RoleBinding(
    id,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
    opts,
  );
  const after = { ...opts, dependsOn: [account, role, binding] };
  new CronJob(
    id,
    {
      metadata,
      spec: {
        schedule: "17 3 1 * *",
        concurrencyPolicy: "Forbid",
        successfulJobsHistoryLimit: 1,
        jobTemplate: { spec: jobSpec(args) },
      },
    },
    after,
  );
  // A month is too long for the first ones.
  return new Job(id, { metadata, spec: jobSpec(args) }, after);
}

function jobSpec({ imageRepository, ...versions }: IngressArgs): batch.v1.JobSpec {
  const { contour } = ingressImages(versions);
  const command = ["contour", "certgen", "--kube", "--incluster", "--overwrite"];
  return {
    backoffLimit: 5,
    template: {
      metadata: { labels: { app: metadata.name } },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: metadata.name,
        securityContext: nobody,
        containers: [
          {
            name: "certgen",
            image: pulledAs(contour, imageRepository),
            command: [...command, "--secrets-format=compact", `--namespace=${namespace}`],
            securityContext: confined,
          },
        ],
      },
    },
  };
}
