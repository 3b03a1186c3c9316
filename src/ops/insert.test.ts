import { createHash } from "node:crypto";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { postgres } from "../drivers/pg.ts";
import { migrate } from "../migrate.ts";
import { type InsertParams, insert } from "./insert.ts";

const NOW = 1_893_456_000_000_001n;
const unique = { byArgs: true } as const;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

onBoth((subject) => {
  const rows = async () => {
    const found = await subject.db.query("select *, ctid from river_job order by id", []);
    return found.rows.length;
  };

  test("a job has River's defaults", async () => {
    const [result] = await insert(subject.db, NOW, [{ kind: "k" }]);
    expect(result).toEqual({
      duplicate: false,
      job: {
        id: 1n,
        state: "available",
        attempt: 0,
        maxAttempts: 25,
        attemptedAt: null,
        createdAt: NOW,
        finalizedAt: null,
        scheduledAt: NOW,
        priority: 1,
        argsText: "{}",
        attemptedBy: [],
        errors: [],
        kind: "k",
        metadataText: "{}",
        queue: "default",
        tags: [],
        uniqueKey: null,
        uniqueStates: null,
      },
    });
  });

  test("every option reaches its column, unharmed", async () => {
    const kind = `k"{},\\' null é😀`;
    const [result] = await insert(subject.db, NOW, [
      {
        kind,
        argsText: '{"b": 1.00, "a": "\\"\\\\{}\\n", "n": 12345678901234567890.5}',
        metadata: '{"x":[null]}',
        tags: ["a-b", "NULL", "a_1"],
        priority: 4,
        queue: "a-b|c_1",
        maxAttempts: 32_767,
        scheduledAt: -1n,
      },
    ]);
    expect(result?.job).toMatchObject({
      kind,
      state: "scheduled",
      argsText: '{"a": "\\"\\\\{}\\n", "b": 1.00, "n": 12345678901234567890.5}',
      metadataText: '{"x": [null]}',
      tags: ["a-b", "NULL", "a_1"],
      priority: 4,
      queue: "a-b|c_1",
      maxAttempts: 32_767,
      scheduledAt: -1n,
      createdAt: NOW,
    });
  });

  test("pending outweighs scheduledAt; a kind may be null by name", async () => {
    const results = await insert(subject.db, NOW, [
      { kind: "null", pending: true, scheduledAt: NOW },
      { kind: "NULL", scheduledAt: null },
    ]);
    expect(results.map(({ job }) => [job.kind, job.state])).toEqual([
      ["null", "pending"],
      ["NULL", "available"],
    ]);
  });

  test("without now the database's clock counts", async () => {
    const [result] = await insert(subject.db, null, [{ kind: "k" }]);
    const { rows: clock } = await subject.db.query<{ good: boolean }>(
      "select created_at = scheduled_at and created_at between now() - interval '1 minute' and now() as good from river_job",
      [],
    );
    expect(clock).toEqual([{ good: true }]);
    expect(result?.job.createdAt).toBe(result?.job.scheduledAt);
  });

  test("a duplicate returns the holder, and leaves it as it is", async () => {
    const [first] = await insert(subject.db, NOW, [{ kind: "k", args: { a: 1 }, unique }]);
    const again: InsertParams = {
      kind: "k",
      argsText: '{"a":1}',
      priority: 3,
      tags: ["abc"],
      unique,
    };
    const [second] = await insert(subject.db, NOW + 5n, [again]);
    expect(first?.job.uniqueKey).toBe(sha256('&kind=k&args={"a":1}'));
    expect(second).toEqual({ duplicate: true, job: first?.job });
    expect(await rows()).toBe(1);
  });

  test("in one call the first of a key is inserted, the others return it", async () => {
    const job = (a: number, more: Partial<InsertParams> = {}): InsertParams => ({
      kind: "k",
      args: { a },
      unique,
      ...more,
    });
    const results = await insert(subject.db, NOW, [
      job(2),
      { kind: "k" },
      job(1),
      job(2, { queue: "other", scheduledAt: NOW }),
      job(1),
      { kind: "k" },
    ]);
    const ids = results.map(({ job: { id } }) => id);
    expect(ids).toEqual([1n, 2n, 3n, 1n, 3n, 4n]);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  test("a large batch keeps its order", async () => {
    const jobs = Array.from(
      { length: 2000 },
      (_, at): InsertParams => ({
        kind: "k",
        args: { at: at % 1500 },
        ...(at % 2 === 0 ? { unique } : {}),
      }),
    );
    const results = await insert(subject.db, NOW, jobs);
    expect(results.map(({ job }) => JSON.parse(job.argsText).at)).toEqual(
      jobs.map((_, at) => at % 1500),
    );
    expect(results.filter(({ duplicate }) => duplicate).length).toBe(250);
  });

  test("a holder in a state that is not in its mask does not hold", async () => {
    const key = sha256('&kind=k&args={"a":1}');
    await putRow(subject, {
      id: 100,
      state: "cancelled",
      finalized_at: "2030-01-01T00:00:00Z",
      unique_key: `\\x${key}`,
      unique_states: "11110101",
    });
    await putRow(subject, { id: 101, unique_key: `\\x${key}` });
    const [result] = await insert(subject.db, NOW, [{ kind: "k", args: { a: 1 }, unique }]);
    expect(result?.duplicate).toBe(false);
    expect(result?.job.uniqueKey).toBe(key);
  });

  test("a period is that of scheduledAt", async () => {
    const byPeriod = { byPeriod: 3_600_000_000n };
    const job = { kind: "k", unique: byPeriod };
    const results = await insert(subject.db, NOW, [
      job,
      { ...job, scheduledAt: NOW + 3_599_000_000n },
      { ...job, scheduledAt: NOW + 3_600_000_000n },
    ]);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([false, true, false]);
  });

  test.each<[string, string, InsertParams]>([
    ["no kind", "kind", { kind: "" }],
    ["a kind too long", "kind", { kind: "😀".repeat(128) }],
    ["NUL in the kind", "kind", { kind: "a\0" }],
    ["half a pair in the kind", "kind", { kind: "a\ud800" }],
    ["no queue", "queue", { kind: "k", queue: "" }],
    ["a queue of capitals", "queue", { kind: "k", queue: "Ab" }],
    ["a queue with two separators", "queue", { kind: "k", queue: "a__b" }],
    ["a queue that ends in a line feed", "queue", { kind: "k", queue: "a\n" }],
    ["a queue too long", "queue", { kind: "k", queue: "a".repeat(65) }],
    ["a tag too short", "tags", { kind: "k", tags: ["abc", "ab"] }],
    ["a tag with a comma", "tags", { kind: "k", tags: ["a,b"] }],
    ["a tag too long", "tags", { kind: "k", tags: ["a".repeat(256)] }],
    ["priority 0", "priority", { kind: "k", priority: 0 }],
    ["priority 5", "priority", { kind: "k", priority: 5 }],
    ["priority 1.5", "priority", { kind: "k", priority: 1.5 }],
    ["no attempts", "maxAttempts", { kind: "k", maxAttempts: 0 }],
    ["too many attempts", "maxAttempts", { kind: "k", maxAttempts: 32_768 }],
    ["args that are no JSON", "args", { kind: "k", argsText: "{" }],
    ["args with NUL", "args", { kind: "k", args: { "a\0": 1 } }],
    ["args with half a pair", "args", { kind: "k", args: ["\ud800"] }],
    ["args twice", "args", { kind: "k", args: {}, argsText: "{}" }],
    ["metadata that is no object", "metadata", { kind: "k", metadata: "[]" }],
    ["metadata that jsonb cannot hold", "metadata", { kind: "k", metadata: '{"a":1e999999}' }],
    ["an instant past all years", "scheduledAt", { kind: "k", scheduledAt: 10n ** 18n }],
    ["a period too short", "unique.byPeriod", { kind: "k", unique: { byPeriod: 999_999n } }],
    ["no paths", "unique.byArgs", { kind: "k", unique: { byArgs: [] } }],
    ["excludeKind alone", "unique.excludeKind", { kind: "k", unique: { excludeKind: true } }],
    ["states that lack some", "unique.byState", { kind: "k", unique: { byState: ["running"] } }],
  ])("%s is refused, and nothing inserted", async (_, field, job) => {
    const call = insert(subject.db, NOW, [{ kind: "fine" }, job]);
    const suffix =
      field === "args" ? /args$/ : new RegExp(`^jobs\\[1\\]\\.${field.replace(".", "\\.")}$`);
    await expect(call).rejects.toMatchObject({
      name: "QueueError",
      code: "invalid",
      field: expect.stringMatching(suffix),
    });
    expect(await rows()).toBe(0);
  });

  test("an empty list is refused", async () => {
    await expect(insert(subject.db, NOW, [])).rejects.toMatchObject({
      code: "invalid",
      field: "jobs",
    });
  });

  test("args that are no object are refused where they make the job unique", async () => {
    await expect(insert(subject.db, NOW, [{ kind: "k", args: [1], unique }])).rejects.toMatchObject(
      { code: "invalid", field: "args" },
    );
  });
});

test("listeners of each queue with an available job are woken once, unless told not to", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  await migrate(db);
  const listener = new pg.Client({ connectionString: fresh.url });
  await listener.connect();
  const heard: string[] = [];
  const done = new Promise<void>((resolve) => {
    listener.on("notification", ({ channel, payload }) => {
      if (payload === "done") resolve();
      else heard.push(`${channel} ${payload}`);
    });
  });
  await listener.query('listen "public.river_insert"');
  const held = { kind: "k", args: {}, unique };
  await insert(db, NOW, [held], { notify: false });
  const jobs: InsertParams[] = [
    { kind: "k", queue: "b" },
    { kind: "k", queue: "b" },
    { kind: "k", queue: "a" },
    { kind: "k", queue: "later", scheduledAt: NOW },
    { ...held, queue: "duplicate" },
  ];
  await insert(db, NOW, jobs);
  await listener.query(`notify "public.river_insert", 'done'`);
  await done;
  await listener.end();
  await db.close();
  await fresh.drop();
  const heardInserts = ["a", "b"].map((queue) => `public.river_insert {"queue": "${queue}"}`);
  expect(heard.sort()).toEqual(heardInserts);
});

test("a holder that is not committed yet is waited for", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  await migrate(db);
  const job: InsertParams = { kind: "k", args: {}, unique };
  const waiting = async () => {
    const { rows } = await db.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      [],
    );
    return rows.length;
  };
  for (const isCommitted of [false, true]) {
    let ours: ReturnType<typeof insert> | undefined;
    const theirs = db.begin(async (tx) => {
      const [first] = await insert(tx, NOW, [job]);
      ours = insert(db, NOW, [job]);
      await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
      if (!isCommitted) throw new Error("rolled back");
      return first;
    });
    const first = await theirs.catch(() => undefined);
    const [second] = (await ours) ?? [];
    expect(second?.duplicate).toBe(isCommitted);
    if (isCommitted) expect(second?.job).toEqual(first?.job);
    await db.query("delete from river_job", []);
  }
  await db.close();
  await fresh.drop();
});
