import { expect, inject, onTestFinished, test } from "vitest";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import type { Reply } from "../adapter.ts";
import { installClock, virtualReply } from "./clock.ts";
import { observe } from "./observe.ts";
import { createScratch } from "./scratch.ts";

const SECOND = 1_000_000;

/** A database with a shadowed clock at 0, River's tables made by a session that sees it, and that session. */
async function shadowed() {
  const scratch = await createScratch(inject("postgresUrl"));
  const owner = postgres(scratch.url, { maxConnections: 1 });
  const clock = await installClock(owner, scratch.name, 0);
  const client = postgres(scratch.url, { maxConnections: 1 });
  onTestFinished(async () => {
    await client.close();
    await owner.close();
    await scratch.drop();
  });
  await migrate(client);
  return { clock, client };
}

test("unqualified statements and the column defaults they make see the virtual time", async () => {
  const { clock, client } = await shadowed();
  await client.query(`create table ticket (at timestamptz default now(), by timestamptz)`, []);
  await clock.set(5 * SECOND + 1);
  await client.query(`insert into ticket (by) values (clock_timestamp())`, []);
  const { rows } = await client.query(
    `select at = '2030-01-01T00:00:05.000001Z' as at, by = at as by,
      statement_timestamp() = transaction_timestamp() as same,
      array(select schemaname::text from pg_tables where tablename in ('ticket', 'river_job')) as schemas
      from ticket`,
    [],
  );
  expect(rows).toEqual([{ at: true, by: true, same: true, schemas: ["public", "public"] }]);
});

test("a transaction that is open sees the time go on", async () => {
  const { clock, client } = await shadowed();
  await client.begin(async (tx) => {
    await clock.set(7);
    const { rows } = await tx.query<{ is: boolean }>(
      `select now() = '2030-01-01T00:00:00.000007Z' as is`,
      [],
    );
    expect(rows).toEqual([{ is: true }]);
  });
});

/** One job whose instants are 1 s before, within and 10 s after a window of real time. */
async function stepped() {
  const { clock, client } = await shadowed();
  await client.query(
    `insert into river_job (args, kind, max_attempts, created_at, attempted_at, scheduled_at, metadata, errors) values ('{}', 'k', 1,
      '2026-05-05T10:00:00.000001Z', '2026-05-05T10:00:00.9Z', '2026-05-05T10:00:10.5Z',
      '{"a": 1, "cancel_attempted_at": "2026-05-05T12:00:00.25+02:00"}',
      array['{"at": "2026-05-05T12:00:00.7+02:00", "attempt": 1, "error": "e", "trace": ""}'::jsonb,
            '{"at": "2026-05-05T09:00:00Z", "attempt": 2, "error": "e", "trace": ""}', '"free text"', '{"at": "never"}'])`,
    [],
  );
  const [before] = (await observe(client)).jobs;
  const window = { start: (before?.createdAt ?? 0) - 1, end: (before?.createdAt ?? 0) + SECOND };
  return { clock, client, before, window };
}

test("instants from a clock that cannot be set become virtual, others stay", async () => {
  const { clock, client, before, window } = await stepped();
  await clock.rewrite(window, 3, 10 * SECOND);
  const [after] = (await observe(client)).jobs;
  expect(after).toEqual({
    ...before,
    createdAt: 3,
    attemptedAt: 3,
    scheduledAt: 10 * SECOND + 3,
    errors: [{ ...before?.errors[0], at: 3 }, ...(before?.errors.slice(1) ?? [])],
    metadata: '{"a": 1, "cancel_attempted_at": "2030-01-01T00:00:00.000003Z"}',
  });
  expect(after?.errors[2]).toEqual({ other: `"free text"` });
});

test("without a delay, an instant after the window stays", async () => {
  const { clock, client, before, window } = await stepped();
  await clock.rewrite(window, 3);
  expect((await observe(client)).jobs[0]?.scheduledAt).toBe(before?.scheduledAt);
});

test("the rows of a reply are rewritten just as the rows in the database", async () => {
  const { clock, client, before, window } = await stepped();
  await clock.rewrite(window, 3, 10 * SECOND);
  const [after] = (await observe(client)).jobs;
  if (before === undefined || after === undefined) throw new Error("the job is gone");
  const reply: Reply = { op: "fetch", jobs: [before] };
  expect(virtualReply(reply, window, 3, 10 * SECOND)).toEqual({ op: "fetch", jobs: [after] });
});
