import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { migrationStatus } from "../../src/migrate.ts";
import { migrations } from "../../src/migrations/main.ts";
import { type FreshDatabase, freshDatabase } from "../database/fresh.ts";
import { WORK } from "./migrate-screen.ts";
import { weirIn } from "./spawn.ts";

/** A start takes a second or two, unless the machine is busy. */
const LONG = 300_000;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-migrate-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const weir = weirIn(() => folder);

test("what every version does is told in the words of its statements", () => {
  expect(Object.keys(WORK).map(Number)).toEqual(migrations.map(({ version }) => version));
  for (const { version, up, down } of migrations) {
    const named = (of: readonly string[], verb: string) =>
      [...of.join("\n").matchAll(new RegExp(`^\\s*${verb} (?:unlogged )?table (\\w+)`, "gm"))]
        .map((match) => match[1] ?? "")
        .filter((name) => !/_old$/.test(name) && (version !== 5 || name !== "river_migration"));
    for (const verb of ["create", "drop"]) {
      for (const name of named(up, verb)) expect(WORK[version]?.up).toContain(name);
      for (const name of named(down, verb)) expect(WORK[version]?.down).toContain(name);
    }
  }
});

describe("on Postgres", { timeout: LONG }, () => {
  let fresh: FreshDatabase;
  let db: Database;
  beforeEach(async () => {
    fresh = await freshDatabase(inject("postgresUrl"));
    db = postgres(fresh.url);
    return async () => {
      await db.close();
      await fresh.drop();
    };
  });
  const run = (...args: string[]) => weir(["migrate", ...args, "--database", fresh.url]);
  const applied = async () => (await migrationStatus(db)).applied;

  /** Everything in the database that no extension and no server made, but River's. */
  const others = async () => {
    const { rows } = await db.query<{ name: string }>(
      `select relname::text as name from pg_class
       where relnamespace = 'public'::regnamespace and relname not like 'river%' order by 1`,
      [],
    );
    return rows.map(({ name }) => name);
  };

  test("up tells each version, down takes one step, and nobody else's tables are touched", async () => {
    await db.query("create table orders (id int primary key)", []);
    await db.query("insert into orders values (1)", []);
    const up = await run("up");
    expect([up.code, up.err]).toEqual([0, ""]);
    expect(up.out).toMatch(
      /schema public · nothing of River's is recorded\n\n {2}✓ 1 up {4}makes table river_m/,
    );
    expect(up.out.match(/^ {2}✓ \d up/gm)).toHaveLength(8);
    expect(up.out).toContain("exit 0: at version 8, the latest");
    for (const line of up.out.split("\n")) expect([...line].length).toBeLessThanOrEqual(88);
    expect(await applied()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const again = await run("up");
    expect(again.out).toContain("nothing to do");
    const down = await run("down");
    expect(down.out.match(/^ {2}✓ (\d) down/gm)).toEqual(["  ✓ 8 down"]);
    expect(down.out).toContain("exit 0: at version 7 of 8");
    const status = await run("status");
    expect(status.out).toMatch(/✓ 7 {7}makes table river_notification/);
    expect(status.out).toMatch(/○ 8 {7}to come: nothing but/);
    expect(status.code).toBe(0);
    const all = await run("down", "--target", "0");
    expect(all.out).toContain("drops river_job with every job in it");
    expect(all.out).toContain("exit 0: nothing of River's is recorded");
    expect(await others()).toEqual(["orders", "orders_pkey"]);
    expect((await db.query("select id from orders", [])).rows).toEqual([{ id: 1 }]);
  });

  test("in a schema, to a version, as JSON", async () => {
    const missing = await run("up", "--schema", "jobs");
    expect([missing.code, missing.err]).toEqual([
      4,
      "weir: schema must exist, but there is none named jobs. Create it: create schema jobs.\n",
    ]);
    await db.query("create schema jobs", []);
    const up = await run("up", "--schema", "jobs", "--target", "6", "--json");
    expect(JSON.parse(up.out)).toEqual({
      action: "up",
      exit: 0,
      versions: [1, 2, 3, 4, 5, 6],
      schema: "jobs",
      applied: [1, 2, 3, 4, 5, 6],
      pending: [7, 8],
      unknown: [],
      differences: [],
      warnings: [],
    });
    const down = await run("down", "--schema", "jobs", "--target", "4", "--json");
    expect(JSON.parse(down.out)).toMatchObject({ versions: [6, 5], applied: [1, 2, 3, 4] });
    const status = await run("status", "--schema", "jobs", "--json");
    expect(JSON.parse(status.out)).toMatchObject({ action: "status", pending: [5, 6, 7, 8] });
    expect(await applied()).toEqual([]);
  });

  test("a version that fails is rolled back, and what was done before it is told", async () => {
    await run("up", "--target", "4");
    // In the place of the index that version 5 makes if there is none, and that version 6 drops.
    await db.query("create table river_job_kind_unique_key_idx ()", []);
    const up = await run("up", "--json");
    const failure = expect.stringContaining('"river_job_kind_unique_key_idx" is not an index');
    expect(JSON.parse(up.out)).toEqual({ action: "up", exit: 4, versions: [5], failure });
    expect(up.err).toMatch(/^weir: cannot use postgres:.* Version 6 up was rolled back\.\n$/);
    expect(up.err.trim().split("\n")).toHaveLength(1);
    expect(up.code).toBe(4);
    expect(await applied()).toEqual([1, 2, 3, 4, 5]);
  });

  test("tables that are not River's are told, and left as they are", async () => {
    await db.query("create table river_queue (mine int)", []);
    const status = await run("status");
    expect(status.out).toContain("✗         river_queue must not exist, but does.");
    expect(status.out).toContain("exit 4: nothing of River's is recorded, with 1 difference");
    expect(status.code).toBe(4);
    for (const action of ["up", "down"]) {
      const ran = await run(action);
      expect(ran.err, action).toMatch(/^weir: Schema public must hold River's tables/);
      expect(ran.code, action).toBe(4);
    }
    expect((await db.query("select mine from river_queue", [])).rows).toEqual([]);
  });
});

describe("in a folder of PGlite's", { timeout: LONG }, () => {
  const run = (path: string, ...args: string[]) => weir(["migrate", ...args, "--database", path]);

  test("up makes it, and down and status find it", async () => {
    const none = await run("./made", "status");
    expect([none.code, none.err]).toEqual([
      64,
      "weir: no PGlite is at ./made. npx weir migrate up makes one.\n",
    ]);
    expect(existsSync(join(folder, "made"))).toBe(false);
    const up = await run("./made", "up");
    expect([up.code, up.err]).toEqual([0, ""]);
    expect(up.out).toContain("  ./made\n  schema public · nothing of River's is recorded");
    expect((await run("./made", "down", "--target", "6", "--quiet")).out).toBe(
      "  exit 0: at version 6 of 8\n",
    );
    expect((await run("./made", "status", "--ascii")).out).toContain("  ok 6      adds river_job");
    const db = await pglite(join(folder, "made"));
    try {
      expect((await migrationStatus(db)).applied).toEqual([1, 2, 3, 4, 5, 6]);
      const open = await run("./made", "up");
      expect(open.err).toContain("postmaster.pid must not be there, but is");
      expect(open.code).toBe(4);
    } finally {
      await db.close();
    }
  });

  test("what is none is left as it is", async () => {
    await mkdir(join(folder, "other"));
    await writeFile(join(folder, "other", "notes.txt"), "mine");
    const other = await run("other", "up");
    expect([other.code, other.err]).toEqual([
      64,
      "weir: other must be a folder of PGlite's, but holds notes.txt.\n",
    ]);
    const file = await run("other/notes.txt", "up");
    expect(file.err).toContain("must be a folder of PGlite's, but is a file");
    const deep = await run("not/there", "up");
    expect(deep.err).toContain("the folder not must exist to make not/there in it");
    await mkdir(join(folder, "damaged"));
    await writeFile(join(folder, "damaged", "PG_VERSION"), "9.6\n");
    const damaged = await run("damaged", "status");
    expect(damaged.err).toMatch(/^weir: cannot use PGlite damaged: .*\n$/);
    expect([file.code, deep.code, damaged.code]).toEqual([64, 64, 4]);
  });
});

test.concurrent.each([
  [["up"], "required option '--database <where>' not specified", 64],
  [["sideways", "--database", "x"], "Allowed choices are up, down, status", 64],
  [["up", "--database", "mysql://x"], "must be a URL such as postgres://", 64],
  [["up", "--database", "x", "--target", "9"], "must be a version from 0 to 8, but is 9.", 64],
  [["up", "--database", "x", "--target", "-1"], "must be a whole number of at least 0", 64],
  [["status", "--database", "x", "--target", "1"], "--target must come with up or down", 64],
  [["up", "--database", "postgres://u:secret@127.0.0.1:1/x"], "connection refused", 4],
])("%j is answered with one line", { timeout: LONG }, async (args, message, code) => {
  const ran = await weir(["migrate", ...args]);
  expect(ran.err.trim().split("\n")).toEqual([expect.stringContaining(message)]);
  expect(ran.err).not.toContain("secret");
  expect(ran.code).toBe(code);
});
