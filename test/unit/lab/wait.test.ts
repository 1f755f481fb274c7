import { DeadlineError, HopelessError, waitFor } from "../../../lab/wait";

const wait = { what: "the door to open", deadlineSeconds: 0.05, everyMs: 10 };

test("gives up with what it saw last, whether that was told or thrown", async () => {
  const shut = (seen: (what: string) => undefined): Promise<undefined> => {
    seen("it is shut");
    return Promise.resolve(undefined);
  };
  await expect(waitFor(wait, shut)).rejects.toThrow(
    new DeadlineError("gave up waiting for the door to open after 0.05 s; last seen: it is shut"),
  );
  await expect(waitFor(wait, () => Promise.reject(new Error("no key")))).rejects.toThrow(
    /last seen: no key$/,
  );
});

test("ends at once when it is said that there is no hope", async () => {
  let looks = 0;
  const walled = (): Promise<never> => {
    looks += 1;
    return Promise.reject(new HopelessError("it has been walled up"));
  };
  await expect(waitFor({ ...wait, deadlineSeconds: 60 }, walled)).rejects.toThrow(
    new HopelessError("it has been walled up"),
  );
  expect(looks).toBe(1);
});
