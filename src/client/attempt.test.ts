import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { task, workOne } from "../../conformance/database/work-one.ts";
import type { Job } from "../job.ts";
import { job } from "./job-type.ts";
import { CancelledError, StopError, TimeoutError } from "./reasons.ts";
import { type Attempt, worker } from "./worker.ts";

type RunParams = Parameters<typeof workOne> extends [unknown, ...infer Rest] ? Rest : never;

onBoth((subject) => {
  const clients = clientsOn(subject);
  const { start } = clients;
  const run = (...rest: RunParams) => workOne(clients, ...rest);

  describe("args", () => {
    const schema = z.object({ n: z.number(), at: z.string().transform((text) => text.length) });
    const typed = job("typed", { args: schema });

    test("are checked when they are inserted, and handed over as the schema makes them", async () => {
      const got = gate<unknown>();
      const { client } = await start({ workers: [worker(typed, ({ args }) => got.open(args))] });
      const wrong = client.insert(typed({ n: "1", at: "x" } as never));
      await expect(wrong).rejects.toMatchObject({ code: "invalid", field: "args" });
      await expect(wrong).rejects.toThrow(/^args of typed must fit its schema, but do not\. n: /);
      const { job: inserted } = await client.insert(typed({ n: 1, at: "four" }));
      expect(JSON.parse(inserted.argsText)).toEqual({ n: 1, at: "four" });
      expect(await got.opened).toEqual({ n: 1, at: 4 });
    });

    test("that are stored and do not fit fail their own attempt only", async () => {
      const { client } = await start({ workers: [worker(typed, () => {})] });
      const results = await client.insertMany([
        { kind: "typed", args: { n: 1 } },
        { kind: "typed", args: [] },
        typed({ n: 2, at: "" }),
      ]);
      const ids = results.map((result) => result.job.id) as [bigint, bigint, bigint];
      await settled(client, ids[2], "completed");
      for (const id of ids.slice(0, 2)) {
        const row = await eventually("it failed", async () => {
          const found = await client.get(id);
          return found.errors.length > 0 && found;
        });
        expect(row.errors[0]).toHaveProperty("error", expect.stringMatching(/^args of typed must/));
      }
    });

    test("of a kind that nobody works fail the attempt", async () => {
      const { row } = await run(() => {}, {}, { kind: "stranger" } as never);
      expect(row.errors).toMatchObject([
        { error: "client must have a worker for the job's kind, but has none for stranger" },
      ]);
    });
  });

  describe("time", () => {
    test("a timeout fires the signal, and an attempt that lets it through fails by it", async () => {
      let reason: unknown;
      const { row } = await run(
        async ({ signal }) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
          });
          await sleep(60_000, undefined, { signal });
        },
        { timeoutMs: 20 },
      );
      expect(reason).toBeInstanceOf(TimeoutError);
      expect(row.errors).toMatchObject([{ error: "job must end within 20 ms, but did not" }]);
    });

    test("an attempt that succeeds after its timeout is completed", async () => {
      const { row } = await run(
        ({ signal }) =>
          new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
        { jobTimeoutMs: 20 },
      );
      expect(row.state).toBe("completed");
    });

    test("a timeout longer than any timer does not end at once", async () => {
      const { row } = await run(() => sleep(30), { timeoutMs: 40 * 24 * 3_600_000 });
      expect(row).toMatchObject({ state: "completed", errors: [] });
    });

    test("a stuck attempt is told of, and its place is free if onStuck says so", async () => {
      const end = gate();
      let isFirst = true;
      const onStuck = vi.fn(() => true);
      const { client } = await start({
        queues: { default: { maxWorkers: 1, fetchPollMs: 60_000 } },
        workers: [
          worker(
            task,
            async () => {
              if (!isFirst) return;
              isFirst = false;
              await end.opened;
            },
            { timeoutMs: 10 },
          ),
        ],
        stuckAfterMs: 10,
        onStuck,
      });
      const events = client.events("job_stuck");
      const [first, second] = (await client.insertMany([task({}), task({})])).map((r) => r.job);
      expect((await events.next()).value).toMatchObject({
        kind: "job_stuck",
        job: { id: first?.id },
      });
      await settled(client, second?.id ?? 0n, "completed");
      expect(onStuck).toHaveBeenCalledTimes(1);
      end.open();
      await settled(client, first?.id ?? 0n, "completed");
    });

    test("an onStuck that throws is a problem, and the attempt keeps its place", async () => {
      const end = gate();
      const { client, problems } = await start({
        workers: [worker(task, () => end.opened, { timeoutMs: 5 })],
        stuckAfterMs: 5,
        onStuck: () => {
          throw new Error("stuck too");
        },
      });
      const { job: inserted } = await client.insert(task({}));
      await eventually("the problem", () => problems.length > 0);
      end.open();
      await settled(client, inserted.id, "completed");
      expect(problems.splice(0)).toMatchObject([{ what: "onStuck", tries: 0 }]);
    });
  });

  describe("retry", () => {
    const failing = () => Promise.reject(new Error("no"));
    const dueIn = ({ row }: { row: Job }) =>
      Number(row.scheduledAt - (row.attemptedAt ?? 0n)) / 1e6;

    test("a worker's policy outweighs the client's, and is given the job and the error", async () => {
      const policy = vi.fn(() => 3_600_000);
      const ended = await run(failing, { retryDelayMs: policy });
      expect(policy).toHaveBeenCalledWith(
        expect.objectContaining({ kind: "task", attempt: 1 }),
        expect.objectContaining({ message: "no" }),
      );
      expect(ended.row.state).toBe("retryable");
      expect(dueIn(ended)).toBeGreaterThanOrEqual(3600);
      expect(dueIn(ended)).toBeLessThan(3660);
    });

    test("a delay of zero is due at once", async () => {
      let attempts = 0;
      const { client } = await start({
        queues: { default: { maxWorkers: 1, fetchPollMs: 20 } },
        workers: [worker(task, () => (++attempts < 4 ? failing() : null))],
        retryDelayMs: () => 0,
      });
      const { job: inserted } = await client.insert(task({}));
      const row = await settled(client, inserted.id, "completed");
      expect(row.errors).toHaveLength(3);
      expect(row.scheduledAt - inserted.scheduledAt).toBeLessThan(3_000_000n);
    });

    test.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], [null]])(
      "a policy that answers %s leaves it to River's",
      async (answer) => {
        const ended = await run(failing, { retryDelayMs: () => answer });
        expect(dueIn(ended)).toBeGreaterThan(0.9);
        expect(dueIn(ended)).toBeLessThan(10);
      },
    );

    test("a policy that throws is a problem, one that answers ages the longest delay", async () => {
      const ended = await run(failing, {
        retryDelayMs: () => {
          throw new Error("policy");
        },
      });
      expect(ended.row.errors).toMatchObject([{ error: "no" }]);
      expect(ended.problems.splice(0)).toMatchObject([{ what: "retryDelayMs" }]);
      expect(dueIn(await run(failing, { retryDelayMs: () => 1e300 }))).toBeGreaterThan(9e9);
    });

    test("onError can cancel; one that throws is a problem and the attempt fails as it would", async () => {
      const cancelled = await run(failing, { onError: () => "cancel" });
      expect(cancelled.row).toMatchObject({
        state: "cancelled",
        errors: [{ error: "JobCancelError: no" }],
      });
      const failed = await run(failing, {
        onError: () => {
          throw new Error("handler");
        },
      });
      expect(failed.row.errors).toMatchObject([{ error: "no" }]);
      expect(failed.problems.splice(0)).toMatchObject([{ what: "onError" }]);
    });
  });

  describe("ends from outside", () => {
    test("a handler that finishes although it was cancelled has completed its job", async () => {
      const end = gate();
      const { client } = await start({ workers: [worker(task, () => end.opened)] });
      const { job: inserted } = await client.insert(task({}));
      await settled(client, inserted.id, "running");
      await client.cancel(inserted.id);
      end.open();
      expect((await settled(client, inserted.id, "completed")).errors).toEqual([]);
    });

    test.each<[string, (attempt: Attempt<unknown>) => unknown]>([
      ["the signal's reason", ({ signal }) => Promise.reject(signal.reason)],
      ["an error of its own", () => Promise.reject(new Error("own"))],
      ["a snooze", ({ snooze }) => snooze(1)],
    ])("a cancelled attempt that ends by %s is cancelled", async (_, fail) => {
      const { client } = await start({
        workers: [
          worker(task, async (attempt) => {
            await aborted(attempt.signal);
            expect(attempt.signal.reason).toBeInstanceOf(CancelledError);
            return fail(attempt);
          }),
        ],
      });
      const { job: inserted } = await client.insert(task({}));
      await settled(client, inserted.id, "running");
      await client.cancel(inserted.id);
      const row = await settled(client, inserted.id, "cancelled");
      expect(row.errors).toMatchObject([{ error: "JobCancelError: job cancelled remotely" }]);
    });

    test("a hard stop gives back what ends by its signal; an error of the handler's own is recorded", async () => {
      const { client, running } = await start({
        workers: [
          worker(task, async ({ signal, args }) => {
            await aborted(signal);
            expect(signal.reason).toBeInstanceOf(StopError);
            if (args.own) throw new Error("own");
            if (args.wrapped) throw new Error("around", { cause: signal.reason });
            signal.throwIfAborted();
          }),
        ],
      });
      const events = client.events("job_interrupted", "job_failed");
      const inserted = await client.insertMany([
        task({}),
        task({ wrapped: true }),
        task({ own: true }),
      ]);
      const ids = inserted.map((result) => result.job.id);
      for (const id of ids) await settled(client, id, "running");
      await running.stop({ hard: true });
      const rows = await Promise.all(ids.map((id) => client.get(id)));
      expect(rows.map(({ state, attempt, errors }) => [state, attempt, errors.length])).toEqual([
        ["available", 0, 0],
        ["available", 0, 0],
        ["available", 1, 1],
      ]);
      const told = [];
      for await (const event of events) told.push(event.kind);
      expect(told.sort()).toEqual(["job_failed", "job_interrupted", "job_interrupted"]);
    });
  });

  test("a signal never fires once the attempt is over", async () => {
    let left: AbortSignal | undefined;
    const { row, client, running } = await run(({ signal }) => {
      left = signal;
    });
    await client.cancel(row.id);
    await running.stop({ hard: true });
    expect(left?.aborted).toBe(false);
  });
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
