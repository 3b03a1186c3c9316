import fc from "fast-check";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { postgres } from "../drivers/pg.ts";
import { migrate } from "../migrate.ts";
import { type InsertParams, insert } from "./insert.ts";
import { schedule } from "./schedule.ts";

const NOW = 1_893_456_000_000_000n;
const all = { horizon: null, limit: 100 };
const key = (byte: string) => `\\x${byte.repeat(32)}`;
const DEFAULT = "11110101";
const NO_RETRYABLE = "11010001";
const WITH_DISCARDED = "11011001";

onBoth((subject) => {
  const states = async (params: Parameters<typeof schedule>[2] = all) =>
    (await schedule(subject.db, NOW, params)).map(({ id, state }) => `${id} ${state}`);
  const put = (id: number, state: string, mask = DEFAULT, more: object = {}) =>
    putRow(subject, { id, state, unique_key: key("ab"), unique_states: mask, ...more });

  test("due is what is scheduled by the horizon, up to the limit, in order", async () => {
    const job = (at: bigint, more: Partial<InsertParams> = {}): InsertParams => ({
      kind: "k",
      scheduledAt: NOW + at,
      ...more,
    });
    await insert(subject.db, NOW, [job(0n, { priority: 2 }), job(-1n), job(-1n), job(2n), job(1n)]);
    expect(await states({ horizon: null, limit: 2 })).toEqual(["2 available", "3 available"]);
    expect(await states({ horizon: NOW + 1n, limit: 9 })).toEqual(["5 available", "1 available"]);
    expect(await states()).toEqual([]);
  });

  test("alone: a job does not conflict with itself, and keeps everything but its state", async () => {
    const unique = { byArgs: true };
    const [inserted] = await insert(subject.db, NOW, [{ kind: "k", scheduledAt: NOW, unique }]);
    const [moved] = await schedule(subject.db, NOW + 7n, all);
    expect(moved).toEqual({ ...inserted?.job, state: "available" });
  });

  test("holder: it survives whatever its place, the others are discarded", async () => {
    await put(1, "retryable", NO_RETRYABLE);
    await put(2, "scheduled", NO_RETRYABLE, { priority: 4 });
    await put(3, "retryable", NO_RETRYABLE);
    expect(await states()).toEqual(["1 discarded", "3 discarded", "2 available"]);
  });

  test("first: when nobody holds the key the first survives", async () => {
    await put(1, "retryable", NO_RETRYABLE, { priority: 2, errors: [] });
    await put(2, "retryable", NO_RETRYABLE, { metadata: { a: 1 } });
    await put(3, "retryable", WITH_DISCARDED, { metadata: [1] });
    const moved = await schedule(subject.db, NOW + 9n, all);
    expect(moved).toMatchObject([
      { id: 2n, state: "available", finalizedAt: null, metadataText: '{"a": 1}' },
      { id: 3n, state: "discarded", finalizedAt: NOW + 9n, scheduledAt: NOW },
      { id: 1n, state: "discarded", finalizedAt: NOW + 9n },
    ]);
    expect(moved[1]?.metadataText).toBe('{"unique_key_conflict": "scheduler_discarded"}');
    expect(moved[1]?.uniqueStates).toEqual(["available", "pending", "running", "scheduled"]);
    expect(moved[1]?.uniqueKey).toBe("ab".repeat(32));
  });

  test("blocked: an outside holder wins, also one beyond the limit", async () => {
    await put(1, "retryable", NO_RETRYABLE);
    await put(2, "scheduled", DEFAULT, { priority: 4 });
    await put(3, "retryable", WITH_DISCARDED, { unique_key: key("cd") });
    await put(4, "running", DEFAULT, { unique_key: key("cd") });
    expect(await states({ horizon: null, limit: 2 })).toEqual(["1 discarded", "3 discarded"]);
    expect(await states()).toEqual(["2 available"]);
  });

  test("a key without a mask competes with nobody", async () => {
    await put(1, "scheduled", DEFAULT);
    await putRow(subject, { id: 2, state: "scheduled", unique_key: key("ab") });
    expect(await states()).toEqual(["1 available", "2 available"]);
  });

  test("a horizon before now is refused", async () => {
    const call = schedule(subject.db, NOW, { horizon: NOW - 1n, limit: 1 });
    await expect(call).rejects.toMatchObject({ code: "invalid", field: "horizon" });
    await expect(states({ horizon: null, limit: -1 })).rejects.toMatchObject({ code: "invalid" });
  });

  test("without now the database's clock counts, and the horizon is never before it", async () => {
    await insert(subject.db, null, [{ kind: "k", scheduledAt: 0n }]);
    expect(await schedule(subject.db, null, { horizon: 1n, limit: 9 })).toHaveLength(1);
  });

  const STATES = [
    "available",
    "cancelled",
    "completed",
    "discarded",
    "pending",
    "retryable",
    "running",
    "scheduled",
  ];
  const row = fc.record({
    state: fc.constantFrom(...STATES, "retryable", "scheduled"),
    mask: fc.option(fc.nat(255), { freq: 8 }),
    byte: fc.constantFrom("ab", "cd"),
    priority: fc.integer({ min: 1, max: 4 }),
    metadata: fc.constantFrom({}, [], "x"),
  });

  test("whatever rows there are, due jobs are moved, and no key is held twice or lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        await subject.db.query("truncate river_job", []);
        for (const [at, { state, mask, byte, priority, metadata }] of rows.entries()) {
          const isFinal = ["cancelled", "completed", "discarded"].includes(state);
          const stored = {
            id: at + 1,
            state,
            priority,
            metadata,
            finalized_at: isFinal ? "2029-01-01T00:00:00Z" : null,
            unique_key: key(byte),
            unique_states: mask?.toString(2).padStart(8, "0") ?? null,
          };
          // Two rows that hold one key cannot be, so the second is left out.
          await putRow(subject, stored).catch(() => null);
        }
        const moved = await schedule(subject.db, NOW, all);
        const { rows: due } = await subject.db.query(
          "select from river_job where state in ('retryable', 'scheduled')",
          [],
        );
        expect(due).toHaveLength(0);
        for (const byte of ["ab", "cd"]) {
          const rivals = moved.filter((job) => job.uniqueKey?.startsWith(byte) && job.uniqueStates);
          const survivors = rivals.filter(({ state }) => state === "available");
          expect(survivors.length).toBeLessThanOrEqual(1);
          if (rivals.length === 0 || survivors.length === 1) continue;
          const { rows: holders } = await subject.db.query(
            "select from river_job where unique_key = $1::text::bytea and river_job_state_in_bitmask(unique_states, state)",
            [key(byte)],
          );
          expect(holders).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("queues of jobs that can be worked at once are woken", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  await migrate(db);
  const listener = new pg.Client({ connectionString: fresh.url });
  await listener.connect();
  const heard: (string | undefined)[] = [];
  const done = new Promise<void>((resolve) => {
    listener.on("notification", ({ payload }) => {
      if (payload === "done") resolve();
      else heard.push(payload);
    });
  });
  await listener.query('listen "public.river_insert"');
  const at = (queue: string, micros: bigint) => ({ kind: "k", queue, scheduledAt: NOW + micros });
  await insert(db, NOW, [at("a", 0n), at("a", 0n), at("b", 5000n), at("c", 5001n)]);
  const moved = await schedule(db, NOW, { horizon: NOW + 5_000_000n, limit: 10 });
  await listener.query(`notify "public.river_insert", 'done'`);
  await done;
  await listener.end();
  await db.close();
  await fresh.drop();
  expect(moved).toHaveLength(4);
  expect(heard.sort()).toEqual(['{"queue": "a"}', '{"queue": "b"}']);
});
