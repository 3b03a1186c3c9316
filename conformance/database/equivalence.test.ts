import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Database, Db } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { migrate } from "../../src/migrate.ts";
import { catalogue } from "./catalogue.ts";
import { freshDatabase } from "./fresh.ts";
import { buildRiverMigrate, type RiverMigrate, riverMigrateMissing } from "./river-migrate.ts";

const UP = [1, 2, 3, 4, 5, 6, 7, 8];
const DOWN = [7, 6, 5, 4, 3, 2, 1, 0];
const SCHEMAS = [null, "Odd schema"];

interface Place {
  readonly url: string;
  readonly db: Database;
  readonly schema: string | null;
}

/** Migrates a place one version, and answers which versions it applied. */
type Step = (at: Place, direction: "up" | "down", version: number) => Promise<readonly number[]>;

const weir: Step = async ({ db }, direction, target) =>
  (await migrate(db, { direction, target })).versions;

/** What is in the place after each version up, and after each down again. */
async function walk(at: Place, step: Step): Promise<Map<string, string[]>> {
  const seen = new Map<string, string[]>();
  for (const version of UP) {
    expect(await step(at, "up", version)).toEqual([version]);
    if (version === 2) await at.db.query(BARE_JOB, []);
    seen.set(`up to ${version}`, await everything(at.db));
  }
  for (const version of DOWN) {
    expect(await step(at, "down", version)).toEqual([version + 1]);
    seen.set(`down to ${version}`, await everything(at.db));
  }
  return seen;
}

/** A row as old as version 2, so with nulls where later versions have none. */
const BARE_JOB = `
insert into river_job (kind, max_attempts, created_at, scheduled_at)
values ('bare', 3, '2020-01-01', '2020-01-01')`;

async function everything(db: Db): Promise<string[]> {
  const things = await catalogue(db);
  return [
    ...things,
    ...(await jsonRows(db, things, "river_migration", "created_at")),
    ...(await jsonRows(db, things, "river_job", "")),
  ];
}

async function jsonRows(db: Db, things: string[], table: string, without: string) {
  if (!things.some((line) => line.startsWith(`relation ${table} `))) return [];
  const sql = `select (to_jsonb(t) - $1::text)::text as line from ${table} as t order by 1`;
  const { rows } = await db.query<{ line: string }>(sql, [without]);
  return rows.map((row) => `row ${table} ${row.line}`);
}

async function onPostgres(schema: string | null, step: Step): Promise<Map<string, string[]>> {
  const { url, drop } = await freshDatabase(inject("postgresUrl"));
  const db = postgres(url, { maxConnections: 1, ...(schema !== null && { schema }) });
  try {
    if (schema !== null) await db.query(`create schema "${schema}"`, []);
    return await walk({ url, db, schema }, step);
  } finally {
    await db.close();
    await drop();
  }
}

const missing = await riverMigrateMissing();

describe.skipIf(missing !== null)(
  `as River migrates${missing === null ? "" : ` (${missing})`}`,
  () => {
    let riverMigrate: RiverMigrate;
    beforeAll(async () => {
      riverMigrate = await buildRiverMigrate();
    }, 300_000);

    const river: Step = ({ url, schema }, direction, version) =>
      riverMigrate(url, direction, version, schema);
    const byTurns =
      (remainder: number): Step =>
      (at, direction, version) =>
        (version % 2 === remainder ? river : weir)(at, direction, version);

    describe.each(SCHEMAS)("in schema %s", (schema) => {
      let rivers: Map<string, string[]>;
      beforeAll(async () => {
        rivers = await onPostgres(schema, river);
      });

      test("River's own walk has seen tables, and rows that changed", () => {
        const at = (name: string) => rivers.get(name)?.join("\n");
        expect(at("up to 8")).toContain("index river_job_unique_idx");
        expect(at("up to 2")).toContain('"tags": null');
        expect(at("up to 4")).toContain('"args": {}');
        expect(at("down to 0")).toBe("");
      });

      test.each([
        ["Weir alone", weir],
        ["River to even versions, Weir to odd", byTurns(0)],
        ["River to odd versions, Weir to even", byTurns(1)],
      ])("%s: the same catalogue and rows at every version, up and down", async (_, step) => {
        expect(await onPostgres(schema, step)).toEqual(rivers);
      });
    });

    test("inserts notify the same, whether version 4 never came or went again", async () => {
      const expected = ['{"queue" : "of available"}', '{"queue" : "o\\"\\\\"}'];
      expect(await notified(river, ["up 3"])).toEqual(expected);
      expect(await notified(weir, ["up 3"])).toEqual(expected);
      expect(await notified(weir, ["up 4"])).toEqual([]);
      expect(await notified(weir, ["up 4", "down 3"])).toEqual(expected);
    });

    test("the mask function answers the same for every mask and state, nulls included", async () => {
      const answers = async (step: Step) => {
        const { url, drop } = await freshDatabase(inject("postgresUrl"));
        const db = postgres(url, { maxConnections: 1 });
        try {
          await step({ url, db, schema: null }, "up", 6);
          const { rows } = await db.query<{ mask: string; state: string; held: boolean }>(
            MASKS,
            [],
          );
          return rows;
        } finally {
          await db.close();
          await drop();
        }
      };
      const expected = await answers(river);
      expect(expected).toHaveLength(257 * 9);
      expect(new Set(expected.map((row) => row.held))).toEqual(new Set([true, false, null]));
      expect(await answers(weir)).toEqual(expected);
    });
  },
);

/** What a listener hears, after these steps, of a job each in every state, and of one in an odd queue. */
async function notified(step: Step, steps: readonly string[]): Promise<string[]> {
  const { url, drop } = await freshDatabase(inject("postgresUrl"));
  const db = postgres(url, { maxConnections: 1 });
  const listener = new pg.Client(url);
  try {
    for (const each of steps) {
      const [direction, version] = each.split(" ");
      await step({ url, db, schema: null }, direction as "up" | "down", Number(version));
    }
    await listener.connect();
    const heard: string[] = [];
    listener.on("notification", ({ payload }) => heard.push(String(payload)));
    await listener.query("listen river_insert");
    await listener.query(JOB_PER_STATE);
    await listener.query(JOB_IN_ODD_QUEUE);
    // Postgres delivers a connection's own notifications before it answers the next statement.
    await listener.query("select");
    return heard;
  } finally {
    await listener.end();
    await db.close();
    await drop();
  }
}

// A queue each, because Postgres delivers equal notifications of one transaction once.
const JOB_PER_STATE = `
insert into river_job (kind, max_attempts, args, queue, state, finalized_at)
select 'k', 1, '{}', 'of ' || state, state,
  case when state in ('cancelled', 'completed', 'discarded') then now() end
from unnest(enum_range(null::river_job_state)) as state`;

const JOB_IN_ODD_QUEUE = `
insert into river_job (kind, max_attempts, args, queue)
values ('k', 1, '{}', 'o"\\')`;

const MASKS = `
select mask::text, state::text, river_job_state_in_bitmask(mask, state) as held
from (select n::bit(8) from generate_series(0, 255) as n union all select null) as masks (mask),
  (select unnest(enum_range(null::river_job_state)) union all select null) as states (state)
order by 1, 2`;

test("migrators at the same time wait for one another, also where transactions see only their start", async () => {
  const { url, drop } = await freshDatabase(inject("postgresUrl"));
  const strict = `${url}?options=-c%20default_transaction_isolation%3Dserializable`;
  const dbs = [1, 2, 3, 4].map(() => postgres(strict, { maxConnections: 1 }));
  try {
    const results = await Promise.all(dbs.map((db) => migrate(db, { direction: "up" })));
    const versions = results.flatMap((result) => result.versions);
    expect(versions.sort((a, b) => a - b)).toEqual(UP);
  } finally {
    await Promise.all(dbs.map((db) => db.close()));
    await drop();
  }
});

describe("on PGlite", () => {
  let instance: PGlite;
  beforeAll(async () => {
    instance = await PGlite.create();
  });
  afterAll(() => instance.close());

  test.each(SCHEMAS)("in schema %s as on Postgres, up, down, and up again", async (schema) => {
    const db = await pglite(instance);
    if (schema !== null) await db.query(`create schema "${schema}"`, []);
    await db.query("select set_config('search_path', quote_ident($1), false)", [
      schema ?? "public",
    ]);
    const at = { url: "", db, schema };
    expect(await walk(at, weir)).toEqual(await onPostgres(schema, weir));
    const again = await migrate(db, { direction: "up" });
    expect(again.versions).toEqual(UP);
  });
});
