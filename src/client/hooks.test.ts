import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { clientsOn, eventually, settled } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { job } from "./job-type.ts";
import type { Middleware } from "./options.ts";
import { worker } from "./worker.ts";

const task = job<{ n?: number }>("task");

onBoth((subject) => {
  const { start, make } = clientsOn(subject);

  test("hooks and middleware are told in order, the first middleware outermost", async () => {
    const log: string[] = [];
    const around = (name: string): Middleware => ({
      insert: async (jobs, next) => {
        log.push(`${name} inserts`);
        const results = await next(jobs);
        log.push(`${name} inserted`);
        return results;
      },
      work: async ({ args }, next) => {
        log.push(`${name} works ${JSON.stringify(args)}`);
        await next();
        log.push(`${name} worked`);
      },
    });
    const hook = (name: string) => ({
      insertBegin: () => void log.push(`${name} insertBegin`),
      workBegin: () => void log.push(`${name} workBegin`),
      workEnd: (_: unknown, error: unknown) => void log.push(`${name} workEnd ${error}`),
    });
    const { client } = await start({
      middleware: [around("a"), {}, around("b")],
      hooks: [hook("1"), {}, hook("2")],
      workers: [worker(task, () => void log.push("works"))],
    });
    const { job: inserted } = await client.insert(task({}));
    await settled(client, inserted.id, "completed");
    // The job may be worked before the insert's answer is here.
    const isOfInsert = (line: string) => line.includes("insert");
    expect(log.filter(isOfInsert)).toEqual([
      "a inserts",
      "b inserts",
      "1 insertBegin",
      "2 insertBegin",
      "b inserted",
      "a inserted",
    ]);
    expect(log.filter((line) => !isOfInsert(line))).toEqual([
      "a works {}",
      "b works {}",
      "1 workBegin",
      "2 workBegin",
      "works",
      "1 workEnd null",
      "2 workEnd null",
      "b worked",
      "a worked",
    ]);
  });

  test("middleware changes what is inserted, and decides what an attempt fails with", async () => {
    const { client } = await start({
      middleware: [
        {
          insert: (jobs, next) => next(jobs.map((each) => ({ ...each, tags: ["traced"] }))),
          work: async (_, next) => {
            await next().catch(() => {
              throw new Error("translated");
            });
          },
        },
      ],
      workers: [worker(task, () => Promise.reject(new Error("raw")))],
    });
    const { job: inserted } = await client.insert(task({}), { maxAttempts: 1 });
    expect(inserted.tags).toEqual(["traced"]);
    expect((await settled(client, inserted.id, "discarded")).errors).toMatchObject([
      { error: "translated" },
    ]);
  });

  test("what hooks throw refuses the insert, and fails the attempt", async () => {
    const refusing = make({
      hooks: [{ insertBegin: ({ kind }) => Promise.reject(new Error(`not ${kind}`)) }],
    });
    await expect(refusing.insert(task({}))).rejects.toThrow("not task");
    let handled = 0;
    const { client } = await start({
      hooks: [
        {
          workBegin: ({ argsText }) => {
            if (argsText.includes("1")) throw new Error("at the beginning");
          },
          workEnd: ({ argsText }, error) => {
            if (argsText.includes("2")) throw new Error(`at the end, ${error}`);
          },
        },
      ],
      workers: [worker(task, () => void handled++)],
    });
    const results = await client.insertMany([
      [task({ n: 1 }), { maxAttempts: 1 }],
      [task({ n: 2 }), { maxAttempts: 1 }],
    ]);
    const rows = await Promise.all(
      results.map((result) => settled(client, result.job.id, "discarded")),
    );
    expect(rows.map(({ errors }) => errors)).toMatchObject([
      [{ error: "at the beginning" }],
      [{ error: "at the end, null" }],
    ]);
    expect(handled).toBe(1);
  });

  test("an attempt is not over while its handler runs, whether or not a middleware waits", async () => {
    const ended: unknown[] = [];
    const { client } = await start({
      middleware: [
        {
          work: async ({ job: { argsText } }, next) => {
            void next();
            if (argsText.includes("2")) throw new Error("impatient");
          },
        },
      ],
      workers: [
        worker(task, async ({ args }) => {
          await sleep(20);
          ended.push(args.n);
          if (args.n === 1) throw new Error("late");
        }),
      ],
    });
    const results = await client.insertMany(
      [0, 1, 2].map((n) => [task({ n }), { maxAttempts: 1 }] as const),
    );
    const rows = await Promise.all(
      results.map((result) => settled(client, result.job.id, "completed", "discarded")),
    );
    expect(ended.sort()).toEqual([0, 1, 2]);
    expect(rows.map(({ errors }) => errors)).toMatchObject([
      [],
      [{ error: "late" }],
      [{ error: "impatient" }],
    ]);
  });

  test("next works once; without it nothing happens", async () => {
    let handled = 0;
    const { client } = await start({
      middleware: [
        {
          work: async ({ job: { argsText } }, next) => {
            if (argsText.includes("0")) return;
            await next();
            await next();
          },
        },
      ],
      workers: [worker(task, () => void handled++)],
    });
    const results = await client.insertMany([
      [task({ n: 0 }), { maxAttempts: 1 }],
      [task({ n: 1 }), { maxAttempts: 1 }],
    ]);
    const rows = await Promise.all(
      results.map((result) => settled(client, result.job.id, "completed", "discarded")),
    );
    expect(rows.map(({ errors }) => errors)).toMatchObject([
      [],
      [{ error: "next must be called once by a middleware, but is again." }],
    ]);
    expect(handled).toBe(1);
  });

  test("periodic jobs pass through both, and a middleware that throws is tried again", async () => {
    let tries = 0;
    const seen: string[] = [];
    const { client, problems } = await start({
      queues: {},
      middleware: [
        {
          insert: (jobs, next) => {
            tries += 1;
            if (tries === 1) throw new Error("not yet");
            return next(jobs);
          },
        },
      ],
      hooks: [{ insertBegin: ({ kind }) => void seen.push(kind) }],
      periodic: [{ id: "p", schedule: "@yearly", job: () => task({}), runOnStart: true }],
    });
    const [found] = await eventually("the job", async () => {
      const { jobs } = await client.list();
      return jobs.length > 0 && jobs;
    });
    expect(JSON.parse(found?.metadataText ?? "")).toEqual({
      periodic: true,
      "river:periodic_job_id": "p",
    });
    expect([tries, seen]).toEqual([2, ["task"]]);
    expect(problems.splice(0)).toMatchObject([{ what: "periodic", tries: 1 }]);
  });
});
