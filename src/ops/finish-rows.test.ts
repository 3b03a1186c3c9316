import fc from "fast-check";
import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { readVectors } from "../../conformance/vectors/files.ts";
import { isOwed } from "../../conformance/vectors/snoozes.ts";
import { JOB_STATES } from "../job.ts";
import { type FinishParams, finish, type Outcome } from "./finish.ts";

const NOW = 1_893_456_000_000_001n;
const LATER = NOW + 1_000_000n;
const KEY = `\\x${"ab".repeat(32)}`;
const SECOND = 1_000_000n;

const held = (id: number, outcome: Outcome): FinishParams => ({
  id: BigInt(id),
  attempt: 1,
  attemptedAt: NOW,
  outcome,
});
const error = (retryAt: bigint | null = null): Outcome => ({
  kind: "error",
  message: "e",
  retryAt,
});
const recorded = { at: NOW, attempt: 1, error: "e", trace: "" };

onBoth((subject) => {
  const running = {
    state: "running",
    attempt: 1,
    attempted_at: "2030-01-01T00:00:00.000001Z",
  } as const;
  const put = (id: number, more: object) => putRow(subject, { id, ...running, ...more });

  test("snoozes count on from whatever is there, as River reads it", async () => {
    const owed = readVectors().snoozes.filter(isOwed);
    expect(owed.length).toBeGreaterThan(50);
    const full = ['"1e999"', `"${"9".repeat(300)}"`, "1e400", "1e131071"];
    const extra = [...full, `"1e${"9".repeat(50)}"`].map((value) => `{"snoozes": ${value}}`);
    const metadata = [...owed.map(({ before }) => before), ...extra];
    await subject.db.query(
      `insert into river_job (id, state, kind, args, max_attempts, attempt, attempted_at, metadata)
      select id, 'running', 'k', '{}', 25, 1, '2030-01-01T00:00:00.000001Z', text::jsonb
      from json_array_elements_text($1::text::json) with ordinality as given (text, id)`,
      [JSON.stringify(metadata)],
    );
    const snooze: Outcome = { kind: "snooze", forMicros: 0n };
    const all = metadata.map((_, at) => held(at + 1, snooze));
    const ended = await finish(subject.db, LATER, all);
    const most = '{"snoozes": 9223372036854775807}';
    const after = [...owed.map((vector) => vector.after), ...full.map(() => most)];
    expect(ended.map(({ metadataText }) => metadataText)).toEqual([...after, '{"snoozes": 1}']);
  });

  test.each([-1, 0, 1])("retries are as far away as River's, with jitter %s", async (jitter) => {
    const { retry } = readVectors();
    expect(retry).toHaveLength(401);
    await subject.db.query(
      `insert into river_job (id, state, kind, args, max_attempts, attempt, attempted_at, errors)
      select id + 1, 'running', 'k', '{}', 1000, 1, '2030-01-01T00:00:00.000001Z', array_fill('{}'::jsonb, array[id])
      from generate_series(0, 400) as id`,
      [],
    );
    const failed = retry.map(({ errors }) => held(errors + 1, error()));
    const ended = await finish(subject.db, LATER, failed, { jitter });
    const wrong = ended.filter(({ scheduledAt }, at) => {
      const { least, most } = retry[at] ?? { least: "0", most: "0" };
      const [first, last] = [BigInt(least) / 1000n, BigInt(most) / 1000n];
      const middle = (BigInt(least) * 10n) / 9000n;
      const delay = scheduledAt - LATER;
      const owed = jitter < 0 ? first : jitter > 0 || middle > last ? last : middle;
      // River calculates in doubles, whose last digits are microseconds after a century.
      const isOff = delay > owed ? delay - owed > 10n : owed - delay > 10n;
      return delay > last + 1n || delay < first - 1n || isOff;
    });
    expect(ended).toHaveLength(401);
    expect(wrong.map(({ id, scheduledAt }) => [id, scheduledAt - LATER])).toEqual([]);
  });

  test("metadata that is no object counts as an empty one, and stays until something is merged", async () => {
    for (const [at, metadata] of [
      "cancel_attempted_at",
      ["cancel_attempted_at"],
      1,
      true,
    ].entries()) {
      await put(at + 1, { metadata });
    }
    const ended = await finish(subject.db, LATER, [
      held(1, error(LATER)),
      held(2, { kind: "complete" }),
      held(3, { kind: "complete", metadata: '{"a":1}' }),
      held(4, { kind: "snooze", forMicros: 0n }),
    ]);
    expect(ended.map(({ state, metadataText }) => `${state} ${metadataText}`)).toEqual([
      'available "cancel_attempted_at"',
      'completed ["cancel_attempted_at"]',
      'completed {"a": 1}',
      'available {"snoozes": 1}',
    ]);
  });

  test("a final state gives way, by its bit alone, to another that holds the key", async () => {
    const mask = { unique_key: KEY, unique_states: "00001110" };
    await putRow(subject, {
      id: 1,
      state: "completed",
      finalized_at: "2030-01-01T00:00:00Z",
      ...mask,
    });
    for (const id of [2, 3, 4]) await put(id, mask);
    const ended = await finish(subject.db, LATER, [
      held(2, { kind: "complete" }),
      held(3, { kind: "discard", message: "" }),
      held(4, { kind: "cancel", message: "" }),
    ]);
    expect(ended.map(({ state, uniqueStates }) => `${state} ${uniqueStates}`)).toEqual([
      "completed cancelled,discarded",
      "discarded cancelled,completed",
      "cancelled completed,discarded",
    ]);
    expect(ended.every(({ uniqueKey }) => uniqueKey === "ab".repeat(32))).toBe(true);
  });

  test("a job that would run again is discarded if that would take a key that is held", async () => {
    await putRow(subject, { id: 1, unique_key: KEY, unique_states: "11110101" });
    await put(2, { unique_key: KEY, unique_states: "10101101", attempt: 1 });
    const [ended] = await finish(subject.db, LATER, [held(2, error(LATER + 6n * SECOND))]);
    expect(ended).toMatchObject({
      state: "discarded",
      finalizedAt: LATER,
      attempt: 1,
      errors: [recorded],
      metadataText: '{"unique_key_conflict": "scheduler_discarded"}',
      uniqueStates: ["available", "completed", "retryable", "scheduled"],
    });
  });

  test("no batch raises a violation, whatever the masks", async () => {
    const outcome = fc.constantFrom<Outcome>(
      { kind: "complete" },
      error(LATER),
      error(LATER + 9n * SECOND),
      { kind: "discard", message: "" },
      { kind: "cancel", message: "" },
      { kind: "snooze", forMicros: 9n * SECOND },
      { kind: "interrupt" },
    );
    const row = fc.record({
      state: fc.constantFrom(...JOB_STATES, "running", "running"),
      mask: fc.nat(255),
      outcome,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 7 }), async (rows) => {
        await subject.db.query("truncate river_job", []);
        for (const [at, { state, mask }] of rows.entries()) {
          const isFinal = ["cancelled", "completed", "discarded"].includes(state);
          // Two rows that hold one key cannot be, so the second is left out.
          await put(at + 1, {
            state,
            unique_key: KEY,
            unique_states: mask.toString(2).padStart(8, "0"),
            finalized_at: isFinal ? "2029-01-01T00:00:00Z" : null,
          }).catch(() => null);
        }
        const ended = await finish(
          subject.db,
          LATER,
          rows.map(({ outcome: each }, at) => held(at + 1, each)),
        );
        expect(ended.filter(({ state }) => state === "running")).toEqual([]);
        const holders = ended.filter(({ state, uniqueStates }) => uniqueStates?.includes(state));
        expect(holders.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
