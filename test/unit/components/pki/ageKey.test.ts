import { deriveAgeKey } from "../../../../components/pki/ageKey";
import { bech32 } from "../../../../components/pki/bech32";

const seed = Buffer.alloc(32, 1).toString("base64");

test("the vectors of BIP 173", () => {
  expect(bech32("A", new Uint8Array()).toLowerCase()).toMatch(/^a1[a-z0-9]{6}$/);
  expect(bech32("a", new Uint8Array())).toBe("a12uel5l");
  const counting = Uint8Array.from({ length: 20 }, (_, n) => n);
  expect(bech32("abcdef", Buffer.from("00443214c74254b635cf84653a56d7c675be77df", "hex"))).toBe(
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
  );
  expect(bech32("x", counting)).toHaveLength(2 + 32 + 6);
});

test("one purpose has one key", () => {
  const key = deriveAgeKey(seed, "snapshots");
  expect(key).toEqual(deriveAgeKey(seed, "snapshots"));
  expect(key).not.toEqual(deriveAgeKey(seed, "other"));
  expect(key.recipient).toMatch(/^age1[a-z0-9]{58}$/);
  expect(key.identity).toMatch(/^AGE-SECRET-KEY-1[A-Z0-9]{58}$/);
});
