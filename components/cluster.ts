import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import { Bastion } from "./bastion";
import { ControlPlane } from "./controlPlane";
import { createEntry } from "./entry";
import type { ApiEntry } from "./entry/apiEntry";
import { ofCloud } from "./errors/ofCloud";
import { EtcdCluster } from "./etcd";
import { FixedSettings } from "./fixedSettings";
import { Host, type HostContext } from "./host";
import { renderKubeconfig } from "./kubeconfig";
import { Network } from "./network";
import { ClusterPki } from "./pki/clusterPki";
import type { CertificateEnds } from "./pki/ends";
import { PlacementGroups } from "./placement";
import { monitoringOutput, type MonitoringOutput } from "./monitoring";
import { Registry, type RegistryOutput } from "./registry";
import { type ClusterPlan, type FaultTolerance, type HostPlan, planCluster } from "./plan/cluster";
import { type ClusterConfigInput, parseClusterConfig } from "./plan/config";
import { keyPairNames, sharedName } from "./plan/names";
import { ClusterConfigError } from "./plan/problems";
import type { RegistryLogins } from "./plan/registryLogins";
import { registryPasswordProblems, type RegistryPasswords } from "./plan/registryPasswords";
import { type Role, roles } from "./plan/roles";
import { componentTokens } from "./plan/tokens";
import { PoolPreparation } from "./poolPreparation";
import { PoolSettings } from "./poolSettings";
import { cloudPreflight } from "./preflight/cloudPreflight";
import { Releases } from "./releases";
import type { StepHost } from "./remote/stepHost";
import { Rotations } from "./rotations";
import { transportRetry } from "./remote/transportRetry";
import { checkProvider } from "./provider";
import { storageRoles } from "./storageRoles";
import { EtcdUpkeep } from "./upkeep";
import { Workers } from "./workers";

/** Arguments of {@link HaCluster}. */
export interface HaClusterArgs {
  /** What the cluster looks like; docs/settings.md has every setting. Decides how many resources exist, so it is plain. */
  config: ClusterConfigInput;
  /** Change it to make every key and certificate anew: a new identity of the cluster. Refused while the authorities are protected, see {@link ClusterPki}. @default "1" */
  pkiRotation?: string;
  /** Logins to container registries, by registry, for what pods run. Make it secret. @default none: what they ask for without a secret of their own is pulled without a login */
  registryLogins?: pulumi.Input<RegistryLogins> | undefined;
  /** Passwords of the database and of Redis of a registry of kind `harbor`. Make it secret. @default none: there is no such registry */
  registryPasswords?: pulumi.Input<RegistryPasswords> | undefined;
  /** Change it to issue the administrator's certificate anew, which is valid for two years. @default "1" */
  clientRotation?: string;
}

/** A host, as whoever works with the cluster needs to know it. */
export interface NodeOutput {
  name: string;
  role: Role;
  pool: string;
  zone: string;
  privateIp: string;
  /** Id of its CVM, `ins-...`: what a load balancer's targets or a monitoring rule name. Another one once the host is replaced. */
  instanceId: pulumi.Output<string>;
  /** SSH key the host shows, `ssh-ed25519 AAAA...`. */
  hostKey: pulumi.Output<string>;
}

/**
 * A highly available Kubernetes cluster on CVMs. Makes
 *
 * 1. a VPC, unless it is given one, with subnets, a security group a role with the flows the cluster has and no others, strict placement groups;
 * 2. a bastion, and behind it the hosts of etcd, masters, balancers and workers;
 * 3. external etcd, the API entry, the control plane, the pod network, the workers;
 * 4. a registry on hosts of its own, if there is to be one.
 *
 * Cost: the CVMs and their disks by the hour, the bastion's traffic; VPC, groups and HAVIP are free.
 */
export class HaCluster extends pulumi.ComponentResource {
  readonly plan: ClusterPlan;
  /** Administrator's kubeconfig; reaches the API by its one name. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly entry: ApiEntry;
  /** Address of the bastion. */
  readonly bastionAddress: pulumi.Output<string>;
  /** Key for the login user on all hosts. Secret. */
  readonly sshPrivateKey: pulumi.Output<string>;
  /** What opens snapshots that have left the hosts, `AGE-SECRET-KEY-1...`. Secret; keep it where the state is not, too. */
  readonly snapshotKey: pulumi.Output<string>;
  /** The cluster's own registry, if it has one. */
  readonly registry: RegistryOutput | undefined;
  /** What a Prometheus needs to watch the cluster, if it is watched. Secret. */
  readonly monitoring: pulumi.Output<MonitoringOutput> | undefined;
  /** Every host, the bastion first. */
  readonly nodes: NodeOutput[];
  /** What may be lost before the API or the data is. */
  readonly faultTolerance: FaultTolerance;
  /** When the authorities and the administrator's certificate end; what hosts issue they renew themselves. */
  readonly certificateEnds: pulumi.Output<CertificateEnds>;
  /** Id of the VPC, `vpc-...`. */
  readonly vpcId: pulumi.Output<string>;
  /** Id of the subnet of each zone, by zone: `subnetIds["ap-guangzhou-6"]`. */
  readonly subnetIds: Readonly<Record<string, pulumi.Output<string>>>;
  /**
   * Id of the security group of each role that the cluster has, by role. Allow flows from one in a group of your own; a rule added to the group itself is
   * taken out by the next `up`, as the program names all of them.
   */
  readonly securityGroupIds: Readonly<Partial<Record<Role, pulumi.Output<string>>>>;
  /** Id of the key pair of all instances, `skey-...`; its private half is {@link sshPrivateKey}. */
  readonly keyPairId: pulumi.Output<string>;
  /** Private address of each host, by role and name: `privateIps.master["prod-master-1"]`. They stay when a host is replaced. */
  readonly privateIps: Readonly<Record<Role, Readonly<Record<string, string>>>>;

  /** @throws ClusterConfigError with everything that is wrong with the configuration. */
  constructor(name: string, args: HaClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const config = parseClusterConfig(args.config);
    const problems = registryPasswordProblems(config, args.registryPasswords !== undefined);
    if (problems.length > 0) throw new ClusterConfigError(problems);
    const plan = planCluster(config);
    checkProvider(plan.config);
    const cloud = ofCloud(name);
    super(
      componentTokens.cluster,
      name,
      { config: plan.config },
      pulumi.mergeOptions(opts, { transformations: [cloud.transformation] }),
    );
    this.plan = plan;
    const { registryLogins, registryPasswords } = args;
    const inside = { parent: this };
    cloud.after([cloudPreflight(`${name}-preflight`, plan, inside)]);
    const pools = new PoolSettings(`${name}-pools`, plan, inside);
    cloud.after(new FixedSettings(`${name}-fixed`, { plan, pools }, inside).kept);
    const pki = new ClusterPki(
      `${name}-pki`,
      {
        ...{ cluster: plan.name, rotation: args.pkiRotation, clientRotation: args.clientRotation },
        rotations: plan.config.pki.rotation,
      },
      inside,
    );
    const network = new Network(name, networkArgs(plan), inside);
    const placement = new PlacementGroups(name, { plan: plan.placementGroups }, inside);
    const roles = storageRoles(plan, inside);
    const context = this.hostContext(name, plan, { pki, network, placement, roles });

    const bastion = new Bastion(`${name}-bastion`, { plan, context }, inside);
    const preparations = new Map<string, PoolPreparation>();
    const preparationOf = (host: HostPlan) => {
      const known =
        preparations.get(host.pool) ??
        new PoolPreparation(
          sharedName(plan.name, `${host.pool}-preparation`),
          { plan, host, pki },
          inside,
        );
      preparations.set(host.pool, known);
      return known;
    };
    const made = new Map<string, Host>();
    // A host with two duties is one host.
    const hosts = (plans: readonly HostPlan[]) =>
      plans.map((each) => {
        const preparation = preparationOf(each);
        const args = { plan: each, context, bastion: bastion.bastionEnd, preparation };
        const host = made.get(each.name) ?? new Host(each.name, args, inside);
        made.set(each.name, host);
        return host;
      });

    // All hosts are prepared at once; what waits for what from there on is said where the steps are.
    const entry = createEntry(
      `${name}-api`,
      {
        ...{ plan: plan.entry, cluster: plan, network, pki },
        ...{ hosts: hosts(plan.entryHosts), masters: hosts(plan.masters) },
      },
      inside,
    );
    const etcd = new EtcdCluster(
      `${name}-etcd`,
      { plan: plan.etcdCluster, cluster: plan, pki, hosts: hosts(plan.etcd) },
      inside,
    );
    new EtcdUpkeep(`${name}-etcd-upkeep`, { plan, etcd, pki, hosts: hosts(plan.etcd) }, inside);
    const controlPlane = new ControlPlane(
      `${name}-control-plane`,
      { plan, pki, etcd, entry, registryLogins, hosts: hosts(plan.masters) },
      inside,
    );
    const workers = new Workers(
      `${name}-workers`,
      { plan, pki, entry, registryLogins, hosts: hosts(plan.workers) },
      inside,
    );
    const registry =
      plan.registry &&
      new Registry(
        `${name}-registry`,
        {
          ...{ plan: plan.registry, cluster: plan, pki, passwords: registryPasswords },
          hosts: hosts(plan.registry.hosts),
        },
        inside,
      );
    const reached = [...etcd.members, ...controlPlane.masters, ...workers.nodes];
    const { masters } = controlPlane;
    const others = [...made.values()].filter(({ plan: { duties } }) => !duties.includes("worker"));
    const everyHost = [bastion.prepared, ...others.map((host) => host.prepare()), ...workers.nodes];
    new Rotations(
      `${name}-rotation`,
      plan.config.pki.rotation,
      {
        ...{ encryptionKey: masters, serviceAccountKey: masters, frontProxyCa: masters },
        ...{ etcdCa: [...etcd.members, ...masters], operatorKey: everyHost },
        kubernetesCa: [...everyHost, ...etcd.members, ...entry.ready, ...masters],
      },
      inside,
    );
    new Releases(`${name}-releases`, plan.config.versions, reached, inside);

    this.entry = entry;
    this.bastionAddress = bastion.address;
    const hostOf = (name: string): StepHost => made.get(name) ?? bastion;
    this.nodes = plan.hosts.map(({ name: node, role, pool, zone, address }) => ({
      name: node,
      role,
      pool,
      zone,
      privateIp: address,
      instanceId: hostOf(node).instance.id,
      // Derived from a secret, but public by nature.
      hostKey: pulumi.unsecret(pki.hostKey(node).publicKey),
    }));
    this.faultTolerance = plan.faultTolerance;
    this.certificateEnds = pki.ends;
    this.vpcId = network.vpcId;
    this.subnetIds = idsOf(network.subnets);
    this.securityGroupIds = idsOf(network.securityGroups);
    this.keyPairId = pulumi.output(context.keyPairId);
    this.privateIps = privateIps(plan);
    this.sshPrivateKey = pki.operatorKey.privateKey;
    this.snapshotKey = pki.snapshotKey.identity;
    this.registry = registry?.output;
    this.monitoring = monitoringOutput(plan, pki);
    this.kubeconfig = pulumi.secret(
      pulumi.all([pki.authorityCertificates, pki.admin]).apply(([authority, client]) =>
        renderKubeconfig({
          cluster: plan.name,
          server: entry.url,
          authority,
          user: "kubernetes-admin",
          client,
        }),
      ),
    );
    this.registerOutputs({
      kubeconfig: this.kubeconfig,
      entry: { endpoint: entry.endpoint, address: entry.address },
      bastionAddress: this.bastionAddress,
      nodes: this.nodes,
      faultTolerance: this.faultTolerance,
      certificateEnds: this.certificateEnds,
      vpcId: this.vpcId,
      subnetIds: this.subnetIds,
      securityGroupIds: this.securityGroupIds,
      keyPairId: this.keyPairId,
      privateIps: this.privateIps,
    });
  }

  private hostContext(
    name: string,
    plan: ClusterPlan,
    made: Pick<HostContext, "pki" | "network" | "placement" | "roles">,
  ): HostContext {
    const keyPairs = this.createKeyPairs(name, plan, made.pki);
    const used = made.pki.operatorKeys[0].generation;
    return {
      ...made,
      keyPairId: keyPairs[used - 1]?.id ?? "",
      encryptSystemDisks: plan.config.host.encryptSystemDisks,
      user: plan.config.sshUser,
      retry: transportRetry(`${name}-transport-retry`),
      drain: plan.config.drain,
    };
  }

  /** One for each generation of the operator's key: a machine keeps the pair that it was born with, and a pair stays while a machine has it. */
  private createKeyPairs(name: string, plan: ClusterPlan, pki: ClusterPki): tencentcloud.KeyPair[] {
    return keyPairNames(plan).map((keyName, index) => {
      const generation = index + 1;
      return new tencentcloud.KeyPair(
        generation === 1 ? `${name}-operator` : `${name}-operator-${generation}`,
        {
          keyName,
          publicKey: pki.operatorGeneration(generation).publicKey,
          tags: plan.tags,
        },
        {
          parent: this,
          // The account has a name once.
          deleteBeforeReplace: true,
          // A pair keeps the name it was made with: another shortening of it is no reason to touch the hosts that have it.
          ignoreChanges: ["keyName"],
          // A provider hands out the private half of a pair that the platform made.
          additionalSecretOutputs: ["privateKey"],
        },
      );
    });
  }
}

/** Ids of resources, by what they are kept by. */
function idsOf<K extends string>(
  resources: ReadonlyMap<K, Pick<pulumi.CustomResource, "id">>,
): Record<K, pulumi.Output<string>> {
  return Object.fromEntries([...resources].map(([key, { id }]) => [key, id])) as Record<
    K,
    pulumi.Output<string>
  >;
}

function privateIps(plan: ClusterPlan): Record<Role, Record<string, string>> {
  const of = (role: Role) =>
    plan.hosts.flatMap((host) => (host.role === role ? [[host.name, host.address] as const] : []));
  return Object.fromEntries(roles.map((role) => [role, Object.fromEntries(of(role))])) as Record<
    Role,
    Record<string, string>
  >;
}

function networkArgs(plan: ClusterPlan) {
  return { plan: plan.network, securityGroups: plan.securityGroups, tags: plan.tags };
}
