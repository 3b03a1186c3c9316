import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import type { QueueError } from "../errors.ts";
import { cancel } from "./cancel.ts";
import { fetch } from "./fetch.ts";
import { finish } from "./finish.ts";
import { type InsertParams, insert } from "./insert.ts";
import { retry } from "./retry.ts";

const NOW = 1_893_456_000_000_000n;
const LATER = NOW + 1_000_000n;
const KEY = `\\x${"ab".repeat(32)}`;
const DEFAULT = "11110101";
const FINALIZED = "2030-01-01T00:00:00Z";

onBoth((subject) => {
  const one = async (more: Partial<InsertParams> = {}) => {
    const [inserted] = await insert(subject.db, NOW, [{ kind: "k", ...more }]);
    if (inserted === undefined) throw new Error("A job must have been inserted.");
    return inserted.job;
  };
  const fetchOne = async () => {
    const [job] = await fetch(subject.db, NOW, { queue: "default", limit: 1, client: "c" });
    if (job === undefined) throw new Error("A job must have been fetched.");
    return { id: job.id, attempt: job.attempt, attemptedAt: job.attemptedAt ?? 0n, job };
  };
  const failure = (id: bigint): Promise<QueueError> =>
    retry(subject.db, LATER, id).then(
      () => {
        throw new Error("The retry must be refused, but is not.");
      },
      (error: QueueError) => error,
    );

  test.each(["cancelled", "completed", "discarded"])("%s: it is available again", async (state) => {
    const metadata = { a: 1, cancel_attempted_at: FINALIZED };
    await putRow(subject, { id: 1, state, finalized_at: FINALIZED, attempt: 3, metadata });
    expect(await retry(subject.db, LATER, 1n)).toMatchObject({
      state: "available",
      scheduledAt: LATER,
      finalizedAt: null,
      attempt: 3,
      maxAttempts: 25,
      metadataText: '{"a": 1}',
    });
  });

  test.each(["pending", "retryable", "scheduled"])("%s: it need not wait", async (state) => {
    await putRow(subject, { id: 1, state, scheduled_at: "2031-01-01T00:00:00Z" });
    const job = await retry(subject.db, LATER, 1n);
    expect(job).toMatchObject({ state: "available", scheduledAt: LATER });
    expect(await retry(subject.db, LATER + 1n, 1n)).toEqual(job);
  });

  test("available and still to come: it need not wait, twice at one instant", async () => {
    await putRow(subject, {
      id: 1,
      scheduled_at: "2031-01-01T00:00:00Z",
      attempt: 1,
      max_attempts: 1,
    });
    expect(await retry(subject.db, LATER, 1n)).toMatchObject({
      scheduledAt: LATER,
      maxAttempts: 2,
    });
    expect(await retry(subject.db, LATER, 1n)).toMatchObject({ maxAttempts: 2 });
  });

  test("running: it stays, and so does the wish to cancel it", async () => {
    await one();
    const held = await fetchOne();
    const asked = await cancel(subject.db, NOW, held.id);
    expect(await retry(subject.db, LATER, held.id)).toEqual(asked);
  });

  test("a late result of the attempt before a retry ends nothing", async () => {
    await one();
    const { job, ...held } = await fetchOne();
    const discard = { kind: "discard", message: "m" } as const;
    await finish(subject.db, NOW, [{ ...held, outcome: discard }]);
    await retry(subject.db, NOW, job.id);
    const late = { ...held, outcome: { kind: "complete" } as const };
    expect(await finish(subject.db, NOW, [late])).toMatchObject([{ state: "available" }]);
    await fetchOne();
    expect(await finish(subject.db, NOW, [late])).toMatchObject([{ state: "running", attempt: 2 }]);
  });

  test("a key that another holds: refused, with its holder, and nothing changed", async () => {
    const row = { unique_key: KEY, unique_states: DEFAULT };
    await putRow(subject, { id: 7, state: "cancelled", finalized_at: FINALIZED, ...row });
    await putRow(subject, { id: 9, state: "completed", finalized_at: FINALIZED, ...row });
    const error = await failure(7n);
    expect(error).toMatchObject({ code: "conflict", holder: 9n });
    expect(error.message).toContain("job 9 holds it");
    expect(await cancel(subject.db, NOW, 7n)).toMatchObject({
      state: "cancelled",
      metadataText: "{}",
    });
    expect(await retry(subject.db, LATER, 9n)).toMatchObject({ state: "available" });
  });

  test("attempts beyond what the column counts: refused, also where the key is taken", async () => {
    const attempts = { attempt: 32_767, max_attempts: 32_767 };
    const row = { unique_key: KEY, unique_states: DEFAULT };
    await putRow(subject, {
      id: 1,
      state: "discarded",
      finalized_at: FINALIZED,
      ...attempts,
      ...row,
    });
    await putRow(subject, { id: 2, ...row });
    expect((await failure(1n)).code).toBe("attempts_exhausted");
  });

  test("an id that no job has is not found, one that cannot be is invalid", async () => {
    expect((await failure(1n)).code).toBe("not_found");
    expect((await failure(1n << 63n)).code).toBe("invalid");
  });

  test.runIf(subject.isConcurrent)("of rivals retried at once one is available", async () => {
    const row = {
      state: "discarded",
      finalized_at: FINALIZED,
      unique_key: KEY,
      unique_states: "11110001",
    };
    for (const id of [1, 2, 3, 4]) await putRow(subject, { id, ...row });
    const ended = await Promise.allSettled(
      [1n, 2n, 3n, 4n].map((id) => retry(subject.db, LATER, id)),
    );
    expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of ended) {
      if (each.status === "rejected") expect(each.reason.code).toBe("conflict");
    }
  });
});
