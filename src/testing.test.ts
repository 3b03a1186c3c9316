import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { onBoth, type Subject } from "../conformance/database/on-both.ts";
import type { ClientOptions } from "./client/options.ts";
import { type Attempt, job, worker } from "./index.ts";
import { TestClock } from "./testing/clock.ts";
import { type TestQueue, testQueue } from "./testing.ts";

const NOW = new Date("2030-01-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const email = job("email", { args: z.object({ to: z.string() }) });
const other = job("other");
type Handle = (attempt: Attempt<{ to: string }>) => unknown;
const emailing = (handle: Handle, timeoutMs = 10_000) => [worker(email, handle, { timeoutMs })];

/** Every column of every row, and which transaction wrote it. */
async function rowsOf({ db }: TestQueue): Promise<readonly string[]> {
  const sql = "select id || ' ' || xmin || to_jsonb(river_job)::text as row from river_job";
  const { rows } = await db.query<{ row: string }>(`${sql} order by id`, []);
  return rows.map(({ row }) => row);
}

const cases = (subject: Subject) => {
  const opened: TestQueue[] = [];
  const open = async (options: Omit<ClientOptions, "clock"> = {}) => {
    const queue = await testQueue(options, { db: subject.db, now: NOW });
    opened.push(queue);
    return queue;
  };
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close();
  });

  describe("insertedJobs", () => {
    test("tells args by their type, and takes a selection", async () => {
      const queue = await open();
      await queue.client.insert(email({ to: "a" }));
      await queue.client.insert(other({}), { queue: "elsewhere" });
      await queue.client.insert(email({ to: "b" }), { scheduledAt: new Date("2030-01-02") });
      const emails = await queue.insertedJobs(email);
      expect(emails.map(({ args, state }) => [args.to, state])).toEqual([
        ["a", "available"],
        ["b", "scheduled"],
      ]);
      expect(await queue.insertedJobs(email, { states: ["available"] })).toHaveLength(1);
      const [moved] = await queue.insertedJobs({ queues: ["elsewhere"] });
      expect(moved).toMatchObject({ kind: "other", args: {}, createdAt: queue.clock.micros });
      expect(await queue.insertedJobs()).toHaveLength(3);
    });
  });

  describe("work", () => {
    test("works one job and touches no other, not even one that goes first", async () => {
      const queue = await open({ workers: emailing(({ args, output }) => output(args.to)) });
      await queue.client.insert(email({ to: "a" }), { priority: 1 });
      await queue.client.insert(email({ to: "b" }), { priority: 2 });
      await queue.client.insert(email({ to: "c" }), { priority: 1 });
      const before = await rowsOf(queue);
      const { job, outcome } = await queue.work(2n);
      expect(outcome.kind).toBe("complete");
      expect(job).toMatchObject({ id: 2n, state: "completed", queue: "default", attempt: 1 });
      expect(job).toMatchObject({ attemptedBy: ["test"], attemptedAt: queue.clock.micros });
      expect(JSON.parse(job.metadataText)).toEqual({ output: "b" });
      const after = await rowsOf(queue);
      expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    });

    test("refuses a job that is not due, and says when it is", async () => {
      const queue = await open({ workers: emailing(() => {}) });
      const scheduledAt = new Date(NOW.getTime() + 30_000);
      const { job } = await queue.client.insert(email({ to: "a" }), { scheduledAt });
      await expect(queue.work(job)).rejects.toThrow(
        "job 1 must be due to be worked, but is due at 2030-01-01T00:00:30Z, and it is 2030-01-01T00:00:00Z. Set the clock to its scheduledAt.",
      );
      queue.clock.set(job.scheduledAt);
      expect((await queue.work(job)).job.state).toBe("completed");
      await expect(queue.work(job)).rejects.toThrow(
        "job 1 must be due to be worked, but is completed. Only available jobs are worked.",
      );
      await expect(queue.work(2n)).rejects.toMatchObject({ code: "not_found" });
      expect((await queue.insertedJobs()).map((each) => each.queue)).toEqual(["default"]);
    });

    test("tells how an attempt ended", async () => {
      const handle = vi.fn<Handle>();
      handle.mockImplementationOnce(() => {
        throw new Error("no network");
      });
      handle.mockImplementationOnce(({ snooze }) => snooze(HOUR));
      handle.mockImplementationOnce(({ cancel }) => cancel("unsubscribed"));
      const queue = await open({ workers: emailing(handle) });
      const { job } = await queue.client.insert(email({ to: "a" }));

      const failed = await queue.work(job);
      expect(failed.outcome).toMatchObject({ kind: "error", message: "no network" });
      expect(failed.job.errors).toMatchObject([{ attempt: 1, error: "no network" }]);
      const waits = failed.job.scheduledAt - queue.clock.micros;
      expect(waits >= 900_000n && waits <= 1_100_000n).toBe(true);

      queue.clock.set(failed.job.scheduledAt);
      const snoozed = await queue.work(job);
      expect(snoozed.outcome).toEqual({ kind: "snooze", forMicros: 3_600_000_000n });
      expect(snoozed.job).toMatchObject({ state: "scheduled", attempt: 1 });

      queue.clock.advance(HOUR);
      const cancelled = await queue.work(job);
      expect(cancelled.outcome).toEqual({ kind: "cancel", message: "unsubscribed" });
      expect(cancelled.job.state).toBe("cancelled");
    });

    test("has what surrounds an attempt of a client: schema, hooks, middleware, policies, steps", async () => {
      const told: string[] = [];
      const work = async (_: unknown, next: () => Promise<void>) => {
        told.push("around");
        await next();
      };
      const failing = worker(other, async ({ step }) => {
        await step("first", () => told.push("first"));
        await step("second", () => Promise.reject(new Error("not yet")));
      });
      const queue = await open({
        workers: [...emailing(() => {}), failing],
        hooks: [{ workEnd: (_, error) => void told.push(String(error)) }],
        middleware: [{ work }],
        retryDelayMs: () => 2 * HOUR,
      });
      await queue.client.insert({ kind: "email", args: { to: 7 } });
      const { outcome, job } = await queue.work(1n);
      expect(outcome).toMatchObject({ message: expect.stringContaining("must fit its schema") });
      expect(job.scheduledAt).toBe(queue.clock.micros + 7_200_000_000n);
      await queue.client.insert(other({}));
      await queue.work(2n);
      queue.clock.advance(2 * HOUR);
      await queue.work(2n);
      expect(told.map((each) => each.replace(/^QueueError.*$/, "refused"))).toEqual([
        "around",
        "refused",
        "around",
        "first",
        "Error: not yet",
        "around",
        "Error: not yet",
      ]);
    });

    test("fails the attempt of a kind that has no worker, as a client does", async () => {
      const queue = await open();
      await queue.client.insert(other({}));
      const { outcome, job } = await queue.work(1n);
      expect(outcome).toMatchObject({ message: expect.stringContaining("none for other") });
      expect(job.errors).toHaveLength(1);
    });

    test("fires the signal of a job that is cancelled while it runs", async () => {
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const handle: Handle = ({ signal }) => {
        begin();
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      };
      const queue = await open({ workers: emailing(handle) });
      await queue.client.insert(email({ to: "a" }));
      const working = queue.work(1n);
      await begun;
      await queue.client.cancel(1n);
      expect((await working).job.state).toBe("cancelled");
    });

    test("fires it after the timeout, and gives up on a handler that never settles", async () => {
      const handle: Handle = ({ args, signal }) =>
        new Promise((_, reject) => {
          if (args.to !== "nobody") signal.addEventListener("abort", () => reject(signal.reason));
        });
      const queue = await open({ workers: emailing(handle, 1), stuckAfterMs: 1 });
      await queue.client.insert(email({ to: "a" }));
      const { outcome } = await queue.work(1n);
      expect(outcome).toMatchObject({ message: "job must end within 1 ms, but did not" });
      await queue.client.insert(email({ to: "nobody" }));
      await expect(queue.work(2n)).rejects.toThrow("handler of job 2 (email) must settle");
    });

    test("throws what a client would only log, unless somebody listens", async () => {
      const options: ClientOptions = {
        workers: emailing(() => Promise.reject(new Error("first"))),
        onError: () => {
          throw new Error("second");
        },
      };
      const queue = await open(options);
      await queue.client.insert(email({ to: "a" }));
      await expect(queue.work(1n)).rejects.toThrow("onError must not fail, but did: second");
      const onProblem = vi.fn();
      const told = await open({ ...options, onProblem });
      await told.client.insert(email({ to: "b" }));
      await told.work(2n);
      expect(onProblem).toHaveBeenCalledTimes(1);
    });
  });
};

describe("testQueue", () => {
  onBoth(cases);

  test("opens a database of its own, and another that knows nothing of it", async () => {
    await using first = await testQueue();
    await first.client.insert(other({}));
    await using second = await testQueue();
    expect((await second.client.insert(other({}))).job.id).toBe(1n);
    expect(await first.insertedJobs()).toHaveLength(1);
    await first.close();
    await expect(first.insertedJobs()).rejects.toThrow("closed");
    expect(Math.abs(second.clock.now.getTime() - Date.now())).toBeLessThan(MINUTE);
  });

  test("refuses what cannot be before it opens anything", async () => {
    await expect(testQueue({ rescueAfterMs: 1 })).rejects.toMatchObject({ code: "invalid" });
    await expect(testQueue({}, { now: new Date("soon") })).rejects.toThrow("at must be a date");
    const clock = new TestClock(NOW);
    expect(() => clock.advance(-1)).toThrow("forMs must be 0 or more milliseconds, but is -1.");
    clock.advance(0.5);
    expect([clock.micros, clock.now]).toEqual([BigInt(NOW.getTime()) * 1000n + 500n, NOW]);
  });

  test("works with node:test too", async () => {
    const root = fileURLToPath(new URL("../", import.meta.url));
    const url = pathToFileURL(root).href;
    const folder = await mkdtemp(join(root, "node_modules", ".testing-"));
    try {
      const file = join(folder, "queue.test.mts");
      await writeFile(
        file,
        `import assert from "node:assert/strict";
        import { test } from "node:test";
        import { openPglite } from "${url}conformance/database/pglite.ts";
        import { job, worker } from "${url}src/index.ts";
        import { testQueue } from "${url}src/testing.ts";
        test("works", async () => {
          const ping = job("ping");
          const db = await openPglite();
          await using queue = await testQueue({ workers: [worker(ping, () => {})] }, { db });
          await queue.client.insert(ping({}));
          assert.equal((await queue.drain()).length, 1);
          await db.close();
        });`,
      );
      const args = ["--import", "tsx", "--test", "--test-reporter", "tap", file];
      // In a child of vitest's, node:test would take itself for a part of another run.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
      expect(stdout).toMatch(/^# pass 1$/m);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
