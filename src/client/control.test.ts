import { describe, expect, test } from "vitest";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { job } from "./job-type.ts";
import { CancelledError, LostError } from "./reasons.ts";
import { worker } from "./worker.ts";

const task = job<{ n?: number }>("task");
/** Polls so seldom that only what is told can be why something happens. */
const deaf = { maxWorkers: 10, fetchPollMs: 60_000 };

onBoth((subject) => {
  // Of both databases one will do for what takes its time.
  const once = subject.isConcurrent ? test : () => {};
  const { start, make } = clientsOn(subject);

  /** Handlers that wait for their signal, and say why it fired. */
  function waiting() {
    const reasons: unknown[] = [];
    const handler = worker(task, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reasons.push(signal.reason);
      throw signal.reason;
    });
    return { reasons, handler };
  }

  describe("jobs", () => {
    test("another client's cancel fires the signal", async () => {
      const { handler, reasons } = waiting();
      const { client } = await start({ queues: { default: deaf }, workers: [handler] });
      const other = make();
      const { job: inserted } = await other.insert(task({}));
      await settled(other, inserted.id, "running");
      expect((await other.cancel(inserted.id)).state).toBe("running");
      const row = await settled(client, inserted.id, "cancelled");
      expect(row.errors).toMatchObject([{ error: "JobCancelError: job cancelled remotely" }]);
      expect(reasons).toEqual([expect.any(CancelledError)]);
    });

    once("a client that only polls sees it in its row", async () => {
      const { handler } = waiting();
      const { client } = await start({ pollOnly: true, workers: [handler] });
      const { job: inserted } = await client.insert(task({}));
      await settled(client, inserted.id, "running");
      await client.cancel(inserted.id);
      await settled(client, inserted.id, "cancelled");
    });

    once(
      "a job that is deleted, or rescued and worked elsewhere, fires the signal of who worked it",
      async () => {
        const { handler, reasons } = waiting();
        const { client, problems } = await start({ pollOnly: true, workers: [handler] });
        const inserted = await client.insertMany([task({}), task({})]);
        const [gone, stolen] = inserted.map((result) => result.job.id) as [bigint, bigint];
        for (const id of [gone, stolen]) await settled(client, id, "running");
        await subject.db.query("delete from river_job where id = $1::bigint", [String(gone)]);
        const sql =
          "update river_job set state = 'running', attempt = 2, attempted_at = now() where id = $1::bigint";
        await subject.db.query(sql, [String(stolen)]);
        await eventually("both were told", () => reasons.length === 2);
        expect(reasons).toEqual([expect.any(LostError), expect.any(LostError)]);
        expect(await client.get(stolen)).toMatchObject({
          state: "running",
          attempt: 2,
          errors: [],
        });
        expect(problems).toEqual([]);
      },
    );

    test("a cancel between a fetch and its answer is not lost", async () => {
      const { handler, reasons } = waiting();
      const wire = faulty(subject.db);
      const { client } = await start({ queues: { default: deaf }, workers: [handler] }, wire.db);
      const other = make();
      const { job: first } = await other.insert(task({}));
      await settled(other, first.id, "running");
      let second = 0n;
      wire.after("fetch", async () => {
        const { jobs } = await other.list({ states: ["running"] });
        second = jobs.find(({ id }) => id !== first.id)?.id ?? 0n;
        if (second === 0n) return;
        wire.after("fetch", null);
        await other.cancel(second);
        // What is told is heard in order: when this one is, so was that.
        await other.cancel(first.id);
        await eventually("the first is told", () => reasons.length === 1);
      });
      await other.insert(task({}));
      await eventually("both are cancelled", async () => {
        const { jobs } = await other.list({ states: ["cancelled"] });
        return jobs.length === 2;
      });
      expect(second).not.toBe(0n);
      expect(await client.get(second)).toMatchObject({ state: "cancelled", attempt: 1 });
    });

    test("retry makes a final job available again; a running one is not deleted", async () => {
      const end = gate();
      let attempts = 0;
      const { client } = await start({
        queues: { default: { maxWorkers: 1, fetchPollMs: 20 } },
        workers: [
          worker(task, async ({ discard }) => {
            attempts += 1;
            if (attempts === 1) discard("first");
            await end.opened;
          }),
        ],
      });
      const other = make();
      const { job: inserted } = await other.insert(task({}));
      await settled(client, inserted.id, "discarded");
      expect((await other.retry(inserted.id)).state).toBe("available");
      await settled(client, inserted.id, "running");
      await expect(other.delete(inserted.id)).rejects.toMatchObject({ code: "running" });
      end.open();
      await settled(client, inserted.id, "completed");
      expect((await other.delete(inserted.id)).id).toBe(inserted.id);
      await expect(other.get(inserted.id)).rejects.toMatchObject({ code: "not_found" });
    });

    test("listAll goes through every page", async () => {
      const client = make();
      await client.insertMany(Array.from({ length: 25 }, () => task({})));
      const ids = [];
      for await (const { id } of client.listAll({ limit: 10 })) ids.push(id);
      expect(ids).toEqual(Array.from({ length: 25 }, (_, at) => BigInt(at + 1)));
    });
  });

  describe("completing in one's own transaction", () => {
    const note = "insert into river_queue (name, updated_at) values ('noted', now())";
    const noted = async () =>
      (await subject.db.query("select from river_queue where name = 'noted'", [])).rows.length;

    test("what is committed is completed, whatever the handler does then", async () => {
      const { client } = await start({
        workers: [
          worker(task, async ({ complete, output }) => {
            output("early");
            await subject.db.begin(async (tx) => {
              await tx.query(note, []);
              expect((await complete(tx)).state).toBe("completed");
            });
            output("late");
            throw new Error("too late");
          }),
        ],
      });
      const events = client.events("job_completed", "job_failed");
      const { job: inserted } = await client.insert(task({}));
      const { value: event } = await events.next();
      expect(event).toMatchObject({
        kind: "job_completed",
        job: { state: "completed", errors: [], metadataText: '{"output": "late"}' },
      });
      expect([await noted(), (await client.get(inserted.id)).errors]).toEqual([1, []]);
    });

    test("what is rolled back is as if it had never been said", async () => {
      const { client } = await start({
        workers: [
          worker(task, async ({ complete, args }) => {
            const failing = subject.db.begin(async (tx) => {
              await tx.query(note, []);
              await complete(tx);
              throw new Error("rolled back");
            });
            if (args.n === 0) await failing.catch(() => {});
            else await failing;
          }),
        ],
      });
      const results = await client.insertMany(
        [0, 1].map((n) => [task({ n }), { maxAttempts: 1 }] as const),
      );
      const [swallowed, thrown] = results.map((result) => result.job.id) as [bigint, bigint];
      expect((await settled(client, swallowed, "completed")).errors).toEqual([]);
      expect((await settled(client, thrown, "discarded")).errors).toMatchObject([
        { error: "rolled back" },
      ]);
      expect(await noted()).toBe(0);
    });

    test("an attempt that was taken away can complete nothing, so that its transaction rolls back", async () => {
      const failure = gate<unknown>();
      const { client } = await start({
        workers: [
          worker(task, async ({ complete, job: { id } }) => {
            const sql =
              "update river_job set state = 'retryable', scheduled_at = now() + interval '1 hour' where id = $1::bigint";
            await subject.db.query(sql, [String(id)]);
            const failing = subject.db.begin(async (tx) => {
              await tx.query(note, []);
              await complete(tx);
            });
            failure.open(await failing.catch((error: unknown) => error));
          }),
        ],
      });
      const { job: inserted } = await client.insert(task({}));
      expect(await failure.opened).toBeInstanceOf(LostError);
      expect(await noted()).toBe(0);
      expect((await client.get(inserted.id)).state).toBe("retryable");
    });

    once("a handler that goes on after its commit is left alone", async () => {
      const end = gate();
      let signal: AbortSignal | undefined;
      const { client } = await start({
        pollOnly: true,
        workers: [
          worker(task, async (attempt) => {
            ({ signal } = attempt);
            if (attempt.args.n === 0) await subject.db.begin((tx) => attempt.complete(tx));
            await (attempt.args.n === 0
              ? end.opened
              : new Promise((resolve) => attempt.signal.addEventListener("abort", resolve)));
            attempt.signal.throwIfAborted();
          }),
        ],
      });
      const { job: done } = await client.insert(task({ n: 0 }));
      await settled(client, done.id, "completed");
      const mine = signal;
      // The look that sees this one's cancellation has seen the other, too.
      const { job: cancelled } = await client.insert(task({ n: 1 }));
      await settled(client, cancelled.id, "running");
      await client.cancel(cancelled.id);
      await settled(client, cancelled.id, "cancelled");
      expect(mine?.aborted).toBe(false);
      end.open();
    });
  });
});
