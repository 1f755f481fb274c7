import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followEvents, nameOf } from "../../../lab/engineEvents";
import { waitFor } from "../../../lab/wait";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "kha-events-"))));
afterEach(() => rmSync(dir, { recursive: true }));

test("a log is followed while it is written, in whole lines, and to its end", async () => {
  const file = join(dir, "events.json");
  const seen: number[] = [];
  const end = followEvents(file, (events) => seen.push(...events.map((each) => each.timestamp)));
  const line = (timestamp: number): string => `${JSON.stringify({ timestamp, text: "ä" })}\n`;
  appendFileSync(file, line(1) + line(2).slice(0, 5));
  await waitFor({ what: "the first event", deadlineSeconds: 10, everyMs: 20 }, () =>
    Promise.resolve(seen.length > 0 ? true : undefined),
  );
  expect(seen).toEqual([1]);
  appendFileSync(file, line(2).slice(5) + line(3));
  end();
  expect(seen).toEqual([1, 2, 3]);
});

test("an engine that never wrote a log has no events", () => {
  const end = followEvents(join(dir, "none.json"), () => {
    throw new Error("there are none");
  });
  expect(end).not.toThrow();
});

test("a resource is named by the end of its URN", () => {
  expect(nameOf({ urn: "urn:pulumi:lab::p::command:remote:Command::lab-etcd-1-etcd" })).toBe(
    "lab-etcd-1-etcd",
  );
});
