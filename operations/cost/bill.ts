import { entryKindOf } from "../../components/plan/entry";
import type { ClusterPlan } from "../../components/plan";
import type { Answer, Refusal } from "../../components/preflight/facts";

/** Hours of a month: 365 × 24 / 12, as cost calculators have it. */
export const hoursPerMonth = 730;

/** What the account pays for one thing. */
export interface Price {
  /** The first hour. */
  hour: number;
  /** The first {@link hoursPerMonth} hours: more or less than so many first hours where the vendor's price goes by how long it runs. */
  month: number;
}

/** Things that are ordered alike, and the price of one of them. */
export interface Quote {
  what: string;
  names: string[];
  price: Answer<Price>;
}

/** The price of something that is billed by what is used of it. */
export interface Rate {
  what: string;
  /** What one unit is: `GB`. */
  unit: string;
  price: Answer<number>;
}

/** Everything the cloud was asked about. */
export interface Quotation {
  quotes: Quote[];
  rates: Rate[];
}

/** A line of the bill. */
export interface BillItem extends Price {
  what: string;
  count: number;
  names: string[];
}

/** What a cluster costs. Amounts are in the account's currency: the API names none. */
export interface Bill {
  cluster: string;
  hoursPerMonth: number;
  /** Prices are for one of `count`. */
  items: BillItem[];
  /** Sum of all items. */
  hour: number;
  month: number;
  /** Billed by use, and not in the sum. */
  rates: { what: string; unit: string; price: number }[];
  notIncluded: string[];
  /** What the cloud gave no price of. */
  unanswered: ({ what: string } & Refusal)[];
  /** Every price was told. */
  complete: boolean;
}

/** Adds up what the cloud said: pure. */
export function bill(cluster: string, { quotes, rates }: Quotation, notIncluded: string[]): Bill {
  const items = answered(quotes).map(({ what, names, value: { hour, month } }) => ({
    what,
    count: names.length,
    names,
    hour,
    month,
  }));
  const sum = (price: (item: BillItem) => number) =>
    money(items.reduce((total, item) => total + item.count * price(item), 0));
  const unanswered = [...quotes, ...rates].flatMap(({ what, price }) =>
    "refused" in price ? [{ what, ...price.refused }] : [],
  );
  return {
    cluster,
    hoursPerMonth,
    items,
    hour: sum(({ hour }) => hour),
    month: sum(({ month }) => month),
    rates: answered(rates).map(({ what, unit, value }) => ({ what, unit, price: value })),
    notIncluded,
    unanswered,
    complete: unanswered.length === 0,
  };
}

/** What a cluster has that is billed, and has no price inquiry or one that depends on use alone. */
export function notIncluded(plan: ClusterPlan): string[] {
  const { entry, network, snapshotStore, registry } = plan;
  const makes = entryKindOf(entry).makes(entry);
  return [
    "traffic: between zones, and out of the VPC",
    ...(network.nat === undefined
      ? []
      : [
          `NAT gateway ${network.nat}: by the hour, and the traffic it passes on; no inquiry tells its price`,
        ]),
    ...(makes.some(({ kind }) => kind === "privateZone")
      ? ["private DNS: the zone, and queries for it"]
      : []),
    ...(snapshotStore === undefined ? [] : ["object storage: snapshots of etcd and requests"]),
    ...(registry === undefined ? [] : ["object storage: images of the registry and requests"]),
    ...(registry?.kind === "harbor" ? ["PostgreSQL and Redis of the registry"] : []),
    "what is made in the cluster, such as disks and load balancers of its workloads",
  ];
}

function answered<T, V>(
  asked: readonly (T & { price: Answer<V> })[],
): (Omit<T, "price"> & { value: V })[] {
  return asked.flatMap(({ price, ...rest }) =>
    "value" in price ? [{ ...rest, value: price.value }] : [],
  );
}

/** An amount without the noise that sums of binary fractions have. */
export function money(amount: number): number {
  return Number(amount.toFixed(6));
}
