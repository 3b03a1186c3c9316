import type { Database, Db } from "../../src/db.ts";
import { ServerError } from "../database/server-error.ts";

/** Where to look, and as of when. */
export type Lookout = Readonly<{
  /** The schema of River's tables; null means the one in which the search path finds `river_job`. */
  schema: string | null;
  /** An instant that Postgres reads; null means its own clock, which in most of what is asked is the one that wrote the rows. */
  now: string | null;
  /** After how many milliseconds a statement gives up. */
  timeoutMs: number;
}>;

/** What a schema has of River, and how much of it this user may read. */
export type Place = Readonly<{
  schema: string;
  /** `table.column` of what there is and may be read. */
  columns: ReadonlySet<string>;
  /** What keeps two jobs from holding one key. */
  index: "sound" | "missing" | "invalid";
}>;

const READ_ONLY = `
set transaction isolation level repeatable read, read only`;

// To wait for a lock would make all who come later wait behind us.
const SETTINGS = `
select set_config('statement_timeout', $1, true), set_config('lock_timeout', '5s', true),
       set_config('work_mem', '64MB', true),
       set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true)`;

const FIND = `
select n.nspname::text as schema, has_schema_privilege(n.oid, 'usage') as usable,
       c.oid = to_regclass('river_job') as found
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relname = 'river_job' and c.relkind in ('r', 'p')
order by n.nspname`;

const ENTER = `
select set_config('search_path', quote_ident($1), true)`;

const COLUMNS = `
select c.relname || '.' || a.attname as name, has_column_privilege(c.oid, a.attnum, 'select') as readable
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where n.nspname = $1
  and c.relname = any (array['river_job', 'river_leader', 'river_migration', 'river_queue'])
  and a.attnum > 0
  and not a.attisdropped`;

// With the schema as all of the search path, Postgres prints the predicate without it.
const INDEX = `
select i.indisvalid and i.indisready as valid
from pg_catalog.pg_index as i
where i.indrelid = to_regclass('river_job')
  and i.indisunique
  and i.indnatts = 1
  and pg_get_indexdef(i.indexrelid, 1, false) = 'unique_key'
  and pg_get_expr(i.indpred, i.indrelid) =
    '((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND river_job_state_in_bitmask(unique_states, state))'
order by valid desc`;

/** What every version of River's table has, of what is looked at. */
const NEEDED = [
  "id",
  "state",
  "attempt",
  "max_attempts",
  "attempted_at",
  "created_at",
  "finalized_at",
  "scheduled_at",
  "kind",
  "queue",
  "errors",
  "metadata",
];

/**
 * Runs `run` in one read-only transaction that sees one instant of the database, with River's schema as all of its search path. Throws
 * a `ServerError` where there is no `river_job`, or no permission to read it.
 */
export async function inSnapshot<T>(
  db: Database,
  { schema, timeoutMs }: Pick<Lookout, "schema" | "timeoutMs">,
  run: (tx: Db, place: Place) => Promise<T>,
): Promise<T> {
  return db.begin(async (tx) => {
    await tx.query(READ_ONLY, []);
    await tx.query(SETTINGS, [String(timeoutMs)]);
    const found = await find(tx, schema);
    await tx.query(ENTER, [found]);
    return run(tx, await look(tx, found));
  });
}

async function find(tx: Db, asked: string | null): Promise<string> {
  const { rows } = await tx.query<{ schema: string; usable: boolean; found: boolean | null }>(
    FIND,
    [],
  );
  const here = rows.find(({ schema, found }) => (asked === null ? found : schema === asked));
  if (here?.usable) return here.schema;
  if (here !== undefined) {
    throw new ServerError(
      "no_permission",
      `this user may not use schema ${here.schema}. Grant usage on it.`,
    );
  }
  const where = asked === null ? "the search path" : `schema ${asked}`;
  const others = rows.map(({ schema }) => schema);
  const hint =
    others.length === 0
      ? "Nor is there one in any other schema of this database."
      : `There is one in ${others.join(", ")}: use --schema ${others[0]}.`;
  throw new ServerError("other", `${where} must have a table river_job, but has none. ${hint}`);
}

async function look(tx: Db, schema: string): Promise<Place> {
  const { rows } = await tx.query<{ name: string; readable: boolean }>(COLUMNS, [schema]);
  const isThere = new Set(rows.map(({ name }) => name));
  const columns = new Set(rows.filter(({ readable }) => readable).map(({ name }) => name));
  const optional = ["unique_key", "unique_states"].filter((name) =>
    isThere.has(`river_job.${name}`),
  );
  for (const name of [...NEEDED, ...optional]) {
    if (columns.has(`river_job.${name}`)) continue;
    if (isThere.has(`river_job.${name}`)) {
      throw new ServerError(
        "no_permission",
        `this user may not read river_job.${name} in schema ${schema}. Grant select on the table.`,
      );
    }
    const what = `river_job in schema ${schema} must be River's, but has no column ${name}.`;
    throw new ServerError("other", what);
  }
  const indexes = await tx.query<{ valid: boolean }>(INDEX, []);
  const [best] = indexes.rows;
  const index = best === undefined ? "missing" : best.valid ? "sound" : "invalid";
  return { schema, columns, index };
}
