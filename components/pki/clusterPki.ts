import * as pulumi from "@pulumi/pulumi";
import { firstRotation, type RotatedKey, type Rotation } from "../plan/rotation";
import { type AgeKey, deriveAgeKey } from "./ageKey";
import type { CertificateAndKey, Signer } from "./authority";
import { client, dateOf } from "./clients";
import { deriveClientAuthority } from "./derivedAuthority";
import { deriveClient, deriveServer, derivingSigner } from "./derivedClient";
import { type CertificateEnds, endWarnings, soonestEnd } from "./ends";
import { accepted, type Generations, generationsOf, joined } from "./generations";
import { makeOnce } from "./makeOnce";
import {
  type Authorities,
  etcdName,
  frontProxyName,
  type KeyPair,
  kubernetesName,
} from "./requests";
import { deriveSecret, passwordLine } from "./secret";
import { deriveSshKey, type SshKey } from "./sshKey";

/** Arguments of {@link ClusterPki}. */
export interface ClusterPkiArgs {
  /** Name of the cluster. */
  cluster: string;
  /**
   * Change it to make all authorities, keys and certificates anew. That is a new cluster identity: every host and
   * every kubeconfig has to follow. The authorities are protected, so the engine refuses it until `pulumi state unprotect`
   * has taken that off. @default "1"
   */
  rotation?: string;
  /** Change it to issue the administrator's certificate anew. @default "1" */
  clientRotation?: string;
  /** How far each key has come that is replaced while the cluster lives. @default the keys that it was made with */
  rotations?: Readonly<Record<RotatedKey, Rotation>>;
}

/** Validity in days: authorities outlive the cluster, those of people and of who watches are renewed with `clientRotation`, a first join is at once. */
const days = { authorities: 3650, admin: 730, metrics: 730, bootstrap: 7 } as const;

/**
 * Keys and certificates of a cluster. Makes
 *
 * 1. the authorities of Kubernetes, etcd and the front proxy, the service account key, the encryption key and the seed of all
 *    SSH keys: once, kept encrypted in the state, protected, made anew only by `rotation`;
 * 2. the administrator's certificate;
 * 3. later generations of keys that are replaced while the cluster lives, each once, protected.
 *
 * Every output but {@link authorityCertificates} and {@link ends} is secret.
 */
export class ClusterPki extends pulumi.ComponentResource {
  readonly authorities: pulumi.Output<Authorities>;
  /** Keys that Secrets are encrypted with, 32 bytes in base64. The first writes, all read. */
  readonly encryptionKeys: Generations<string>;
  /** Keys that tokens of service accounts are signed with. The first signs, all are accepted. */
  readonly serviceAccountKeys: Generations<KeyPair>;
  /** Authorities of Kubernetes. The first issues, all are accepted. */
  readonly kubernetesAuthorities: Generations<CertificateAndKey>;
  /** Authorities of etcd. The first issues, all are accepted. */
  readonly etcdAuthorities: Generations<CertificateAndKey>;
  /** Authorities of the front proxy. The first issues, all are accepted. */
  readonly frontProxyAuthorities: Generations<CertificateAndKey>;
  /** Certificates of the authorities of Kubernetes that are accepted, the one that issues first. Made beside secrets, but public by nature. */
  readonly authorityCertificates: pulumi.Output<string>;
  /** When the authorities and the administrator's certificate end. A run warns of it in time. */
  readonly ends: pulumi.Output<CertificateEnds>;
  /** What each master issues its apiserver's client certificate for etcd with. Derived, so that it is no resource. */
  readonly etcdClients: pulumi.Output<CertificateAndKey>;
  /** What the administrator's kubeconfig holds: group kubeadm:cluster-admins. */
  readonly admin: pulumi.Output<CertificateAndKey>;
  /** Keys that the operator may log in to all hosts with; the first is the one that steps do. Derived, so that they are no resources. */
  readonly operatorKeys: Generations<SshKey>;
  /** Key that the bastion asks masters and members of etcd with to take one out that leaves; they let it do nothing else. */
  readonly departureKey: pulumi.Output<SshKey>;
  /** Who has its recipient seals snapshots that leave the hosts; its identity opens them. Derived, so that it is no resource. */
  readonly snapshotKey: pulumi.Output<AgeKey>;
  private signer: Promise<Signer> | undefined;
  private readonly clientTriggers: string[];
  private readonly base: string;
  private readonly sshKeys = new Map<string, pulumi.Output<SshKey>>();
  /**
   * Last part of the names of what the authorities issue. A resource that is replaced keeps the inputs it ignores changes of, and with them the
   * authority it was made by; one of another name is made by the authority of the day.
   */
  private readonly generation: string;

  constructor(name: string, args: ClusterPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:pki:ClusterPki", name, args, opts);
    const { rotation = "1", clientRotation = "1", rotations } = args;
    this.generation = rotation === "1" ? "" : `-${rotation}`;
    this.clientTriggers = [rotation, clientRotation];
    this.base = name;

    this.authorities = makeOnce<Authorities>(
      `${name}-authorities`,
      { make: "authorities", days: days.authorities },
      [rotation],
      { parent: this, protect: true },
    );
    this.encryptionKeys = generationsOf<string>(
      `${name}-encryption-key`,
      {
        rotation: rotations?.encryptionKey ?? firstRotation,
        first: this.authorities.encryptionKey,
        request: { make: "encryptionKey" },
        triggers: [rotation],
      },
      { parent: this },
    );
    this.serviceAccountKeys = generationsOf<KeyPair>(
      `${name}-service-account-key`,
      {
        rotation: rotations?.serviceAccountKey ?? firstRotation,
        first: this.authorities.serviceAccount,
        request: { make: "serviceAccountKey" },
        triggers: [rotation],
      },
      { parent: this },
    );
    const authoritiesOf = (
      kind: string,
      first: pulumi.Output<CertificateAndKey>,
      commonName: string,
      reached = firstRotation,
    ) =>
      generationsOf<CertificateAndKey>(
        `${name}-${kind}`,
        {
          ...{ rotation: reached, first, triggers: [rotation] },
          request: { make: "authority", commonName, days: days.authorities },
        },
        { parent: this },
      );
    this.kubernetesAuthorities = authoritiesOf(
      "kubernetes-ca",
      this.authorities.kubernetes,
      kubernetesName,
      rotations?.kubernetesCa,
    );
    this.etcdAuthorities = authoritiesOf(
      "etcd-ca",
      this.authorities.etcd,
      etcdName,
      rotations?.etcdCa,
    );
    this.frontProxyAuthorities = authoritiesOf(
      "front-proxy-ca",
      this.authorities.frontProxy,
      frontProxyName,
      rotations?.frontProxyCa,
    );
    this.authorityCertificates = pulumi.unsecret(
      joined(this.kubernetesAuthorities, ({ crt }) => crt),
    );
    const clients = makeOnce<{ admin: CertificateAndKey }>(
      `${name}-clients${this.issued}`,
      this.kubernetesAuthority.apply((kubernetes) => ({
        make: "clients" as const,
        clients: {
          admin: client(kubernetes, "kubernetes-admin", ["kubeadm:cluster-admins"], days.admin),
        },
      })),
      this.clientTriggers,
      { parent: this },
    );
    const [issuing] = this.etcdAuthorities;
    this.etcdClients = pulumi.secret(
      pulumi
        .all([issuing.key, this.authorities])
        .apply(async ([etcd, { sshSeed }]) =>
          deriveClientAuthority(
            await derivingSigner(etcd),
            `etcd-clients${later(issuing)}`,
            sshSeed,
          ),
        ),
    );
    this.admin = clients.apply(({ admin }) => admin);
    this.ends = pulumi.unsecret(
      pulumi
        .all([
          this.kubernetesAuthority,
          this.etcdAuthorities[0].key,
          this.frontProxyAuthorities[0].key,
          this.admin,
        ])
        .apply(([kubernetes, etcd, frontProxy, admin]) => {
          const ends = {
            authorities: soonestEnd([kubernetes.crt, etcd.crt, frontProxy.crt]),
            administrator: soonestEnd([admin.crt]),
          };
          for (const warning of endWarnings(ends, new Date())) void pulumi.log.warn(warning, this);
          return ends;
        }),
    );
    this.snapshotKey = pulumi.secret(
      this.authorities.apply(({ sshSeed }) => deriveAgeKey(sshSeed, "snapshots")),
    );
    this.operatorKeys = accepted(rotations?.operatorKey ?? firstRotation, (generation) =>
      this.operatorGeneration(generation),
    );
    this.departureKey = this.sshKey("departure");
    this.registerOutputs({});
  }

  /** Key the operator logs in to all hosts with. */
  get operatorKey(): pulumi.Output<SshKey> {
    return this.operatorKeys[0].key;
  }

  /** A generation of the operator's key, used or not. */
  operatorGeneration(generation: number): pulumi.Output<SshKey> {
    return this.sshKey(generation === 1 ? "operator" : `operator/${generation}`);
  }

  /** SSH host key of a host, known before the host exists. */
  hostKey(host: string): pulumi.Output<SshKey> {
    return this.sshKey(`host/${host}`);
  }

  /**
   * Certificate a new worker asks for its own one with, valid for a week from when its machine was made. Derived, so that it is no resource.
   * @param instance The machine it is for: another machine gets another one.
   */
  bootstrapCertificate(
    node: string,
    instance: { id: pulumi.Output<string>; createTime: pulumi.Output<string> },
  ): pulumi.Output<CertificateAndKey> {
    return pulumi.secret(
      pulumi
        .all([this.kubernetesAuthority, this.authorities, instance.id, instance.createTime])
        .apply(([kubernetes, { sshSeed }, id, createTime]) =>
          this.derivingSigner(kubernetes).then((signer) =>
            deriveClient(
              signer,
              {
                // Its own name: what it asks for is approved for that name alone.
                commonName: `system:node:${node}`,
                organizations: ["system:bootstrappers:kubeadm:default-node-token"],
                days: days.bootstrap,
              },
              { seed: sshSeed, purpose: `bootstrap/${node}/${id}`, from: dateOf(createTime, node) },
            ),
          ),
        ),
    );
  }

  /**
   * Certificate of a server that the program configures, by the cluster's CA, for some DNS names. Valid as long as the CA is, and made anew with it.
   * Derived, so that it is no resource.
   */
  serverCertificate(purpose: string, names: readonly string[]): pulumi.Output<CertificateAndKey> {
    return pulumi.secret(
      pulumi
        .all([this.kubernetesAuthority, this.authorities])
        .apply(([kubernetes, { sshSeed: seed }]) =>
          this.derivingSigner(kubernetes).then((signer) =>
            deriveServer(signer, names, { seed, purpose }),
          ),
        ),
    );
  }

  /**
   * Certificate by which apiservers and kubelets know who reads their metrics. Made anew with the administrator's, after which it was made: it never ends
   * before that one, of which a run warns.
   */
  metricsCertificate(user: string): pulumi.Output<CertificateAndKey> {
    return makeOnce<{ metrics: CertificateAndKey }>(
      `${this.base}-metrics${this.issued}`,
      this.kubernetesAuthority.apply((kubernetes) => ({
        make: "clients" as const,
        clients: { metrics: client(kubernetes, user, [], days.metrics) },
      })),
      this.clientTriggers,
      { parent: this },
    ).apply(({ metrics }) => metrics);
  }

  /**
   * An RSA key that some of the cluster's programs sign with, in PEM: made once, kept encrypted in the state, made anew with `rotation`. What it has signed is good for
   * minutes, so that it is not protected.
   */
  signingKey(purpose: string): pulumi.Output<string> {
    return makeOnce<string>(
      `${this.base}-${purpose}${this.generation}`,
      { make: "rsaKey" },
      this.clientTriggers.slice(0, 1),
      { parent: this },
    );
  }

  /** A secret of 256 bits that some of the cluster's programs share, in letters and digits. Derived, so that it is no resource. */
  secret(purpose: string): pulumi.Output<string> {
    return pulumi.secret(this.authorities.apply(({ sshSeed }) => deriveSecret(sshSeed, purpose)));
  }

  /** A file, as Apache's htpasswd writes it, by which a user is known whose password is the {@link secret} of a purpose. */
  passwordFile(user: string, purpose: string): pulumi.Output<string> {
    return pulumi.secret(
      this.authorities.apply(({ sshSeed }) => `${passwordLine(sshSeed, user, purpose)}\n`),
    );
  }

  /** The one that issues. */
  private get kubernetesAuthority(): pulumi.Output<CertificateAndKey> {
    return this.kubernetesAuthorities[0].key;
  }

  /** Last part of the names of what the authority of Kubernetes issues, which is made anew by another. */
  private get issued(): string {
    const of = later(this.kubernetesAuthorities[0]);
    return this.generation + (of && `-ca${of}`);
  }

  /** Read once for all: reading it takes as long as signing. */
  private derivingSigner(authority: CertificateAndKey): Promise<Signer> {
    return (this.signer ??= derivingSigner(authority));
  }

  /** Derived once for all who ask. */
  private sshKey(purpose: string): pulumi.Output<SshKey> {
    const known =
      this.sshKeys.get(purpose) ??
      pulumi.secret(this.authorities.apply(({ sshSeed }) => deriveSshKey(sshSeed, purpose)));
    this.sshKeys.set(purpose, known);
    return known;
  }
}

/** Which generation of a key it is, for a name; nothing for the first, after which nothing was named. */
function later({ generation }: { generation: number }): string {
  return generation === 1 ? "" : `-${generation}`;
}
