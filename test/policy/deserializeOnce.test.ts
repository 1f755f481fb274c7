import { once } from "../../policy/deserializeOnce";

test("each message is converted once, with and without marks of secrets", () => {
  const convert = jest.fn((properties: object, secrets: boolean) => ({ properties, secrets }));
  const converted = once(convert);
  const [one, other] = [{}, {}];
  expect(converted(one, false)).toBe(converted(one, false));
  expect(converted(one, false)).not.toBe(converted(other, false));
  expect(converted(one, true)).toEqual({ properties: one, secrets: true });
  expect(convert).toHaveBeenCalledTimes(3);
});
