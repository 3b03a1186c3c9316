import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { resultOf } from "../../conformance/database/result-of.ts";
import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { fetch } from "./fetch.ts";
import { finish, type Outcome } from "./finish.ts";
import { get } from "./get.ts";
import { insert } from "./insert.ts";
import { update } from "./update.ts";

const NOW = 1_893_456_000_000_001n;
const LATER = NOW + 1_000_000n;

onBoth((subject) => {
  const fetched = async (count: number): Promise<Job[]> => {
    await insert(
      subject.db,
      NOW,
      Array.from({ length: count }, () => ({ kind: "k" })),
    );
    return fetch(subject.db, NOW, { queue: "default", limit: count, client: "c" });
  };

  test("results that differ in everything each reach their own job", async () => {
    const jobs = await fetched(6);
    const outcomes: Outcome[] = [
      { kind: "complete", metadata: '{"a": "\\"b\\\\"}' },
      { kind: "error", message: '{",\\"', trace: "null", retryAt: LATER + 60_000_000n },
      { kind: "cancel", message: "" },
      { kind: "snooze", forMicros: 7_000_000n },
      { kind: "discard", message: "d" },
      { kind: "complete" },
    ];
    const results = jobs.map((job, at) => resultOf(job, outcomes[at] ?? { kind: "interrupt" }));
    const ended = await finish(subject.db, LATER, results.reverse());
    expect(
      ended
        .reverse()
        .map(({ state, scheduledAt, metadataText, errors }) => [
          state,
          scheduledAt - LATER,
          metadataText,
          errors.map((error) => "error" in error && [error.error, error.trace]),
        ]),
    ).toEqual([
      ["completed", NOW - LATER, '{"a": "\\"b\\\\"}', []],
      ["retryable", 60_000_000n, "{}", [['{",\\"', "null"]]],
      ["cancelled", NOW - LATER, "{}", [["JobCancelError: ", ""]]],
      ["scheduled", 7_000_000n, '{"snoozes": 1}', []],
      ["discarded", NOW - LATER, "{}", [["d", ""]]],
      ["completed", NOW - LATER, "{}", []],
    ]);
  });

  test("nothing is returned where no answer is wanted, and all is done", async () => {
    const [job] = await fetched(1);
    if (job === undefined) throw new Error("A job must have been fetched.");
    const ended = await finish(subject.db, LATER, [resultOf(job, { kind: "complete" })], {
      answer: false,
    });
    expect(ended).toEqual([]);
    expect(await get(subject.db, job.id)).toMatchObject({ state: "completed", finalizedAt: LATER });
  });

  // PGlite has one session, which cannot wait for another.
  test.runIf(subject.isConcurrent)("what is changed while it waits is not lost", async () => {
    const [job, other] = await fetched(2);
    if (job === undefined || other === undefined) throw new Error("Two must have been fetched.");
    let finishing: Promise<Job[]> = Promise.resolve([]);
    await subject.db.begin(async (tx) => {
      await update(tx, job.id, { output: "earlier" });
      finishing = finish(subject.db, LATER, [
        resultOf(other, { kind: "complete" }),
        resultOf(job, { kind: "complete", metadata: '{"a": 1}' }),
      ]);
      await waiting(subject.db);
    });
    expect((await finishing).map(({ state, metadataText }) => [state, metadataText])).toEqual([
      ["completed", "{}"],
      ["completed", '{"a": 1, "output": "earlier"}'],
    ]);
  });

  test.runIf(subject.isConcurrent)("of two results at once the first counts", async () => {
    const [job] = await fetched(1);
    if (job === undefined) throw new Error("A job must have been fetched.");
    let second: Promise<Job[]> = Promise.resolve([]);
    await subject.db.begin(async (tx) => {
      await finish(tx, LATER, [resultOf(job, { kind: "complete" })]);
      second = finish(subject.db, LATER + 1n, [
        resultOf(job, { kind: "snooze", forMicros: 60_000_000n }),
        resultOf({ ...job, id: 9n }, { kind: "complete" }),
      ]);
      await waiting(subject.db);
    });
    expect(await second).toMatchObject([{ state: "completed", finalizedAt: LATER, attempt: 1 }]);
  });
});

/** Until a session waits for another one's lock. */
async function waiting(db: Db): Promise<void> {
  const sql =
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while ((await db.query(sql, [])).rows.length === 0);
}
