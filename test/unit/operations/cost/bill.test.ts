import type { CloudClients } from "../../../../components/preflight/clients";
import { cloudDemand } from "../../../../components/preflight/demand";
import { askPrices } from "../../../../operations/cost/ask";
import { bill, notIncluded, type Quotation } from "../../../../operations/cost/bill";
import { renderBill } from "../../../../operations/cost/report";
import { planHaving, planOf } from "../../plan/fixture";

// What it asks of a cloud: test/cloud/cost.test.ts.

const refused = { action: "cvm:InquiryPriceRunInstances", code: "InternalError", message: "oh" };
const quotation: Quotation = {
  quotes: [
    { what: "small", names: ["a"], price: { value: { hour: 0.1, month: 73 } } },
    { what: "disk", names: ["b", "c", "d"], price: { value: { hour: 0.2, month: 100 } } },
  ],
  rates: [{ what: "traffic", unit: "GB", price: { value: 0.5 } }],
};

test("a bill is the sum of count times price; what is billed by use is not in it", () => {
  expect(bill("prod", quotation, ["dreams"])).toEqual({
    cluster: "prod",
    hoursPerMonth: 730,
    items: [
      { what: "small", count: 1, names: ["a"], hour: 0.1, month: 73 },
      { what: "disk", count: 3, names: ["b", "c", "d"], hour: 0.2, month: 100 },
    ],
    // Not 0.7000000000000001.
    hour: 0.7,
    month: 373,
    rates: [{ what: "traffic", unit: "GB", price: 0.5 }],
    notIncluded: ["dreams"],
    unanswered: [],
    complete: true,
  });
});

test("a price that was refused is no price of zero", () => {
  const [first, ...rest] = quotation.quotes;
  const quotes = [...rest, { what: "small", names: first?.names ?? [], price: { refused } }];
  expect(bill("prod", { ...quotation, quotes }, [])).toMatchObject({
    items: [{ what: "disk" }],
    hour: 0.6,
    complete: false,
    unanswered: [{ what: "small", ...refused }],
  });
});

test("what has a price by use alone is named by what the cluster has of it", () => {
  const traffic = expect.stringContaining("traffic") as string;
  const own = expect.stringContaining("made in the cluster") as string;
  expect(notIncluded(planOf())).toEqual([traffic, own]);
  expect(notIncluded(planOf(({ network }) => (network.nat = true)))).toEqual([
    traffic,
    expect.stringMatching(/^NAT gateway prod-nat: .* no inquiry tells its price$/) as string,
    own,
  ]);
  const etcd = {
    members: 3,
    instanceType: "S5.MEDIUM4",
    snapshots: { cos: { bucket: "backups-1250000000" } },
  };
  expect(notIncluded(planHaving({ entry: { kind: "clb" }, etcd }))).toEqual([
    traffic,
    expect.stringContaining("private DNS") as string,
    expect.stringContaining("object storage") as string,
    own,
  ]);
});

test("people read a table, the sum, what has no price and what is not in it", () => {
  const quotes = [...quotation.quotes, { what: "large", names: ["e"], price: { refused } }];
  const text = renderBill(bill("prod", { ...quotation, quotes }, ["dreams"]));
  const lines = text.split("\n").map((line) => line.replaceAll(/[│ ]+/g, " ").trim());
  expect(lines).toContain("small a 1 0.1000 73.00");
  expect(lines).toContain("disk b, c, d 3 0.2000 300.00");
  expect(lines).toContain("total 0.7000 373.00");
  expect(lines).toContain(
    "prod: 0.7000 an hour, 373.00 for the first 730 hours, WITHOUT what is below that no price was told of",
  );
  expect(lines).toContain(
    "large: cvm:InquiryPriceRunInstances answered InternalError: the API failed by itself: oh. Run the same command again.",
  );
  expect(text).toContain("not included:\n  traffic: 0.5000 a GB\n  dreams\n");
});

test("many names are cut short", () => {
  const names = ["a", "b", "c", "d", "e"];
  const quotes = [{ what: "small", names, price: { value: { hour: 1, month: 1 } } }];
  expect(renderBill(bill("prod", { quotes, rates: [] }, []))).toContain("a, b, c, 2 more");
});

describe("answers of the API", () => {
  interface Answers {
    instance?: object;
    disk?: object;
    loadBalancer?: object;
    lcu?: object;
    address?: object;
  }
  /** A cloud that answers so. */
  async function quotes(answers: Answers, entry: "clb" | "vip" = "vip") {
    const item = { UnitPrice: 2, UnitPriceDiscount: 1, ChargeUnit: "HOUR" };
    const { instance = item, disk = item, loadBalancer = item, lcu = null, address } = answers;
    const clients = {
      cvm: { InquiryPriceRunInstances: () => ({ Price: { InstancePrice: instance } }) },
      cbs: { InquiryPriceCreateDisks: () => ({ DiskPrice: disk }) },
      clb: {
        InquiryPriceCreateLoadBalancer: () => ({
          Price: { InstancePrice: loadBalancer, LcuPrice: lcu },
        }),
      },
      vpc: {
        InquiryPriceAllocateAddresses: () => ({
          Price: { AddressPrice: address ?? { UnitPrice: 0.8, DiscountPrice: 0.4 } },
        }),
      },
    } as unknown as CloudClients;
    const plan = planHaving(entry === "clb" ? { entry: { kind: "clb" } } : {});
    return askPrices(clients, cloudDemand(plan));
  }
  const instanceOf = ({ quotes: [first] }: Quotation) => first?.price;

  test.each<[string, object, object]>([
    ["discount", { UnitPrice: 2, UnitPriceDiscount: 1 }, { value: { hour: 1, month: 730 } }],
    ["none", { UnitPrice: 2 }, { value: { hour: 2, month: 1460 } }],
    ["all of it", { UnitPrice: 2, UnitPriceDiscount: 0 }, { value: { hour: 0, month: 0 } }],
    [
      "steps",
      {
        ...{ UnitPrice: 9, UnitPriceSecondStep: 9, UnitPriceThirdStep: 9 },
        UnitPriceDiscount: 3,
        UnitPriceDiscountSecondStep: 2,
        UnitPriceDiscountThirdStep: 1,
      },
      // 96 × 3 + 264 × 2 + 370 × 1.
      { value: { hour: 3, month: 1186 } },
    ],
    [
      "steps of zero, which are none",
      { UnitPriceDiscount: 1, UnitPriceDiscountSecondStep: 0, UnitPriceDiscountThirdStep: 0 },
      { value: { hour: 1, month: 730 } },
    ],
    [
      "no price",
      { ChargeUnit: "HOUR" },
      {
        refused: {
          action: "cvm:InquiryPriceRunInstances",
          code: "",
          message: "the answer has no price",
        },
      },
    ],
  ])("an instance with %s", async (_, instance, price) => {
    expect(instanceOf(await quotes({ instance }))).toEqual(price);
  });

  test.each<[string, object, number]>([
    ["the exact discount", { UnitPriceDiscount: 0.04, UnitPriceDiscountHigh: "0.042" }, 0.042],
    ["the exact price", { UnitPrice: 0.04, UnitPriceHigh: "0.042" }, 0.042],
    ["the rounded discount", { UnitPrice: 0.05, UnitPriceDiscount: 0.04 }, 0.04],
    ["no exact one", { UnitPriceDiscount: 0.04, UnitPriceDiscountHigh: null }, 0.04],
  ])("a disk with %s", async (_, disk, hour) => {
    const { quotes: all } = await quotes({ disk });
    expect(all.at(-1)?.price).toMatchObject({ value: { hour } });
  });

  test("a load balancer's capacity is a rate, where the account pays for it", async () => {
    expect((await quotes({}, "clb")).rates).toHaveLength(1);
    const { rates } = await quotes({ lcu: { UnitPrice: 0.04 } }, "clb");
    expect(rates[1]).toMatchObject({ unit: "LCU and hour", price: { value: 0.04 } });
  });

  test("traffic with and without a discount", async () => {
    expect((await quotes({})).rates[0]?.price).toEqual({ value: 0.4 });
    const { rates } = await quotes({ address: { UnitPrice: 0.8 } });
    expect(rates[0]?.price).toEqual({ value: 0.8 });
  });
});
