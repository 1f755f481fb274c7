import { setTimeout } from "node:timers/promises";
import { answer, map } from "../../components/preflight/answer";
import { chargeOrder, chargeWords } from "../../components/preflight/charge";
import type { CloudClients } from "../../components/preflight/clients";
import type { CloudDemand } from "../../components/preflight/demand";
import type { Answer } from "../../components/preflight/facts";
import { hoursPerMonth, money, type Price, type Quotation, type Quote, type Rate } from "./bill";

/** What the price inquiries of several services have in common. */
interface UnitPrice {
  UnitPrice?: number;
  /** What the account pays of it. */
  UnitPriceDiscount?: number;
}

/** Prices of an instance may fall with the hours it has run: from 0, from 96, from 360, as the API's models tell. */
interface SteppedPrice extends UnitPrice {
  UnitPriceSecondStep?: number;
  UnitPriceDiscountSecondStep?: number;
  UnitPriceThirdStep?: number;
  UnitPriceDiscountThirdStep?: number;
}

/** The price of a time that is paid for beforehand, as a whole. */
interface PeriodPrice {
  OriginalPrice?: number;
  /** What the account pays of it. */
  DiscountPrice?: number;
}

const secondStepHours = 96;
const thirdStepHours = 360;

/** How long to wait for the next second's calls, and how often. */
const turnMs = 1000;
const turns = 10;

/**
 * Asks the cloud for the price of everything a cluster takes, one of each kind. Makes nothing, and fails never: a refused call is an answer as well. One
 * question after another, since the inquiries take few calls a second.
 */
export async function askPrices(clients: CloudClients, demand: CloudDemand): Promise<Quotation> {
  const balanced = await askLoadBalancers(clients, demand);
  return {
    quotes: [
      ...(await inTurn(instanceKinds(demand), (kind) => askInstance(clients, kind))),
      ...(await inTurn(diskKinds(demand), (kind) => askDisk(clients, kind))),
      ...balanced.quotes,
    ],
    rates: [
      ...(await inTurn(demand.addresses, (name) => askTraffic(clients, name))),
      ...balanced.rates,
    ],
  };
}

/** Machines that cost the same: a placement group is free. */
function instanceKinds({ hosts }: CloudDemand) {
  return merge(hosts, ({ zone, instanceType, systemDisk, imageId, charge }) => [
    ...[zone, instanceType, systemDisk, imageId, charge],
  ]);
}

/** Disks that cost the same: the inquiry knows no zone. */
function diskKinds({ dataDisks }: CloudDemand) {
  return merge(dataDisks, ({ type, sizeGiB }) => [type, sizeGiB]);
}

async function askInstance(
  { cvm }: CloudClients,
  { zone, instanceType, systemDisk, imageId, charge, names }: CloudDemand["hosts"][number],
): Promise<Quote> {
  return {
    what: `${instanceType} with ${systemDisk.sizeGiB} GiB ${systemDisk.type} in ${zone}${chargeWords(charge)}`,
    names,
    price: await ask("cvm:InquiryPriceRunInstances", async () => {
      const { Price } = await cvm.InquiryPriceRunInstances({
        Placement: { Zone: zone },
        ImageId: imageId,
        ...chargeOrder(charge),
        InstanceType: instanceType,
        // Its price is in that of the instance.
        SystemDisk: { DiskType: systemDisk.type, DiskSize: systemDisk.sizeGiB },
        InstanceCount: 1,
      });
      const price = Price?.InstancePrice ?? {};
      return charge.kind === "prepaid" ? periodPrice(price, charge.months) : steppedPrice(price);
    }),
  };
}

async function askDisk(
  { cbs }: CloudClients,
  { type, sizeGiB, names }: CloudDemand["dataDisks"][number],
): Promise<Quote> {
  return {
    what: `${sizeGiB} GiB ${type}, data disk`,
    names,
    price: await ask("cbs:InquiryPriceCreateDisks", async () => {
      const { DiskPrice } = await cbs.InquiryPriceCreateDisks({
        DiskChargeType: "POSTPAID_BY_HOUR",
        DiskType: type,
        DiskSize: sizeGiB,
        DiskCount: 1,
      });
      // The other fields are rounded to hundredths, which a small disk costs few of.
      const exact = DiskPrice?.UnitPriceDiscountHigh ?? DiskPrice?.UnitPriceHigh;
      return evenPrice(exact ? Number(exact) : paid(DiskPrice ?? {}));
    }),
  };
}

/** All load balancers of a cluster are alike. Accounts of some price classes pay for the capacity they use as well. */
async function askLoadBalancers(
  { clb }: CloudClients,
  { loadBalancers: names }: CloudDemand,
): Promise<Quotation> {
  if (names.length === 0) return { quotes: [], rates: [] };
  const said = await ask("clb:InquiryPriceCreateLoadBalancer", async () => {
    const { Price } = await clb.InquiryPriceCreateLoadBalancer({
      LoadBalancerType: "INTERNAL",
      LoadBalancerChargeType: "POSTPAID",
      GoodsNum: 1,
    });
    const capacity = Price?.LcuPrice ? [paid(Price.LcuPrice)] : [];
    return { instance: evenPrice(paid(Price?.InstancePrice ?? {})), capacity };
  });
  return {
    quotes: [
      { what: "internal load balancer", names, price: map(said, ({ instance }) => instance) },
    ],
    rates: ("value" in said ? said.value.capacity : []).map((value) => ({
      what: `capacity that ${names.join(", ")} uses`,
      unit: "LCU and hour",
      price: { value },
    })),
  };
}

/** An address that is bound to a machine costs what it sends. */
async function askTraffic({ vpc }: CloudClients, name: string): Promise<Rate> {
  return {
    what: `traffic that ${name} sends`,
    unit: "GB",
    price: await ask("vpc:InquiryPriceAllocateAddresses", async () => {
      const { Price } = await vpc.InquiryPriceAllocateAddresses({
        InternetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        AddressType: "EIP",
      });
      const { DiscountPrice, UnitPrice } = Price?.AddressPrice ?? {};
      return told(DiscountPrice ?? UnitPrice);
    }),
  };
}

/** What the API says; asked again where it says that there were too many calls in this second. */
async function ask<T>(action: string, question: () => Promise<T>): Promise<Answer<T>> {
  for (let left = turns; ; left--) {
    const said = await answer(action, question);
    if ("value" in said || said.refused.code !== "RequestLimitExceeded" || left === 0) return said;
    await setTimeout(turnMs);
  }
}

function evenPrice(hour: number): Price {
  return { hour, month: money(hour * hoursPerMonth) };
}

/** Where there are no steps the API names none, or zeros. */
function steppedPrice(item: SteppedPrice): Price {
  const hour = paid(item);
  const second = (item.UnitPriceDiscountSecondStep ?? item.UnitPriceSecondStep) || hour;
  const third = (item.UnitPriceDiscountThirdStep ?? item.UnitPriceThirdStep) || second;
  const month =
    secondStepHours * hour +
    (thirdStepHours - secondStepHours) * second +
    (hoursPerMonth - thirdStepHours) * third;
  return { hour, month: money(month) };
}

/** What a whole period costs, by the month. */
function periodPrice({ OriginalPrice, DiscountPrice }: PeriodPrice, months: number): Price {
  const month = told(DiscountPrice ?? OriginalPrice) / months;
  return { hour: money(month / hoursPerMonth), month: money(month) };
}

function paid({ UnitPrice, UnitPriceDiscount }: UnitPrice): number {
  return told(UnitPriceDiscount ?? UnitPrice);
}

/** @throws when there is none: no price is not a price of zero. */
function told(price: number | undefined): number {
  // The API's models let it be null.
  if (typeof price === "number") return price;
  throw new Error("the answer has no price");
}

/** Puts things of one key together. */
function merge<T extends { names: string[] }>(things: readonly T[], key: (thing: T) => unknown[]) {
  const kinds = new Map<string, T>();
  for (const thing of things) {
    const at = JSON.stringify(key(thing));
    const names = [...(kinds.get(at)?.names ?? []), ...thing.names];
    kinds.set(at, { ...thing, names });
  }
  return [...kinds.values()];
}

async function inTurn<T, U>(all: readonly T[], work: (each: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (const each of all) done.push(await work(each));
  return done;
}
