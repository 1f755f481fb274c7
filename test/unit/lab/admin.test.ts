import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admin } from "../../../lab/admin";

let dir: string;
let admin: Admin;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-admin-"));
  admin = new Admin({ dir });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("when nothing listens it says what to do, not which call of the system failed", async () => {
  await expect(admin.power("99", "kill")).rejects.toThrow(
    /^the lab's cloud does not answer: `npm run lab` starts it \(log: .*daemon\.log\)$/,
  );
  expect(await admin.alive()).toBe(false);
});

test.each([
  [
    JSON.stringify({ error: "no physical host '99'; there are: host-1" }),
    /^no physical host '99'; there are: host-1$/,
  ],
  ["Bad Gateway", /^POST \/hosts\/99\/kill: 404 Bad Gateway$/],
  [JSON.stringify({ other: 1 }), /^POST \/hosts\/99\/kill: 404 \{"other":1\}$/],
])("a refusal is told in the daemon's own words: %s", async (body, said) => {
  const server = createServer((_, response) => response.writeHead(404).end(body));
  await new Promise<void>((resolve) => server.listen(join(dir, "admin.sock"), resolve));
  try {
    await expect(admin.power("99", "kill")).rejects.toThrow(said);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
