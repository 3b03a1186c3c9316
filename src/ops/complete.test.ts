import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { resultOf } from "../../conformance/database/result-of.ts";
import type { Job } from "../job.ts";
import { cancel } from "./cancel.ts";
import { complete } from "./complete.ts";
import { deleteJob } from "./delete.ts";
import { fetch } from "./fetch.ts";
import { finish, type Outcome } from "./finish.ts";
import { get } from "./get.ts";
import { insert } from "./insert.ts";

const NOW = 1_893_456_000_000_001n;
const LATER = NOW + 1_000_000n;

onBoth((subject) => {
  const fetched = async (count: number): Promise<Job[]> => {
    const jobs = Array.from({ length: count }, (_, i) => ({
      kind: `k${i}`,
      ...(i % 2 === 0 && { unique: { byQueue: true } }),
    }));
    await insert(subject.db, NOW, jobs);
    return fetch(subject.db, NOW, { queue: "default", limit: count, client: "c" });
  };

  test("only attempts that run are completed, and nothing else of their rows changes", async () => {
    const [plain, unique, cancelled, late, gone] = (await fetched(5)) as [Job, Job, Job, Job, Job];
    await cancel(subject.db, NOW, cancelled.id);
    await finish(subject.db, NOW, [
      resultOf(cancelled, { kind: "error", message: "", retryAt: null }),
    ]);
    await finish(subject.db, NOW, [resultOf(gone)]);
    await deleteJob(subject.db, gone.id);
    const before = await get(subject.db, cancelled.id);
    const results = [
      resultOf(plain),
      resultOf(cancelled),
      resultOf(unique),
      { ...resultOf(late), attempt: 2 },
      resultOf(gone),
    ];
    expect(await complete(subject.db, LATER, results.reverse())).toBe(2);
    for (const job of [plain, unique]) {
      const completed = { ...job, state: "completed", finalizedAt: LATER };
      expect(await get(subject.db, job.id)).toEqual(completed);
    }
    expect(await get(subject.db, cancelled.id)).toEqual(before);
    expect(await get(subject.db, late.id)).toEqual(late);
  });

  test("two fetches of one number are told apart by their instant", async () => {
    const [job] = (await fetched(1)) as [Job];
    await finish(subject.db, NOW, [resultOf(job, { kind: "snooze", forMicros: 0n })]);
    await fetch(subject.db, LATER, { queue: "default", limit: 1, client: "c" });
    expect(await complete(subject.db, LATER, [resultOf(job)])).toBe(0);
    expect((await get(subject.db, job.id)).state).toBe("running");
  });

  test("a job that would take its key is left to finish, which knows who holds it", async () => {
    const [job] = (await fetched(1)) as [Job];
    await subject.db.query("update river_job set unique_states = B'00000100'", []);
    await insert(subject.db, NOW, [{ kind: "k0", unique: { byQueue: true } }]);
    await subject.db.query("update river_job set unique_states = B'11111111' where id <> $1", [
      job.id,
    ]);
    expect(await complete(subject.db, LATER, [resultOf(job)])).toBe(0);
    expect(await finish(subject.db, LATER, [resultOf(job)], { answer: false })).toEqual([]);
    const { state, uniqueStates } = await get(subject.db, job.id);
    expect([state, uniqueStates]).toEqual(["completed", []]);
  });

  test("without an answer a batch ends as it does with one", async () => {
    const ends = async (answer: boolean) => {
      await subject.db.query("delete from river_job", []);
      const jobs = await fetched(8);
      const outcomes: Outcome[] = [
        { kind: "complete" },
        { kind: "complete", metadata: '{"a": 1}' },
        { kind: "error", message: "e", retryAt: null },
        { kind: "complete" },
        { kind: "snooze", forMicros: 7_000_000n },
        { kind: "discard", message: "d" },
      ];
      const results = jobs.map((job, i) => resultOf(job, outcomes[i % outcomes.length]));
      // One that is not its own makes no difference to the others.
      const late = results.map((each, i) => (i === 6 ? { ...each, attempt: 5 } : each));
      await finish(subject.db, LATER, late, { answer, jitter: 0 });
      const rows = await Promise.all(jobs.map(({ id }) => get(subject.db, id)));
      return rows.map(({ id: _, ...row }) => row);
    };
    expect(await ends(false)).toEqual(await ends(true));
  });

  test("nothing of a batch is written where one result breaks a rule", async () => {
    const [good, bad] = (await fetched(2)) as [Job, Job];
    const results = [resultOf(good), resultOf(bad, { kind: "snooze", forMicros: -1n })];
    await expect(finish(subject.db, LATER, results, { answer: false })).rejects.toMatchObject({
      field: "results[1].outcome.forMicros",
    });
    expect(await get(subject.db, good.id)).toEqual(good);
  });

  test("what no fetch can have said is refused", async () => {
    const result = { id: 1n, attempt: 1, attemptedAt: NOW };
    const refused = [{ attempt: 40_000 }, { id: 2n ** 64n }, { attemptedAt: -(10n ** 18n) }];
    for (const wrong of refused) {
      await expect(complete(subject.db, NOW, [{ ...result, ...wrong }])).rejects.toMatchObject({
        code: "invalid",
      });
    }
  });
});
