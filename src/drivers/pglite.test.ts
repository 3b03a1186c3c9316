import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database, Db } from "../db.ts";
import { pglite } from "./pglite.ts";

let instance: PGlite;
let db: Database;

beforeAll(async () => {
  instance = await PGlite.create();
  db = await pglite(instance);
  await instance.exec("create table thing (id int primary key)");
});
afterAll(() => instance.close());

async function ids(): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>("select id from thing order by id", []);
  return rows.map((row) => row.id);
}

const INSERT = "insert into thing (id) values ($1)";

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

test("the caller's instance and transaction are a Db as they are, and close leaves the instance open", async () => {
  const asItIs: Db = instance;
  await asItIs.query(INSERT, [10]);
  await instance.transaction(async (tx) => {
    const caller: Db = tx;
    await caller.query(INSERT, [11]);
  });
  await (await pglite(instance)).close();
  expect(await ids()).toEqual(expect.arrayContaining([10, 11]));
});

test("a schema is not set on the caller's instance", async () => {
  await expect(pglite(instance, { schema: "s" })).rejects.toMatchObject({
    code: "schema_not_settable",
  });
});

test("a directory keeps its data from one opening to the next, in the schema asked for", async () => {
  const directory = await mkdtemp(join(tmpdir(), "weir-pglite-"));
  const schema = `Odd "schema\\`;
  const quoted = `"Odd ""schema\\"`;
  try {
    const first = await pglite(directory, { schema });
    await first.query(`create schema ${quoted}`, []);
    await first.query("create table kept (id int)", []);
    await first.close();
    const second = await pglite(directory, { schema });
    const { rows } = await second.query(
      "select schemaname::text from pg_tables where tablename = 'kept'",
      [],
    );
    expect(rows).toEqual([{ schemaname: schema }]);
    expect(second.schema).toBe(schema);
    await second.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a program that only waits for statements keeps no timer from running", async () => {
  let hasRung = false;
  setTimeout(() => {
    hasRung = true;
  }, 20);
  let statements = 0;
  while (!hasRung && statements < 20_000) {
    await db.query("select 1", []);
    statements += 1;
  }
  expect(hasRung).toBe(true);
});
