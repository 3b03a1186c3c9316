import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { JOB_STATES } from "../job.ts";
import { type FinishParams, finish, type Outcome } from "./finish.ts";

const NOW = 1_893_456_000_000_001n;
const LATER = NOW + 1_000_000n;
const KEY = `\\x${"ab".repeat(32)}`;
const SECOND = 1_000_000n;

const { snoozes }: { snoozes: [string, string][] } = JSON.parse(
  readFileSync(new URL("finish.vectors.json", import.meta.url), "utf8"),
);

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
    // A string beyond a double counts as the largest integer here, as a number does; gjson reads it as 0.
    const cases = snoozes.filter(([json]) => json !== '"1e999"');
    for (const [at, [json]] of cases.entries()) {
      await put(at + 1, { metadata: { snoozes: null } });
      await subject.db.query(
        "update river_job set metadata = ('{\"snoozes\": ' || $2::text || '}')::jsonb where id = $1::int",
        [at + 1, json],
      );
    }
    const extra = ['"1e999"', `"${"9".repeat(300)}"`, "1e400", "1e131071", `"1e${"9".repeat(50)}"`];
    for (const [at, json] of extra.entries()) {
      await put(1000 + at, {});
      await subject.db.query(
        "update river_job set metadata = ('{\"snoozes\": ' || $2::text || '}')::jsonb where id = $1::int",
        [1000 + at, json],
      );
    }
    const ids = [...cases.keys()]
      .map((at) => at + 1)
      .concat([...extra.keys()].map((at) => 1000 + at));
    const ended = await finish(
      subject.db,
      LATER,
      ids.map((id) => held(id, { kind: "snooze", forMicros: 0n })),
    );
    const most = 9_223_372_036_854_775_807n;
    const after = cases.map(([, int]) => BigInt(int) + (BigInt(int) === most ? 0n : 1n));
    expect(ended.map((job) => /-?\d+/.exec(job.metadataText)?.[0])).toEqual(
      [...after, most, most, most, most, 1n].map(String),
    );
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
