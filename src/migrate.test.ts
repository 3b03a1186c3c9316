import { PGlite } from "@electric-sql/pglite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "./db.ts";
import { pglite } from "./drivers/pglite.ts";
import { QueueError } from "./errors.ts";
import { migrate, migrationStatus } from "./migrate.ts";

let instance: PGlite;
let db: Database;
let schema = "";
let made = 0;

beforeAll(async () => {
  instance = await PGlite.create();
  db = await pglite(instance);
  await instance.exec("create role guest");
});
afterAll(() => instance.close());

beforeEach(async () => {
  made += 1;
  schema = `schema_${made}`;
  await instance.exec(`create schema ${schema}; set search_path to ${schema}`);
});
afterEach(async () => {
  await instance.exec("reset role; reset default_transaction_read_only");
  await instance.exec(`drop schema ${schema} cascade`);
});

async function names(): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname || ' ' || coalesce(string_agg(a.attname, ',' order by a.attnum), '') as name
     from pg_class as c left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = to_regnamespace($1) group by c.oid, c.relname order by c.relname`,
    [schema],
  );
  return rows.map((row) => row.name);
}

/** The error's code and text; fails unless it is a QueueError that left every relation and column as it was. */
async function refusal(call: () => Promise<unknown>): Promise<string> {
  const before = await names();
  const error = await call().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(QueueError);
  expect(await names()).toEqual(before);
  const { code, message } = error as QueueError;
  return `${code}: ${message}`;
}

test("up goes to the latest version, down one step, and down to 0 leaves nothing", async () => {
  expect((await migrate(db)).versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect((await migrate(db)).versions).toEqual([]);
  expect((await migrate(db, { direction: "down" })).versions).toEqual([8]);
  expect((await migrate(db, { direction: "down", target: 5 })).versions).toEqual([7, 6]);
  expect((await migrate(db, { direction: "up", target: 6 })).versions).toEqual([6]);
  expect((await migrate(db, { direction: "up", target: 3 })).versions).toEqual([]);
  expect((await migrate(db, { direction: "down", target: 0 })).versions).toEqual([
    6, 5, 4, 3, 2, 1,
  ]);
  expect((await migrate(db, { direction: "down" })).versions).toEqual([]);
  expect(await names()).toEqual([]);
});

test("status tells what is applied and pending", async () => {
  const empty = { schema, applied: [], unknown: [], differences: [], warnings: [] };
  expect(await migrationStatus(db)).toEqual({ ...empty, pending: [1, 2, 3, 4, 5, 6, 7, 8] });
  await migrate(db, { direction: "up", target: 6 });
  const upTo6 = { ...empty, applied: [1, 2, 3, 4, 5, 6], pending: [7, 8] };
  expect(await migrationStatus(db)).toEqual(upTo6);
});

test("the option schema goes before the search_path, which stays as it was", async () => {
  await instance.exec("set search_path to public");
  await migrate(db, { direction: "up", schema });
  expect(await names()).toContainEqual(expect.stringMatching(/^river_job id,state/));
  expect((await migrationStatus(db, { schema })).pending).toEqual([]);
  expect((await migrationStatus(db)).schema).toBe("public");
  expect((await migrationStatus(db)).applied).toEqual([]);
});

test("a version that was skipped is made up for", async () => {
  await migrate(db, { direction: "up", target: 7 });
  await instance.exec("delete from river_migration where version = 3");
  expect((await migrate(db)).versions).toEqual([3, 8]);
});

test.each([-1, 9, 1.5, Number.NaN])("target %s is refused", async (target) => {
  expect(await refusal(() => migrate(db, { direction: "up", target }))).toBe(
    `migration_target_invalid: target must be a version from 0 to 8, but is ${target}.`,
  );
});

test("a schema that does not exist is refused, by name or by search_path", async () => {
  const named = { direction: "up", schema: "no such" } as const;
  expect(await refusal(() => migrate(db, named))).toBe(
    `schema_missing: schema must exist, but there is none named "no such". Create it: create schema "no such".`,
  );
  expect(await refusal(() => migrationStatus(db, named))).toMatch(/^schema_missing: /);
  await instance.exec("set search_path to nowhere");
  expect(await refusal(() => migrate(db))).toMatch(/^schema_missing: search_path must hold /);
});

describe("what is not River's is refused", () => {
  test.each([
    ["create table river_job (id int)", "river_job must not exist, but does."],
    ["create view river_queue as select 1 as x", "river_queue must not exist, but does."],
    ["create type river_job_state as enum ('on')", "river_job_state must not exist, but does."],
    [
      "create table river_migration (name text)",
      "river_migration must record a version of the line main",
    ],
  ])("before version 1: %s", async (sql, difference) => {
    await instance.exec(sql);
    const error = await refusal(() => migrate(db));
    expect(error).toMatch(/^database_foreign: /);
    expect(error).toContain(difference);
  });

  test.each([
    ["alter table river_job drop column args", "river_job.args must be jsonb, but is missing."],
    [
      "alter table river_job alter column priority type int",
      "river_job.priority must be smallint, but is integer.",
    ],
    [
      "alter table river_job add column tenant text not null",
      "river_job.tenant must have a default",
    ],
    ["drop table river_leader", "river_leader must exist, but does not."],
    [
      "alter type river_job_state rename value 'retryable' to 'r'",
      "must have the value retryable, but has not.",
    ],
    [
      "drop function river_job_state_in_bitmask cascade",
      "river_job_state_in_bitmask(bit, river_job_state) must exist",
    ],
    ["create table river_client (id text)", "river_client must not exist, but does."],
  ])("at version 7: %s", async (sql, difference) => {
    await migrate(db, { direction: "up", target: 7 });
    await instance.exec(sql);
    expect((await migrationStatus(db)).differences).toContainEqual(
      expect.stringContaining(difference),
    );
    for (const direction of ["up", "down"] as const) {
      const error = await refusal(() => migrate(db, { direction }));
      expect(error).toMatch(/^database_foreign: /);
      expect(error).toContain(difference);
    }
  });

  test("but columns with a default are anybody's right", async () => {
    await migrate(db, { direction: "up", target: 7 });
    await instance.exec("alter table river_job add column tenant text not null default ''");
    expect((await migrate(db)).versions).toEqual([8]);
  });
});

describe("a version newer than this release", () => {
  beforeEach(async () => {
    await migrate(db);
    await instance.exec("insert into river_migration (line, version) values ('main', 9)");
  });

  test("is warned of while all that the queue needs is there", async () => {
    await instance.exec("drop table river_notification; create table river_client (id text)");
    const { versions, warnings } = await migrate(db);
    expect(versions).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining("not be past version 8, but has version 9."),
    ]);
    expect(await migrationStatus(db)).toMatchObject({ unknown: [9], pending: [], warnings });
  });

  test("is refused where it changed what the queue needs", async () => {
    await instance.exec("alter table river_job rename column kind to name");
    const error = await refusal(() => migrate(db));
    expect(error).toMatch(
      /^migration_unknown: .*version 9.*river_job.kind must be text, but is missing/,
    );
  });

  test("is not migrated down, as only its own release knows how", async () => {
    const error = await refusal(() => migrate(db, { direction: "down" }));
    expect(error).toMatch(/^migration_unknown: .* to migrate down, but has version 9\./);
  });
});

test("version 5 is not undone while another line is recorded", async () => {
  await migrate(db, { direction: "up", target: 5 });
  await instance.exec("insert into river_migration (line, version) values ('pro', 1)");
  const error = await refusal(() => migrate(db, { direction: "down", target: 0 }));
  expect(error).toMatch(/^migration_irreversible: .* but holds pro\./);
});

describe("a database that may not be changed is refused", () => {
  test("read-only transactions", async () => {
    await instance.exec("set default_transaction_read_only = on");
    const error = await refusal(() => migrate(db));
    expect(error).toMatch(/^database_not_writable: .* transactions there are read-only\./);
  });

  test("no right to create", async () => {
    await instance.exec(`grant usage on schema ${schema} to guest; set role guest`);
    const error = await refusal(() => migrate(db));
    expect(error).toMatch(/^database_not_writable: .* may not create in schema/);
  });

  test("another role's tables", async () => {
    await migrate(db, { direction: "up", target: 7 });
    await instance.exec(`grant all on schema ${schema} to guest;
      grant all on all tables in schema ${schema} to guest; set role guest`);
    const error = await refusal(() => migrate(db));
    expect(error).toMatch(/^database_not_writable: .* another role owns river_job, /);
  });

  test("unless nothing is left to do", async () => {
    await migrate(db);
    await instance.exec("set default_transaction_read_only = on");
    expect((await migrate(db)).versions).toEqual([]);
  });
});

test("a version that fails leaves those before it, and no trace of itself", async () => {
  await migrate(db, { direction: "up", target: 5 });
  await instance.exec(`insert into river_job (kind, max_attempts, args) values ('a', 1, '{}')`);
  await instance.exec("drop index river_job_kind_unique_key_idx");
  await expect(migrate(db)).rejects.toMatchObject({ code: "42704" });
  expect((await migrationStatus(db)).applied).toEqual([1, 2, 3, 4, 5]);
  expect((await migrationStatus(db)).differences).toEqual([]);
});
