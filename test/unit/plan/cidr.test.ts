import {
  addressAt,
  contains,
  overlaps,
  parseCidr,
  readAddress,
  readCidr,
} from "../../../components/plan/cidr";

test("a range is its first address and its size", () => {
  expect(readCidr("10.0.16.0/20")).toEqual({
    text: "10.0.16.0/20",
    first: 10 * 2 ** 24 + 16 * 2 ** 8,
    prefix: 20,
    size: 4096,
  });
});

test.each(["10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", "10/8", "::/0", ""])("%s is none", (text) => {
  expect(readCidr(text)).toBeUndefined();
  expect(() => parseCidr(text)).toThrow(`"${text}" is no IPv4 range such as 10.0.0.0/16`);
});

test.each([
  ["0.0.0.1", 1],
  ["255.255.255.255", 2 ** 32 - 1],
  ["10.0.0", undefined],
  ["010.0.0.1", undefined],
])("address %s is %s", (text, expected) => {
  expect(readAddress(text)).toBe(expected);
});

test.each([
  ["10.0.0.0/24", "10.0.0.0/24", true],
  ["10.0.0.0/24", "10.0.0.128/25", true],
  ["10.0.0.0/24", "10.0.1.0/24", false],
  ["10.0.1.0/24", "10.0.0.0/24", false],
])("%s and %s share an address: %s", (a, b, expected) => {
  expect(overlaps(parseCidr(a), parseCidr(b))).toBe(expected);
});

test.each([
  ["10.0.0.0/24", "10.0.0.0/24", true],
  ["10.0.0.0/24", "10.0.0.128/25", true],
  ["10.0.0.128/25", "10.0.0.0/24", false],
  ["10.0.0.0/24", "10.0.1.0/24", false],
  ["10.0.1.0/24", "10.0.0.0/24", false],
])("%s holds %s: %s", (outer, inner, expected) => {
  expect(contains(parseCidr(outer), parseCidr(inner))).toBe(expected);
});

test("addresses are counted from the first", () => {
  const range = parseCidr("10.0.0.0/30");
  expect([0, 3].map((offset) => addressAt(range, offset))).toEqual(["10.0.0.0", "10.0.0.3"]);
  for (const offset of [-1, 4, 1.5])
    expect(() => addressAt(range, offset)).toThrow(
      `address ${offset} is outside 10.0.0.0/30, which has 4 addresses`,
    );
});
