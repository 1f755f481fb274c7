import type { CloudClients } from "../../components/preflight/clients";

/** The official SDK's clients of the services that have what a cluster is made of. */
export type Clients = Pick<CloudClients, "cvm" | "vpc" | "cbs" | "clb" | "privatedns" | "cam">;

/** Something the account owns, as far as it takes to tell whose it is. */
export interface CloudResource {
  /** Pulumi's type of it. */
  type: string;
  id: string;
  name: string;
  /** As the cloud writes it. */
  created: string;
  tags: Record<string, string>;
  /** By the names that the provider's inputs have. Two resources of one name differ in these. */
  place: { vpcId?: string; subnetId?: string; privateIp?: string; vip?: string };
  /** Instances it is attached or bound to, or that may take it. */
  instanceIds: readonly string[];
  /** Resources of the stack that live in it and are listed nowhere else: their ids as the provider has them, by what tells one from another. */
  parts: Readonly<Record<string, string>>;
  /** Whether it has been put to use: what a create that never ended has left has not. */
  used: boolean;
}

/** A kind of resource that the stack makes and that costs money or stands in the way when it is left over. */
export interface Kind {
  /** Pulumi's type. */
  type: string;
  /** What people call it. */
  noun: string;
  /** The provider's input that holds the name. */
  nameInput: string;
  /** Part of a plan without which the kind is not looked for: what lists it takes a permission that others need not have. @default none */
  with?: "storageRole";
  list(clients: Clients): Promise<CloudResource[]>;
  /** What lives in a resource of it. @default nothing */
  parts?(clients: Clients, resource: CloudResource): Promise<CloudResource["parts"]>;
  /** Orders its removal once; fails while something else still holds it. */
  remove(clients: Clients, resource: CloudResource): Promise<unknown>;
}

/** A resource as the inventory has it; `rest` is what its kind tells besides. */
export function resource(
  kind: Pick<Kind, "type">,
  id: string | undefined,
  name: string | undefined,
  created: string | undefined,
  tagSet: { Key?: string; Value?: string }[] | undefined | null,
  rest: Partial<CloudResource> = {},
): CloudResource {
  const tags = Object.fromEntries((tagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
  return {
    ...{ type: kind.type, id: id ?? "", name: name ?? "", created: created ?? "", tags },
    ...{ place: {}, instanceIds: [], parts: {}, used: false, ...rest },
  };
}

/** The cloud's empty text is no instance. */
export function bound(instanceId: string | undefined | null): string[] {
  return instanceId ? [instanceId] : [];
}
