import { z } from "zod";

/** What the stack tells whoever works with its cluster: what index.ts exports, in the lab and with a real account alike. */
const outputsSchema = z.object({
  kubeconfig: z.string(),
  sshPrivateKey: z.string(),
  sshUser: z.string(),
  bastion: z.object({ name: z.string(), publicIp: z.string(), hostKey: z.string() }),
  entry: z.object({ kind: z.string(), name: z.string(), address: z.string(), port: z.number() }),
  nodes: z.array(
    z.object({ name: z.string(), role: z.string(), privateIp: z.string(), hostKey: z.string() }),
  ),
  /** Of stacks that this version has brought up. */
  snapshotKey: z.string().optional(),
  /** Of clusters that have one of their own. */
  registry: z
    .object({
      name: z.string(),
      pushName: z.string(),
      username: z.string(),
      password: z.string(),
    })
    .optional(),
  /** Of clusters that are monitored. */
  monitoring: z
    .object({
      cluster: z.string(),
      apiName: z.string(),
      targets: z.array(
        z.object({
          ...{ job: z.string(), host: z.string(), role: z.string(), pool: z.string() },
          ...{ zone: z.string(), address: z.string() },
        }),
      ),
      certificateAuthority: z.string(),
      clientCertificate: z.string(),
      clientKey: z.string(),
    })
    .optional(),
  faultTolerance: z.record(z.string(), z.number()),
  certificateEnds: z.object({ authorities: z.string(), administrator: z.string() }),
});

export type MonitoringOutput = NonNullable<z.infer<typeof outputsSchema>["monitoring"]>;

export type StackOutputs = z.infer<typeof outputsSchema>;

/**
 * @param outputs What `pulumi stack output --json --show-secrets` prints.
 * @throws Error naming the outputs that are missing or of another shape, which they are until the first `up` has ended.
 */
export function parseOutputs(outputs: unknown): StackOutputs {
  const { success, data, error } = outputsSchema.safeParse(outputs);
  if (success) return data;
  const names = [...new Set(error.issues.map(({ path: [name] }) => String(name)))];
  throw new Error(
    `the stack has no usable output ${names.join(", ")}: bring it up first, with the index.ts of this version`,
  );
}
