import { PGlite } from "@electric-sql/pglite";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import {
  CamelCasePlugin,
  type CompiledQuery,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { Client } from "../client/client.ts";
import { job } from "../client/job-type.ts";
import type { Database, Db } from "../db.ts";
import { migrate } from "../migrate.ts";
import { insert } from "../ops/insert.ts";
import { list } from "../ops/list.ts";
import { drizzleDb } from "./drizzle.ts";
import { kyselyDb } from "./kysely.ts";
import { postgres } from "./pg.ts";
import { pglite } from "./pglite.ts";

/** A caller with transactions of its own beside the queue's database. */
interface Caller {
  /** Whether others can send statements while a transaction is open. */
  readonly isConcurrent: boolean;
  readonly db: Database;
  /** Outside any transaction. */
  readonly plain: Db;
  begin<T>(run: (tx: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type OwnCaller = Pick<Caller, "plain" | "begin" | "close">;

async function onServer(open: (pool: pg.Pool) => OwnCaller): Promise<Caller> {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const pool = new pg.Pool({ connectionString: fresh.url });
  // The database is dropped when connections have been told to end, not when they have.
  pool.on("error", () => {});
  const caller = open(pool);
  const close = async () => {
    await caller.close();
    if (!pool.ended) await pool.end();
    await fresh.drop();
  };
  return { ...caller, db: postgres(pool), isConcurrent: true, close };
}

async function inProcess(open: (instance: PGlite) => OwnCaller): Promise<Caller> {
  const instance = await PGlite.create();
  const caller = open(instance);
  const close = async () => {
    await caller.close();
    if (!instance.closed) await instance.close();
  };
  return { ...caller, db: await pglite(instance), isConcurrent: false, close };
}

function withKysely(dialect: Dialect): OwnCaller {
  // A plugin that renames the columns of rows, as applications have it.
  const kysely = new Kysely<object>({ dialect, plugins: [new CamelCasePlugin()] });
  return {
    plain: kyselyDb(kysely),
    begin: (run) => kysely.transaction().execute((tx) => run(kyselyDb(tx))),
    close: () => kysely.destroy(),
  };
}

/** Kysely has no dialect for PGlite: one connection, on which statements follow each other. */
function pgliteDialect(instance: PGlite): Dialect {
  const connection = {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery) => ({
      rows: (await instance.query<Row>(sql, [...parameters])).rows,
    }),
    streamQuery: () => {
      throw new Error("The dialect must not stream, but is asked to.");
    },
  };
  const run = async (sql: string) => {
    await instance.query(sql);
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: () => run("begin"),
      commitTransaction: () => run("commit"),
      rollbackTransaction: () => run("rollback"),
      releaseConnection: async () => {},
      destroy: async () => {},
    }),
  };
}

const CALLERS: readonly (readonly [string, () => Promise<Caller>])[] = [
  [
    "drizzle on node-postgres",
    () =>
      onServer((pool) => {
        const drizzle = drizzlePg(pool);
        return {
          plain: drizzleDb(drizzle),
          begin: (run) => drizzle.transaction((tx) => run(drizzleDb(tx))),
          close: async () => {},
        };
      }),
  ],
  [
    "drizzle on PGlite",
    () =>
      inProcess((instance) => {
        const drizzle = drizzlePglite(instance);
        return {
          plain: drizzleDb(drizzle),
          begin: (run) => drizzle.transaction((tx) => run(drizzleDb(tx))),
          close: async () => {},
        };
      }),
  ],
  ["Kysely on node-postgres", () => onServer((pool) => withKysely(new PostgresDialect({ pool })))],
  ["Kysely on PGlite", () => inProcess((instance) => withKysely(pgliteDialect(instance)))],
];

describe.each(CALLERS)("%s", (_name, open) => {
  let caller: Caller;
  beforeAll(async () => {
    caller = await open();
    await migrate(caller.db);
  });
  afterAll(() => caller.close());

  const own = new Error("the caller's own");
  const failing = (run: (tx: Db) => Promise<unknown>) =>
    caller.begin(async (tx) => {
      await run(tx);
      throw own;
    });
  const kinds = async (kind: string) => (await list(caller.db, { kinds: [kind], limit: 5 })).jobs;

  test("a job is committed with the caller's transaction, and is there at once where there is none", async () => {
    const [inside] = await caller.begin((tx) =>
      insert(tx, null, [
        { kind: "committed", args: { text: "it's $1 \\ ? :x" }, tags: ["first", "second"] },
      ]),
    );
    expect(await kinds("committed")).toEqual([inside?.job]);
    const [outside] = await insert(caller.plain, null, [{ kind: "plain" }]);
    expect(await kinds("plain")).toEqual([outside?.job]);
  });

  test("a job is rolled back with the caller's transaction", async () => {
    await expect(failing((tx) => insert(tx, null, [{ kind: "gone" }]))).rejects.toBe(own);
    expect(await kinds("gone")).toEqual([]);
  });

  test("a unique job has one holder, inside and outside, and none once it was rolled back", async () => {
    const asked = { kind: "unique", args: { to: "a" }, unique: { byArgs: true } };
    await expect(failing((tx) => insert(tx, null, [asked]))).rejects.toBe(own);
    const [first, second] = await caller.begin((tx) => insert(tx, null, [asked, asked]));
    expect([first?.duplicate, second?.duplicate]).toEqual([false, true]);
    const [third] = await caller.begin((tx) => insert(tx, null, [asked]));
    const [fourth] = await insert(caller.db, null, [asked]);
    expect([third, fourth].map((each) => [each?.duplicate, each?.job.id])).toEqual([
      [true, first?.job.id],
      [true, first?.job.id],
    ]);
  });

  test("a thousand jobs go in one statement, in their order", async () => {
    const jobs = Array.from({ length: 1_000 }, (_, n) => ({ kind: "many", args: { n } }));
    const results = await caller.begin((tx) => insert(tx, null, jobs));
    expect(results.map(({ job }) => JSON.parse(job.argsText).n)).toEqual(jobs.map((_, n) => n));
    const count = "select count(*)::int as n from river_job where kind = 'many'";
    expect((await caller.db.query(count, [])).rows).toEqual([{ n: 1_000 }]);
  });

  test("who listens hears of what was committed, and of nothing else", async () => {
    const heard: string[] = [];
    const meanwhile = caller.isConcurrent ? ["meanwhile"] : [];
    const end = await caller.db.listen?.(["river_insert"], {
      hear: (_topic, payload) => heard.push(JSON.parse(payload).queue),
      lost: (error) => heard.push(String(error)),
    });
    try {
      await expect(
        failing((tx) => insert(tx, null, [{ kind: "told", queue: "rolled_back" }])),
      ).rejects.toBe(own);
      await caller.begin(async (tx) => {
        await insert(tx, null, [{ kind: "told", queue: "committed" }]);
        if (caller.isConcurrent)
          await insert(caller.db, null, [{ kind: "told", queue: "meanwhile" }]);
        await expect.poll(() => heard).toEqual(meanwhile);
      });
      await insert(caller.db, null, [{ kind: "told", queue: "last" }]);
      await expect.poll(() => heard).toEqual([...meanwhile, "committed", "last"]);
    } finally {
      await end?.();
    }
  });

  test("a parameter may be named twice and be an array, and errors are the database's own", async () => {
    await caller.begin(async (tx) => {
      const { rows } = await tx.query(
        `select $2::text[] as "theTexts", $1::int + 1 as next_one, $1 as again, coalesce($3, 'none') as nothing,
                array_length($2, 1) as length -- the end`,
        [7, ["a", "b,c", '"d"'], null],
      );
      expect(rows).toEqual([
        { theTexts: ["a", "b,c", '"d"'], next_one: 8, again: 7, nothing: "none", length: 3 },
      ]);
    });
    const division = caller.begin((tx) => tx.query("select 1 / $1::int", [0]));
    await expect(division).rejects.toMatchObject({ code: "22012" });
  });

  test("a client inserts in the caller's transaction", async () => {
    const mail = job<{ to: string }>("mail");
    const client = new Client(caller.db);
    await expect(failing((tx) => client.insert(mail({ to: "a" }), { tx }))).rejects.toBe(own);
    const { job: row } = await caller.begin((tx) => client.insert(mail({ to: "b" }), { tx }));
    expect(await kinds("mail")).toEqual([row]);
  });
});
