import { run } from "../../../lab/process";

test("a command that is ended at its limit says so, whatever it ends with", async () => {
  const told = (seconds: number) => `ended after ${seconds} s, which is all it was given`;
  const ended = await run(["sleep", "60"], { timeoutSeconds: 1 });
  expect(ended).toMatchObject({ code: 128, stderr: `\nended by SIGTERM\n${told(1)}` });
  const script = "trap 'kill $!; exit 255' TERM; sleep 60 & wait";
  // Time enough for a shell on a busy machine to have its trap.
  const catching = await run(["bash", "-c", script], { timeoutSeconds: 10 });
  expect(catching).toMatchObject({ code: 255, stderr: `\n${told(10)}` });
}, 60_000);

test("a command that ends in time says what it says", async () => {
  const done = await run(["sh", "-c", "cat; echo no >&2; exit 3"], {
    input: "yes",
    timeoutSeconds: 60,
  });
  expect(done).toEqual({ code: 3, stdout: "yes", stderr: "no\n" });
});
