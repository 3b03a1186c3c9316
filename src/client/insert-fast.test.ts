import { expect, test } from "vitest";
import { clientsOn, eventually } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { job } from "./job-type.ts";
import { worker } from "./worker.ts";

const task = job<{ n: number }>("task", { unique: { byArgs: true } });

onBoth((subject) => {
  const { start, make } = clientsOn(subject);

  test("jobs are inserted fast, unique ones once, and wake whoever works them", async () => {
    const worked: number[] = [];
    const { client } = await start({
      queues: { default: { maxWorkers: 10, fetchPollMs: 60_000 } },
      workers: [worker(task, ({ args }) => void worked.push(args.n))],
    });
    const other = make();
    const answer: unknown = await other.insertManyFast([
      task({ n: 1 }),
      [task({ n: 2 }), { tags: ["second"] }],
      task({ n: 1 }),
    ]);
    expect(answer).toBeUndefined();
    await eventually("both are worked", () => worked.length === 2);
    expect(worked).toEqual([1, 2]);
    const { jobs } = await client.list({ limit: 10 });
    expect(jobs.map(({ tags }) => tags)).toEqual([[], ["second"]]);
  });

  test("fast inserts in a transaction are rolled back with it", async () => {
    const client = make();
    const failing = subject.db.begin(async (tx) => {
      await client.insertManyFast([task({ n: 1 }), { kind: "plain" }], { tx });
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    expect((await client.list({ limit: 10 })).jobs).toEqual([]);
  });
});
