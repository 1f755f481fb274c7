import { run, scripts } from "./support/host";

/** Keys as the platform gives them, which end after so many seconds. */
const keys = (seconds: number) => ({
  TmpSecretId: "AKIDtemporary",
  TmpSecretKey: "secret",
  Token: "token",
  ExpiredTime: 1_000_000 + seconds,
  Expiration: "not read",
  Code: "Success",
});

/** What is printed of keys that end so many seconds from now. */
function told(seconds: number): { Expiration: string } {
  const program = `import json, sys; sys.path.insert(0, ${JSON.stringify(scripts)}); import role_keys
print(json.dumps(role_keys.told(json.loads(sys.argv[1]), 1_000_000)))`;
  const env = { PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout, stderr } = run(
    "python3",
    ["-c", program, JSON.stringify(keys(seconds))],
    "",
    env,
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout) as { Expiration: string };
}

test("keys of the role have the names that SDKs of AWS give them", () => {
  expect(told(7200)).toEqual({
    Version: 1,
    AccessKeyId: "AKIDtemporary",
    SecretAccessKey: "secret",
    SessionToken: "token",
    Expiration: "1970-01-12T15:36:40Z",
  });
});

test.each([
  ["ten minutes before they end", 7200, 6600],
  ["for a minute, in the last ten", 300, 60],
  ["until they end, in the last minute", 30, 30],
])("they are kept %s", (_, end, kept) => {
  const until = Date.parse(told(end).Expiration) / 1000 - 1_000_000;
  expect(until).toBe(kept);
});
