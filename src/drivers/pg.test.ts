import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Database, Db } from "../db.ts";
import { postgres } from "./pg.ts";

const url = inject("postgresUrl");
const schema = `Odd "schema\\ ${randomBytes(4).toString("hex")}`;
const quoted = `"${schema.replaceAll('"', '""')}"`;
let db: Database;

beforeAll(async () => {
  db = postgres(url, { schema });
  await db.query(`create schema ${quoted}`, []);
  await db.query("create table thing (id int primary key)", []);
});
afterAll(async () => {
  await db.query(`drop schema ${quoted} cascade`, []);
  await db.close();
});

async function ids(): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>("select id from thing order by id", []);
  return rows.map((row) => row.id);
}

const INSERT = "insert into thing (id) values ($1)";

test("the schema is all of the search_path, on every connection, beside what the URL sets", async () => {
  const other = postgres(`${url}?options=-c%20work_mem%3D77kB`, { schema, maxConnections: 3 });
  try {
    const sql = `select current_schema()::text as schema, current_setting('search_path') as path,
      current_setting('work_mem') as mem, pg_sleep(0.02)::text as slept`;
    const answers = await Promise.all([1, 2, 3].map(() => other.query(sql, [])));
    const expected = { schema, path: quoted, mem: "77kB", slept: "" };
    for (const { rows } of answers) expect(rows).toEqual([expected]);
  } finally {
    await other.close();
  }
});

test("begin commits what resolves and rolls back what rejects, with its own error", async () => {
  expect(
    await db.begin(async (tx) => {
      await tx.query(INSERT, [1]);
      return "done";
    }),
  ).toBe("done");
  const own = new Error("own");
  const failing = db.begin(async (tx) => {
    await tx.query(INSERT, [2]);
    throw own;
  });
  await expect(failing).rejects.toBe(own);
  expect(await ids()).toEqual([1]);
});

test("begin does not claim a commit where a statement's error was swallowed", async () => {
  const swallowing = db.begin(async (tx) => {
    await tx.query(INSERT, [3]);
    await tx.query("select 1 / 0", []).catch(() => {});
  });
  await expect(swallowing).rejects.toMatchObject({ code: "transaction_aborted" });
  expect(await ids()).not.toContain(3);
});

test("a connection that breaks fails its transaction, and the next gets another", async () => {
  const killed = db.begin((tx) => tx.query("select pg_terminate_backend(pg_backend_pid())", []));
  await expect(killed).rejects.toMatchObject({ code: "57P01" });
  expect(await ids()).not.toContain(4);
});

test("an idle connection that breaks does not end the process", async () => {
  const one = postgres(url, { maxConnections: 1 });
  try {
    const backend = () => one.query<{ pid: number }>("select pg_backend_pid() as pid", []);
    const pid = (await backend()).rows[0]?.pid;
    await db.query("select pg_terminate_backend($1, 5000)", [pid]);
    await expect.poll(async () => (await backend()).rows[0]?.pid).not.toBe(pid);
  } finally {
    await one.close();
  }
});

test("the caller's pool, client and transaction are a Db as they are, and close leaves the pool open", async () => {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    const asItIs: Db = pool;
    expect((await asItIs.query("select $1::int as n", [1])).rows).toEqual([{ n: 1 }]);
    const client = await pool.connect();
    const caller: Db = client;
    await client.query("begin");
    expect((await caller.query("select $1::int as n", [2])).rows).toEqual([{ n: 2 }]);
    await client.query("rollback");
    client.release();
    const wrapped = postgres(pool);
    expect((await wrapped.query("select $1::int as n", [3])).rows).toEqual([{ n: 3 }]);
    await wrapped.close();
    expect((await pool.query("select 4 as n")).rows).toEqual([{ n: 4 }]);
    expect(() => postgres(pool, { schema })).toThrow(
      expect.objectContaining({ code: "schema_not_settable" }),
    );
  } finally {
    await pool.end();
  }
});

test("statements with parameters are prepared once a connection, unless told not to", async () => {
  const sql = "select $1::int + 1 as prepared_probe";
  const prepared = async (prepare: boolean) => {
    const one = postgres(url, { maxConnections: 1, prepare });
    try {
      for (const n of [1, 2, 3]) await one.query(sql, [n]);
      const { rows } = await one.query("select statement from pg_prepared_statements", []);
      return rows;
    } finally {
      await one.close();
    }
  };
  expect(await prepared(true)).toEqual([{ statement: sql }]);
  expect(await prepared(false)).toEqual([]);
});
