import { expect, test } from "vitest";
import { fetch } from "../../src/ops/fetch.ts";
import { insert } from "../../src/ops/insert.ts";
import { onBoth, putRow, type Subject } from "../database/on-both.ts";
import { repairSql } from "./repair.ts";
import { inSnapshot } from "./snapshot.ts";

const PLACE = { schema: null, timeoutMs: 60_000 } as const;
const RELEASING = "11010101";
const KEYS = ["a", "b", "c", "d"].map((digit) => `\\x${digit.repeat(64)}`);

const victim = (id: number, key: number, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  state: "discarded",
  created_at: "2020-01-01T00:00:00Z",
  scheduled_at: "2020-01-01T10:00:00Z",
  finalized_at: "2020-01-01T10:00:02Z",
  metadata: { unique_key_conflict: "scheduler_discarded", kept: 1 },
  unique_key: KEYS[key],
  unique_states: "11110101",
  ...more,
});

async function sqlFor({ db }: Subject): Promise<string> {
  let text = "";
  await inSnapshot(db, PLACE, async (tx, place) => {
    for await (const part of repairSql(tx, place)) text += part;
  });
  return text;
}

/** As psql does: statement by statement on one connection. */
async function run({ db }: Subject, sql: string): Promise<void> {
  const parts = sql.split("begin isolation level read committed;").slice(1);
  for (const part of parts) {
    const [settings = "", rest = ""] = part.split("do $weir$");
    await db.begin(async (tx) => {
      for (const each of settings.split(";\n").filter((text) => text.trim() !== ""))
        await tx.query(each, []);
      await tx.query(`do $weir$${rest.split("commit;")[0]}`, []);
    });
  }
}

async function states({ db }: Subject): Promise<Readonly<Record<string, string>>> {
  const { rows } = await db.query<{ id: string; state: string }>(
    "select id::text as id, state::text as state from river_job order by river_job.id",
    [],
  );
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
}

onBoth((subject) => {
  test("of each key the newest is put back, where nobody has the key", async () => {
    await putRow(subject, victim(1, 0));
    await putRow(subject, victim(2, 0));
    await putRow(subject, victim(3, 1));
    await putRow(subject, { id: 4, unique_key: KEYS[1], unique_states: "11110101" });
    // Waits for a retry without holding its key, and is alive all the same.
    await putRow(subject, victim(5, 2));
    await putRow(subject, {
      id: 6,
      state: "retryable",
      attempt: 1,
      unique_key: KEYS[2],
      unique_states: RELEASING,
    });
    // Done since: its key is taken by what completed.
    await putRow(subject, victim(7, 3));
    await putRow(subject, {
      id: 8,
      state: "completed",
      finalized_at: "2030-01-01T00:00:00Z",
      unique_key: KEYS[3],
      unique_states: "11110101",
    });
    const sql = await sqlFor(subject);
    expect(sql).toContain("array[2];");
    await run(subject, sql);
    expect(await states(subject)).toEqual({
      1: "discarded",
      2: "available",
      3: "discarded",
      4: "available",
      5: "discarded",
      6: "retryable",
      7: "discarded",
      8: "completed",
    });
    // Once more changes nothing.
    await run(subject, sql);
    expect((await states(subject))[2]).toBe("available");
    expect(await sqlFor(subject)).toContain("Nothing to repair");
  });

  test("a job put back can run, has an attempt left, no mark and no end", async () => {
    await putRow(
      subject,
      victim(1, 0, {
        attempt: 3,
        max_attempts: 3,
        attempted_at: "2020-01-01T09:00:00Z",
        errors: [{}, {}, {}],
      }),
    );
    await run(subject, await sqlFor(subject));
    const [job] = await fetch(subject.db, null, { queue: "default", limit: 1, client: "c1" });
    expect(job).toMatchObject({ id: 1n, attempt: 4, maxAttempts: 4, finalizedAt: null });
    expect(job?.metadataText).toBe('{"kept": 1}');
  });

  test("nothing is put back that has changed since, nor without the unique index or available in the mask", async () => {
    await putRow(subject, victim(1, 0));
    await putRow(subject, victim(2, 1));
    await putRow(subject, victim(3, 2, { unique_states: "11110100" }));
    const sql = await sqlFor(subject);
    expect(sql).toContain("array[1, 2];");
    await subject.db.query("update river_job set metadata = '{}' where id = 1", []);
    await putRow(subject, { id: 9, unique_key: KEYS[1], unique_states: "11110101" });
    await run(subject, sql);
    expect(await states(subject)).toEqual({
      1: "discarded",
      2: "discarded",
      3: "discarded",
      9: "available",
    });
    await subject.db.query("delete from river_job where id = 9", []);
    await subject.db.query("drop index river_job_unique_idx", []);
    try {
      expect(await sqlFor(subject)).toContain("Nothing to repair");
    } finally {
      await subject.db.query(
        `create unique index river_job_unique_idx on river_job (unique_key)
         where unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state)`,
        [],
      );
    }
  });

  test("inserts that race with it never lead to two live jobs of a key", async () => {
    const { db } = subject;
    const COUNT = 24;
    const jobs = Array.from({ length: COUNT }, (_, n) => ({
      kind: "weir",
      args: { n },
      scheduledAt: 1_577_872_800_000_000n,
      unique: { byArgs: true },
    }));
    await insert(db, null, jobs);
    await db.query(
      `update river_job set state = 'discarded', finalized_at = '2020-01-01T10:00:02Z',
         metadata = '{"unique_key_conflict": "scheduler_discarded"}'`,
      [],
    );
    const sql = await sqlFor(subject);
    const again = jobs.map(({ scheduledAt: _, ...job }) => job);
    await Promise.all([run(subject, sql), ...again.map((job) => insert(db, null, [job]))]);
    const { rows } = await db.query<{ live: string; keys: string }>(
      `select count(*)::text as live, count(distinct unique_key)::text as keys
       from river_job where state = 'available'`,
      [],
    );
    expect(rows).toEqual([{ live: String(COUNT), keys: String(COUNT) }]);
  });

  if (!subject.isConcurrent) return;
  test("an insert under way is waited for: if it commits, the job stays discarded", async () => {
    const { db } = subject;
    await putRow(subject, victim(1, 0));
    const sql = await sqlFor(subject);
    let repaired: Promise<void> = Promise.resolve();
    await db.begin(async (tx) => {
      await tx.query(
        `insert into river_job (id, args, kind, max_attempts, unique_key, unique_states)
         values (2, '{}', 'weir', 1, $1, b'11110101')`,
        [KEYS[0]],
      );
      repaired = run(subject, sql);
      await expect
        .poll(async () => {
          const { rows } = await db.query<{ n: number }>(
            "select count(*)::int as n from pg_locks where not granted and locktype = 'transactionid'",
            [],
          );
          return rows[0]?.n;
        })
        .toBeGreaterThan(0);
    });
    await repaired;
    expect(await states(subject)).toEqual({ 1: "discarded", 2: "available" });
  });
});
