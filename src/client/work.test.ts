import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Job } from "../job.ts";
import { job } from "./job-type.ts";
import type { ClientOptions } from "./options.ts";
import { CancelledError, StopError, TimeoutError } from "./reasons.ts";
import { type Attempt, type Worker, worker } from "./worker.ts";

const task = job<Record<string, unknown>>("task");

const metadataOf = ({ metadataText }: Job) => JSON.parse(metadataText);

onBoth((subject) => {
  const { start } = clientsOn(subject);

  /** Works one job and returns it as it then is. */
  async function run(
    handle: (attempt: Attempt<Record<string, unknown>>) => unknown,
    options: Partial<ClientOptions> & Pick<Worker, "timeoutMs" | "retryDelayMs"> = {},
    request = task({}),
  ) {
    const { timeoutMs, retryDelayMs, ...rest } = options;
    const own = { ...(timeoutMs && { timeoutMs }), ...(retryDelayMs && { retryDelayMs }) };
    const started = await start({ workers: [worker(task, handle, own)], ...rest });
    const events = started.client.events();
    const { job: inserted } = await started.client.insert(request);
    for await (const event of events) {
      if (event.kind === "job_stuck" || !("job" in event)) continue;
      const row = await started.client.get(inserted.id);
      expect(event.job).toEqual(row);
      await started.running.stop();
      return { ...started, event, row };
    }
    throw new Error("The client must have told of the job.");
  }

  describe("outcomes", () => {
    test("what resolves is completed, whatever it resolves to", async () => {
      const { row, event } = await run(async () => ({ ignored: 1 }));
      expect([row.state, row.attempt, row.errors, event.kind]).toEqual([
        "completed",
        1,
        [],
        "job_completed",
      ]);
    });

    test("what throws is tried again, with the error's message and stack", async () => {
      const { row, event } = await run(() => {
        throw new RangeError("too far");
      });
      const [error] = row.errors;
      expect([row.state, row.attempt, event.kind]).toEqual(["available", 1, "job_failed"]);
      expect(error).toMatchObject({ attempt: 1, error: "too far" });
      expect(error).toHaveProperty(
        "trace",
        expect.stringContaining("RangeError: too far\n    at "),
      );
    });

    test("the last attempt's error discards", async () => {
      const last = { ...task({}), options: {} };
      const { client } = await start({
        workers: [worker(task, () => Promise.reject(new Error("no")))],
      });
      const { job: inserted } = await client.insert(last, { maxAttempts: 1 });
      expect((await settled(client, inserted.id, "discarded")).errors).toHaveLength(1);
    });

    test("snooze gives the attempt back and records no error", async () => {
      const { row, event } = await run(({ snooze, metadata }) => {
        metadata({ seen: true });
        snooze(60_000);
      });
      expect([row.state, row.attempt, row.errors, event.kind]).toEqual([
        "scheduled",
        0,
        [],
        "job_snoozed",
      ]);
      expect(metadataOf(row)).toEqual({ seen: true, snoozes: 1 });
    });

    test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e16])(
      "a snooze of %s ms fails the attempt",
      async (ms) => {
        const { row } = await run(({ snooze }) => snooze(ms));
        expect(row.errors).toMatchObject([{ error: expect.stringMatching(/^forMs must be/) }]);
      },
    );

    test("cancel and discard end the job", async () => {
      const cancelled = await run(({ cancel }) => cancel(new Error("enough")));
      expect([cancelled.row.state, cancelled.event.kind]).toEqual(["cancelled", "job_cancelled"]);
      expect(cancelled.row.errors).toMatchObject([{ error: "JobCancelError: enough" }]);
      const discarded = await run(({ discard }) => discard("broken"));
      expect([discarded.row.state, discarded.event.kind]).toEqual(["discarded", "job_failed"]);
      expect(discarded.row.errors).toMatchObject([{ error: "broken" }]);
    });

    test("output and metadata are stored with every outcome, the last call's", async () => {
      const { row } = await run(({ output, metadata }) => {
        output("first");
        output({ n: 12345678901234567890n, text: "é<" });
        metadata({ a: 1, b: [null] });
        metadata({ a: 2 });
        throw new Error("after that");
      });
      expect(metadataOf(row)).toMatchObject({ a: 2, b: [null], output: { text: "é<" } });
      expect(row.metadataText).toContain('"n": 12345678901234567890');
    });

    test.each([
      ["undefined", undefined],
      ["a function", () => {}],
      ["NUL", "a\0b"],
      ["half a surrogate pair", "\ud800"],
      ["a cycle", Object.assign([], { 0: 0 })],
      ["too deep", JSON.parse(`${"[".repeat(1100)}${"]".repeat(1100)}`)],
      ["a number past numeric", JSON.parse(`[${"9".repeat(10)}]`).map(() => Number.NaN)],
    ])(
      "output that JSONB cannot hold, %s, fails the attempt where it is given",
      async (what, value) => {
        const given = what === "a cycle" ? cycle() : value;
        const { row } = await run(({ output }) => output(given));
        expect(row.errors).toMatchObject([{ error: expect.stringContaining(" must ") }]);
        expect(metadataOf(row)).toEqual({});
      },
    );

    test("a key of metadata that JSONB cannot hold fails the attempt too", async () => {
      const { row } = await run(({ metadata }) => metadata({ "\ud800": 1 }));
      expect(row.errors).toMatchObject([{ error: expect.stringContaining("surrogate") }]);
    });
  });

  describe("what is thrown", () => {
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error("no prototype");
        },
      },
    );
    const silent = Object.create(null);
    class Odd extends Error {
      override get message(): string {
        throw new Error("no message");
      }
      override get stack(): string {
        throw new Error("no stack");
      }
    }
    test.each<[string, unknown, unknown]>([
      ["a text", "plain", "plain"],
      ["a number", 7, "7"],
      ["null", null, "handler must throw an error, but threw null."],
      ["undefined", undefined, "handler must throw an error, but threw undefined."],
      ["an error without message", new TypeError(), "TypeError"],
      ["NUL and half a surrogate pair", new Error("a\0b\ud800c\udc00"), "a\ufffdb\ufffdc\ufffd"],
      ["an object without prototype", silent, "something that cannot be said"],
      ["an error whose getters throw", new Odd(), "something that cannot be said"],
      ["a proxy that throws", hostile, "something that cannot be said"],
      ["a symbol", Symbol("s"), "Symbol(s)"],
    ])("%s is recorded", async (_, thrown, error) => {
      const { row } = await run(async () => {
        throw thrown;
      });
      expect(row.errors).toMatchObject([{ error }]);
    });

    test("a thenable that settles twice counts once", async () => {
      const { row } = await run(() => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
        then(resolve: () => void, reject: (error: unknown) => void) {
          resolve();
          reject(new Error("again"));
          resolve();
        },
      }));
      expect([row.state, row.errors]).toEqual(["completed", []]);
    });
  });

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

function cycle(): unknown {
  const self: unknown[] = [];
  self.push(self);
  return self;
}
