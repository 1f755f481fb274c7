import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must } from "../../lab/process";
import { ensureSdk, toolchain, versions } from "../../toolchain";

jest.setTimeout(5 * 60_000);

const checkout = resolve(__dirname, "../..");
/** The provider that is pinned for people cannot be had everywhere. */
const provider = toolchain().origins.provider?.version ?? versions.provider.official;

// What all others import.
afterAll(() => ensureSdk());

async function changedFiles(directory: string): Promise<string> {
  return (await must(["git", "status", "--porcelain"], { cwd: directory })).stdout;
}

test("npm run sdk generates what the components use, of the provider asked for, and changes no file of the checkout", async () => {
  const before = await changedFiles(checkout);
  const command = ["npm", "run", "--silent", "sdk", "--", "--provider", provider];
  await must(command, { cwd: checkout, env: toolchain().env() });
  const manifest = readFileSync(
    join(checkout, "node_modules/@pulumi/tencentcloud/package.json"),
    "utf8",
  );
  expect(JSON.parse(manifest)).toMatchObject({ name: "@pulumi/tencentcloud", version: provider });
  expect(await changedFiles(checkout)).toBe(before);
});

test("pulumi install changes no file of the checkout", async () => {
  const clone = mkdtempSync(join(tmpdir(), "kubernetes-ha-clone-"));
  try {
    await must(["git", "clone", "--quiet", checkout, clone]);
    // Without npm's own install, which is npm ci's business, and plugins, which lie outside.
    await must(["pulumi", "install", "--no-dependencies", "--no-plugins", "--non-interactive"], {
      cwd: clone,
      env: toolchain().env(),
    });
    expect(await changedFiles(clone)).toBe("");
  } finally {
    rmSync(clone, { recursive: true });
  }
});
