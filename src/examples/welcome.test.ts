import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type TestQueue, testQueue } from "../testing.ts";
import { signUp, welcome, welcoming } from "./welcome.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const send = vi.fn(async (_to: string, _subject: string) => {});
let queue: TestQueue;

beforeAll(async () => {
  queue = await testQueue({ workers: [welcoming(send)] });
});
afterAll(() => queue.close());
beforeEach(async () => {
  send.mockReset();
  await queue.reset();
});

test("signing up asks for two e-mails", async () => {
  await signUp(queue.client, "ada@example.com", queue.clock.now);
  const jobs = await queue.insertedJobs(welcome);
  expect(jobs.map(({ args, state }) => [args.isReminder, state])).toEqual([
    [false, "available"],
    [true, "scheduled"],
  ]);
});

test("the second comes after a week", async () => {
  await signUp(queue.client, "ada@example.com", queue.clock.now);
  await queue.drain();
  expect(send.mock.calls).toEqual([["ada@example.com", "Welcome"]]);
  queue.clock.advance(7 * DAY_MS - 1);
  expect(await queue.drain()).toEqual([]);
  queue.clock.advance(1);
  expect(await queue.drain()).toHaveLength(1);
  expect(send).toHaveBeenLastCalledWith("ada@example.com", "We miss you");
});

test("an e-mail that could not be sent is tried again after a second or so", async () => {
  send.mockRejectedValueOnce(new Error("no network"));
  await signUp(queue.client, "ada@example.com", queue.clock.now);
  const [failed] = await queue.drain();
  expect(failed?.outcome).toMatchObject({ kind: "error", message: "no network" });
  queue.clock.set(failed?.job.scheduledAt ?? 0n);
  const [sent] = await queue.drain();
  expect(sent?.job).toMatchObject({ state: "completed", attempt: 2 });
});
