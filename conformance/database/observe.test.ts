import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { jobsOf, OBSERVE, type ObservedRow, observe } from "./observe.ts";
import { schemaFault } from "./river-schema.ts";
import { createScratch } from "./scratch.ts";

let scratch: Awaited<ReturnType<typeof createScratch>>;
let db: ReturnType<typeof postgres>;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"));
  db = postgres(scratch.url, { maxConnections: 1 });
  await migrate(db);
});
afterAll(async () => {
  await db.close();
  await scratch.drop();
});

async function observed(columns: string, values: string) {
  await db.query("truncate river_job restart identity", []);
  await db.query(
    `insert into river_job (args, kind, max_attempts, ${columns}) values ('{}', 'k', 9, ${values})`,
    [],
  );
  return (await observe(db)).jobs[0];
}

test("River's tables are River's, and a changed column is named", async () => {
  expect(await schemaFault(db)).toBeNull();
  await db
    .begin(async (tx) => {
      await tx.query("alter table river_job drop column unique_states cascade", []);
      expect(await schemaFault(tx)).toBe("river_job.unique_states must be bit(8), but is missing");
      await tx.query("drop table river_job cascade", []);
      expect(await schemaFault(tx)).toBe("there must be a table river_job, but there is none");
      throw new Error("undo");
    })
    .catch((error: Error) => expect(error.message).toBe("undo"));
});

test("every column is read, instants to the microsecond", async () => {
  const job = await observed(
    `state, attempt, attempted_at, created_at, finalized_at, scheduled_at, priority, attempted_by, errors, metadata, queue, tags, unique_key, unique_states`,
    `'cancelled', 3, '2030-01-01T00:00:00.000001Z', '2029-12-31T23:59:59.999999Z', '2030-01-01T00:00:01Z', '2029-12-31 19:00:00-05',
     2, array['a', 'b "c"'], array['{"at": "2030-01-01T01:00:00.123456789+01:00", "attempt": 1, "error": "é\\n", "trace": ""}'::jsonb],
     '{"n": 1.0, "big": 12345678901234567890}', 'q', array['t1', 't2'], '\\x00ff', B'11110101'`,
  );
  expect(job).toEqual({
    id: 1,
    state: "cancelled",
    attempt: 3,
    maxAttempts: 9,
    attemptedAt: 1,
    createdAt: -1,
    finalizedAt: 1_000_000,
    scheduledAt: 0,
    priority: 2,
    args: "{}",
    attemptedBy: ["a", 'b "c"'],
    errors: [{ at: 123_456, attempt: 1, error: "é\n", trace: "" }],
    kind: "k",
    metadata: `{"n": 1.0, "big": 12345678901234567890}`,
    queue: "q",
    tags: ["t1", "t2"],
    uniqueKey: "00ff",
    uniqueStates: 0xf5,
  });
});

test("null arrays are empty ones, and other nulls stay", async () => {
  expect(await observed("attempted_by, errors", "null, null")).toMatchObject({
    attemptedBy: [],
    errors: [],
    attemptedAt: null,
    finalizedAt: null,
    uniqueKey: null,
    uniqueStates: null,
  });
});

test("infinite instants are infinite", async () => {
  expect(await observed("scheduled_at, created_at", "'infinity', '-infinity'")).toMatchObject({
    scheduledAt: Number.POSITIVE_INFINITY,
    createdAt: Number.NEGATIVE_INFINITY,
  });
});

const RIVERS = { at: "2030-01-01T00:00:00Z", attempt: 1, error: "e", trace: "" };
test.each([
  [`"text"`, `"text"`],
  ["null", "null"],
  ["[1, 1.0]", "[1, 1.0]"],
  [JSON.stringify({ ...RIVERS, more: 1 }), undefined],
  [JSON.stringify({ ...RIVERS, at: "yesterday" }), undefined],
  [JSON.stringify({ ...RIVERS, attempt: 1.5 }), undefined],
  [JSON.stringify(RIVERS).replace(`"attempt":1`, `"attempt":1.0`), undefined],
  [JSON.stringify({ at: RIVERS.at, attempt: 1, error: "no trace" }), undefined],
])("an error element that is not of River's form is kept: %s", async (element, text) => {
  const job = await observed("errors", `array['${element}'::jsonb]`);
  const { rows } = await db.query<{ text: string }>(`select '${element}'::jsonb::text as text`, []);
  expect(job?.errors).toEqual([{ other: text ?? rows[0]?.text }]);
});

test("a missing element, and an array of arrays, are kept too", async () => {
  expect((await observed("errors", "array[null::jsonb]"))?.errors).toEqual([{ other: "null" }]);
  const nested = await observed("errors", "array[array['1'::jsonb, '2'::jsonb]]");
  expect(nested?.errors).toEqual([{ other: `["1","2"]` }]);
});

test("rows come in order of id, and can be mapped apart from reading them", async () => {
  await db.query("truncate river_job", []);
  await db.query(
    `insert into river_job (id, args, kind, max_attempts) values (30, '{}', 'c', 1), (4, '{}', 'a', 1), (200, '{}', 'd', 1)`,
    [],
  );
  await db.query("update river_job set priority = 2 where id = 4", []);
  const { rows } = await db.query<ObservedRow>(OBSERVE, []);
  expect(jobsOf(rows).map(({ id }) => id)).toEqual([4, 30, 200]);
  expect(jobsOf(rows)).toEqual((await observe(db)).jobs);
});
