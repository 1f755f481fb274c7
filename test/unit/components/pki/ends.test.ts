import { makeAuthority } from "../../../../components/pki/authority";
import { endWarnings, soonestEnd } from "../../../../components/pki/ends";

test("of several the first end is told", async () => {
  const made = await Promise.all([300, 100, 200].map((days) => makeAuthority("some", days)));
  const days = (Date.parse(soonestEnd(made.map(({ crt }) => crt))) - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(100, 1);
});

const ends = { authorities: "2036-01-01T00:00:00.000Z", administrator: "2028-01-01T00:00:00.000Z" };

test.each<[string, string, string[]]>([
  ["long before", "2027-10-01", []],
  [
    "two months before the administrator's",
    "2027-12-01",
    [
      "The administrator's certificate in the kubeconfig ends on 2028-01-01, in 31 days: change clientRotation, and hand out the kubeconfig anew.",
    ],
  ],
])("%s: %s", (_, now, warnings) => {
  expect(endWarnings(ends, new Date(now))).toEqual(warnings);
});

test("a year before an authority's, and after everything", () => {
  expect(endWarnings(ends, new Date("2035-06-01")).join()).toContain(
    "authority ends on 2036-01-01",
  );
  expect(endWarnings(ends, new Date("2037-01-01"))).toHaveLength(2);
});
