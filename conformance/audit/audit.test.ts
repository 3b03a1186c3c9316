import { describe, expect, test } from "vitest";
import { onBoth, putRow, type Subject } from "../database/on-both.ts";
import { type AuditOptions, audit } from "./audit.ts";
import { CHECK_NAMES, type CheckName } from "./check.ts";
import { LIST_NAMES, type ListName, listJobs } from "./list.ts";
import { recorded } from "./recorded.ts";
import { repairSql } from "./repair.ts";
import { inSnapshot } from "./snapshot.ts";

/** Rows of tests are of 2030; the audit is made half a day later. */
const OPTIONS: AuditOptions = {
  schema: null,
  now: "2030-01-01T12:00:00Z",
  timeoutMs: 60_000,
  limits: { stuck: "1h", late: "5m", paused: "1d" },
  retention: 7 * 86_400,
};

const DEFAULT = "11110101";
const RELEASING = "11010101";
const KEY = `\\x${"a1".repeat(32)}`;

/** A job that waited until 10:00 and was discarded by the scheduler then. */
const VICTIM = {
  state: "discarded",
  scheduled_at: "2030-01-01T10:00:00Z",
  finalized_at: "2030-01-01T10:00:02Z",
  metadata: { unique_key_conflict: "scheduler_discarded" },
  unique_key: KEY,
  unique_states: DEFAULT,
};

async function foundIn(
  { db }: Subject,
  options = OPTIONS,
): Promise<Readonly<Record<string, number>>> {
  const { outcomes } = await audit(db, options);
  expect(outcomes.map(({ check }) => check).sort()).toEqual([...CHECK_NAMES].sort());
  return Object.fromEntries(
    outcomes.flatMap((each) => ("count" in each ? [[each.check, each.count]] : [])),
  );
}

async function listed({ db }: Subject, name: ListName): Promise<readonly (string | null)[]> {
  const ids: (string | null)[] = [];
  await inSnapshot(db, OPTIONS, async (tx, place) => {
    for await (const rows of listJobs(tx, place, name, OPTIONS)) {
      ids.push(...rows.map((row) => row.id ?? null));
    }
  });
  return ids;
}

onBoth((subject) => {
  test("a sound queue has nothing to tell", async () => {
    await putRow(subject, { id: 1 });
    await putRow(subject, { id: 2, state: "completed", finalized_at: "2030-01-01T01:00:00Z" });
    await putRow(subject, {
      id: 3,
      state: "running",
      attempt: 1,
      attempted_at: "2030-01-01T11:30:00Z",
    });
    expect(await foundIn(subject)).toEqual({});
  });

  describe("a discard under the scheduler's mark", () => {
    test.each([
      ["never tried, in a state of its mask", {}, "discarded"],
      [
        "waited for a retry and held its key",
        { attempt: 2, attempted_at: "2030-01-01T09:00:00Z", errors: [{}, {}] },
        "discarded",
      ],
      [
        "snoozed without an error, so scheduled",
        { attempt: 1, attempted_at: "2030-01-01T09:00:00Z", unique_states: RELEASING },
        "discarded",
      ],
      [
        "metadata that was no object",
        { metadata: [1, { unique_key_conflict: "scheduler_discarded" }] },
        "discarded",
      ],
      [
        "had let go of its key",
        {
          attempt: 1,
          attempted_at: "2030-01-01T09:00:00Z",
          errors: [{}],
          unique_states: RELEASING,
        },
        "rivals",
      ],
      ["a mask without scheduled", { unique_states: "01110101" }, "rivals"],
      ["no mask", { unique_states: null }, "unclear"],
      ["no key", { unique_key: null }, "unclear"],
      [
        "started since it came due",
        { attempt: 1, attempted_at: "2030-01-01T10:00:01Z", errors: [{}] },
        null,
      ],
      [
        "started at the very instant",
        { attempt: 1, attempted_at: "2030-01-01T10:00:00Z", errors: [{}] },
        null,
      ],
      ["another mark", { metadata: { unique_key_conflict: "other" } }, null],
      ["cancelled", { state: "cancelled" }, null],
      ["retried, and still under the mark", { state: "available", finalized_at: null }, null],
    ] as const)("%s", async (_, row, check) => {
      await putRow(subject, { id: 1, ...VICTIM, ...row });
      const found = await foundIn(subject);
      for (const name of ["discarded", "rivals", "unclear"] as const) {
        expect(found[name] ?? 0, name).toBe(name === check ? 1 : 0);
        expect(await listed(subject, name)).toEqual(name === check ? ["1"] : []);
      }
    });

    test("is right where the rival is still there, and has held the key ever since", async () => {
      const waited = {
        attempt: 1,
        attempted_at: "2030-01-01T09:00:00Z",
        errors: [{}],
        unique_states: RELEASING,
      };
      await putRow(subject, { id: 1, ...VICTIM, ...waited });
      await putRow(subject, {
        id: 2,
        created_at: "2030-01-01T09:30:00Z",
        scheduled_at: "2030-01-01T11:59:00Z",
        unique_key: KEY,
        unique_states: DEFAULT,
      });
      const { seen } = await audit(subject.db, OPTIONS);
      expect(seen.graded?.map(({ grade, jobs }) => [grade, jobs])).toEqual([["rightly", 1]]);
      await subject.db.query(
        "update river_job set created_at = '2030-01-01T10:00:00Z' where id = 2",
        [],
      );
      expect(await foundIn(subject)).toEqual({ rivals: 1 });
    });

    test("proves nothing without the unique index", async () => {
      await putRow(subject, { id: 1, ...VICTIM });
      await subject.db.query("drop index river_job_unique_idx", []);
      try {
        expect(await foundIn(subject)).toEqual({ unclear: 1, index: 1 });
        const held = {
          unique_key: KEY,
          unique_states: DEFAULT,
          scheduled_at: "2030-01-01T11:59:00Z",
        };
        await putRow(subject, { id: 2, ...held });
        await putRow(subject, { id: 3, ...held });
        expect(await foundIn(subject)).toEqual({ unclear: 1, index: 1, doubles: 2 });
        expect(await listed(subject, "doubles")).toEqual(["2", "3"]);
      } finally {
        await subject.db.query("delete from river_job", []);
        await subject.db.query(
          `create unique index river_job_unique_idx on river_job (unique_key)
           where unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state)`,
          [],
        );
      }
    });

    test("with a rival in one call, the key ended with nobody", async () => {
      await putRow(subject, { id: 1, ...VICTIM });
      await putRow(subject, {
        id: 2,
        ...VICTIM,
        attempt: 1,
        attempted_at: "2030-01-01T09:00:00Z",
        errors: [{}],
        unique_states: RELEASING,
      });
      const { seen, outcomes } = await audit(subject.db, OPTIONS);
      expect(seen.graded?.map(({ grade, together }) => [grade, together])).toEqual([
        ["perhaps", 0],
        ["proved", 1],
      ]);
      expect(JSON.stringify(outcomes)).toContain("ended with nobody");
    });
  });

  test.each([
    ["attempts", { attempt: 3, max_attempts: 2 }],
    ["future", { state: "completed", finalized_at: "2030-01-01T12:02:00Z" }],
    ["stuck", { state: "running", attempt: 1, attempted_at: "2030-01-01T10:59:00Z" }],
    ["late", { state: "retryable", attempt: 1, scheduled_at: "2030-01-01T11:54:00Z" }],
    ["legacy", { unique_key: KEY }],
    ["metadata", { metadata: [] }],
  ] as const)("%s", async (check, row) => {
    const near = { finalized_at: "2030-01-01T12:00:05Z", state: "completed" };
    await putRow(subject, { id: 1, ...row });
    await putRow(subject, { id: 2, ...near });
    await putRow(subject, {
      id: 3,
      state: "running",
      attempt: 2,
      max_attempts: 2,
      attempted_at: "2030-01-01T11:01:00Z",
    });
    await putRow(subject, { id: 4, state: "scheduled", scheduled_at: "2030-01-01T11:56:00Z" });
    expect(await foundIn(subject)).toEqual({ [check]: 1 });
    expect(await listed(subject, check)).toEqual(["1"]);
  });

  test("undated, which only tables from before migration 4 let in", async () => {
    await putRow(subject, { id: 2, state: "completed", finalized_at: "2030-01-01T01:00:00Z" });
    await subject.db.query(
      "alter table river_job drop constraint finalized_or_finalized_at_null",
      [],
    );
    try {
      await putRow(subject, { id: 1, state: "completed" });
      await putRow(subject, { id: 3, finalized_at: "2030-01-01T01:00:00Z" });
      expect(await foundIn(subject)).toEqual({ undated: 2 });
      expect(await listed(subject, "undated")).toEqual(["1", "3"]);
    } finally {
      await subject.db.query("delete from river_job", []);
      await subject.db.query(
        `alter table river_job add constraint finalized_or_finalized_at_null check (
          (finalized_at is null and state not in ('cancelled', 'completed', 'discarded'))
          or (finalized_at is not null and state in ('cancelled', 'completed', 'discarded')))`,
        [],
      );
    }
  });

  test("queues, leaders and migrations", async () => {
    const { db } = subject;
    await db.query(
      `insert into river_queue (name, updated_at, paused_at) values
       ('imports', '2030-01-01', '2029-11-21T12:00:00Z'), ('mail', '2030-01-01', '2030-01-01T11:00:00Z'), ('idle', '2030-01-01', null)`,
      [],
    );
    await db.query(
      "insert into river_leader (elected_at, expires_at, leader_id) values ('2029-12-01', '2029-12-29T12:00:00Z', 'c1')",
      [],
    );
    await db.query(
      "insert into river_migration (line, version) values ('main', 9), ('pro', 1)",
      [],
    );
    try {
      await putRow(subject, { id: 1, queue: "imports" });
      const { outcomes } = await audit(db, OPTIONS);
      const says = outcomes.flatMap((each) => ("says" in each ? [each.says] : []));
      expect(says).toEqual([
        "1 queue paused: imports for 41 d, 1 job waiting",
        "the lease of leader c1 ran out 3 d ago: nobody leads",
        "migrations: line main has version 9, this Weir knows up to 8; line pro (1) is not River's own",
      ]);
    } finally {
      await db.query("delete from river_migration where version = 9 or line = 'pro'", []);
    }
  });

  test("no statement reads args, or writes", async () => {
    await putRow(subject, { id: 1, ...VICTIM });
    const statements: string[] = [];
    const repair: string[] = [];
    const db = recorded(subject.db, statements);
    await audit(db, OPTIONS);
    await inSnapshot(db, OPTIONS, async (tx, place) => {
      for (const name of LIST_NAMES) {
        for await (const rows of listJobs(tx, place, name, OPTIONS))
          expect(rows.length).toBeGreaterThan(0);
      }
      for await (const text of repairSql(tx, place)) repair.push(text);
    });
    expect(statements.length).toBeGreaterThan(30);
    for (const sql of [...statements, ...repair]) {
      expect(sql).not.toMatch(/\bargs\b|(?<!count\()\*|to_jsonb?\(|row_to_json/i);
    }
    for (const sql of statements) {
      expect(sql.trim()).toMatch(/^(select|with|set transaction|declare|fetch|close)/);
    }
    const writing = inSnapshot(subject.db, OPTIONS, (tx) => tx.query("delete from river_job", []));
    await expect(writing).rejects.toMatchObject({ code: "25006" });
  });
});

test("every check has a name that its list knows, or none", () => {
  const unlisted = CHECK_NAMES.filter(
    (name: CheckName) => !LIST_NAMES.some((each) => each === name),
  );
  expect(unlisted).toEqual(["index", "paused", "leader", "migrations"]);
});
