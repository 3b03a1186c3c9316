import { afterEach, expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { ClientOptions } from "../client/options.ts";
import { job, worker } from "../index.ts";
import { type TestQueue, testQueue } from "../testing.ts";

const NOW = new Date("2030-01-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const email = job<{ to: string }>("email");
const other = job("other");

onBoth((subject) => {
  const opened: TestQueue[] = [];
  const open = async (options: Omit<ClientOptions, "clock"> = {}) => {
    const queue = await testQueue(options, { db: subject.db, now: NOW });
    opened.push(queue);
    return queue;
  };
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close();
  });

  test("works all that is due, by priority, with what handlers insert", async () => {
    const queue = await open({
      workers: [
        worker(email, async ({ args }) => {
          if (args.to === "a") await queue.client.insert(other({}), { queue: "elsewhere" });
        }),
        worker(other, () => {}),
      ],
    });
    const later = new Date(NOW.getTime() + HOUR);
    await queue.client.insertMany([
      [email({ to: "z" }), { priority: 4 }],
      [email({ to: "a" }), { priority: 2 }],
      [email({ to: "later" }), { scheduledAt: later }],
    ]);
    const worked = await queue.drain();
    expect(worked.map(({ job }) => [job.id, job.state])).toEqual([
      [2n, "completed"],
      [1n, "completed"],
      [4n, "completed"],
    ]);
    expect(await queue.drain()).toEqual([]);
    queue.clock.set(later);
    expect((await queue.drain()).map(({ job }) => job.id)).toEqual([3n]);
  });

  test("works the client's queues only, and none that is paused", async () => {
    const maxWorkers = 5;
    const queue = await open({
      queues: { fast: { maxWorkers }, slow: { maxWorkers } },
      workers: [worker(other, () => {})],
    });
    await queue.client.queues.pause("slow");
    for (const name of ["default", "slow", "fast"])
      await queue.client.insert(other({}), { queue: name });
    expect((await queue.drain()).map(({ job }) => job.queue)).toEqual(["fast"]);
    await queue.client.queues.resume("slow");
    expect((await queue.drain()).map(({ job }) => job.queue)).toEqual(["slow"]);
  });

  test("does not go on for ever", async () => {
    const queue = await open({ workers: [worker(email, ({ snooze }) => snooze(0))] });
    await queue.client.insert(email({ to: "a" }));
    await expect(queue.drain({ limit: 3 })).rejects.toThrow(
      "drain must come to an end within 3 attempts, but has not: the last was attempt 0 of job 1 (email), which ended by snooze and left it available.",
    );
  });

  test("enqueues and works what periodic jobs are due", async () => {
    const queue = await open({
      workers: [worker(other, () => {})],
      periodic: [{ id: "hourly", schedule: "@hourly", job: () => other({}) }],
    });
    const heard = queue.client.events("job_completed");
    expect(await queue.drain()).toEqual([]);
    queue.clock.advance(3 * HOUR + MINUTE);
    await queue.runPeriodic();
    expect(await queue.insertedJobs(other)).toHaveLength(3);
    expect(await queue.drain()).toHaveLength(3);
    expect((await heard.next()).value?.job.id).toBe(1n);
    const daily = { schedule: "@daily", job: () => other({}), runOnStart: true };
    queue.client.addPeriodic(daily);
    expect(await queue.drain()).toHaveLength(1);
    queue.client.removePeriodic(daily);
    queue.clock.advance(DAY);
    expect(await queue.drain()).toHaveLength(24);
  });

  test("reset empties all but the clock", async () => {
    const queue = await open({ queues: { default: { maxWorkers: 1 } } });
    await queue.client.insert(other({}));
    await queue.client.queues.pause("default");
    queue.clock.advance(HOUR);
    await queue.reset();
    expect(await queue.insertedJobs()).toEqual([]);
    expect((await queue.client.queues.get("default")).pausedAt).toBeNull();
    expect(queue.clock.now).toEqual(new Date(NOW.getTime() + HOUR));
    expect((await queue.client.insert(other({}))).job.id).toBe(1n);
  });
});
