import { expect, inject, test } from "vitest";
import { freshDatabase } from "../conformance/database/fresh.ts";
import { retryOnConflict } from "./conflict.ts";
import type { Database } from "./db.ts";
import { postgres } from "./drivers/pg.ts";
import { migrate } from "./migrate.ts";
import { insert } from "./ops/insert.ts";
import { schedule } from "./ops/schedule.ts";

const NOW = 1_893_456_000_000_000n;
const unique = { byArgs: true };
const violation = Object.assign(new Error("duplicate key"), { code: "23505" });

test("what helps is tried again, what does not is a conflict, and all else passes", async () => {
  let calls = 0;
  const failing = (times: number, error: unknown) => () => {
    calls += 1;
    return calls > times ? Promise.resolve(calls) : Promise.reject(error);
  };
  expect(await retryOnConflict(failing(4, violation))).toBe(5);
  calls = 0;
  await expect(retryOnConflict(failing(5, violation))).rejects.toMatchObject({
    code: "conflict",
    cause: violation,
  });
  const other = Object.assign(new Error("deadlock"), { code: "40P01" });
  await expect(retryOnConflict(failing(99, other))).rejects.toBe(other);
});

async function onPostgres(use: (db: Database) => Promise<void>): Promise<void> {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  await migrate(db);
  await use(db).finally(async () => {
    await db.close();
    await fresh.drop();
  });
}

/** A retryable job that does not hold its key, and a session that has taken it but not committed yet. */
async function race(db: Database, move: () => Promise<unknown>): Promise<unknown> {
  const job = { kind: "k", args: {}, unique };
  const byState = ["available", "pending", "running", "scheduled"] as const;
  await insert(db, NOW, [{ ...job, unique: { ...unique, byState }, scheduledAt: NOW }]);
  await db.query("update river_job set state = 'retryable'", []);
  const waiting = async () => {
    const { rows } = await db.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      [],
    );
    return rows.length;
  };
  let moved: Promise<unknown> | undefined;
  await db.begin(async (tx) => {
    await insert(tx, NOW, [job]);
    moved = move().catch((error: unknown) => error);
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
  });
  return moved;
}

test("a rival that commits while schedule runs blocks the job", async () => {
  await onPostgres(async (db) => {
    const moved = await race(db, () => schedule(db, NOW, { horizon: null, limit: 9 }));
    expect(moved).toMatchObject([{ id: 1n, state: "discarded" }]);
  });
});

test("inside a transaction, which the violation ends, it is a conflict", async () => {
  await onPostgres(async (db) => {
    const moved = await race(db, () =>
      db.begin((tx) => schedule(tx, NOW, { horizon: null, limit: 9 })),
    );
    expect(moved).toMatchObject({ name: "QueueError", code: "conflict" });
  });
});
