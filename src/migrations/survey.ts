import type { Db } from "../db.ts";

/** What a schema holds, and what the connected role may do there: everything that decides whether a migration can run. */
export interface Survey {
  /** The schema that statements act on. */
  readonly schema: string;
  readonly readOnly: boolean;
  readonly mayCreate: boolean;
  /** River's tables that belong to a role other than ours. */
  readonly notOwned: readonly string[];
  /** Columns by `table.column`, of every relation that is named like a table of River's. */
  readonly columns: ReadonlyMap<string, SurveyedColumn>;
  /** The values of `river_job_state`; empty if there is no such type. */
  readonly states: readonly string[];
  /** Whether there is a function `river_job_state_in_bitmask(bit, river_job_state)`. */
  readonly hasMask: boolean;
}

/** A column as the catalogue has it. */
export interface SurveyedColumn {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  /** Whether an insert that does not name the column fails. */
  readonly mandatory: boolean;
}

const SCHEMA = `
select
  n.nspname::text as schema,
  current_setting('transaction_read_only')::boolean as "readOnly",
  has_schema_privilege(n.oid, 'create') as "mayCreate",
  exists (
    select from pg_catalog.pg_proc
    where proname = 'river_job_state_in_bitmask'
      and pronamespace = n.oid
      and pg_get_function_identity_arguments(oid) = 'bitmask bit, state river_job_state'
  ) as "hasMask"
from pg_catalog.pg_namespace as n
where n.nspname = current_schema()`;

const COLUMNS = `
select
  c.relname::text as table,
  a.attname::text as name,
  format_type(a.atttypid, a.atttypmod) as type,
  a.attnotnull and not a.atthasdef and a.attidentity = '' as mandatory,
  pg_has_role(c.relowner, 'usage') as owned
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where n.nspname = current_schema()
  and c.relname = any (array[
    'river_client', 'river_client_queue', 'river_job', 'river_leader', 'river_migration',
    'river_notification', 'river_queue'
  ])
  and a.attnum > 0
  and not a.attisdropped
order by c.relname, a.attnum`;

const STATES = `
select e.enumlabel::text as label
from pg_catalog.pg_enum as e
join pg_catalog.pg_type as t on t.oid = e.enumtypid
join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
where n.nspname = current_schema() and t.typname = 'river_job_state'
order by e.enumsortorder`;

/** Looks at the schema that is first in the search_path; reads the catalogue only. */
export async function survey(db: Db): Promise<Survey> {
  const schema = await db.query<Omit<Survey, "notOwned" | "columns" | "states">>(SCHEMA, []);
  const columns = await db.query<SurveyedColumn & { owned: boolean }>(COLUMNS, []);
  const states = await db.query<{ label: string }>(STATES, []);
  const here = schema.rows[0];
  if (here === undefined)
    throw new Error("The survey of the schema must give a row, but gave none.");
  return {
    ...here,
    notOwned: [...new Set(columns.rows.filter((row) => !row.owned).map((row) => row.table))],
    columns: new Map(columns.rows.map((row) => [`${row.table}.${row.name}`, row])),
    states: states.rows.map((row) => row.label),
  };
}
