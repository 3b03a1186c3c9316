import { JOB_STATES } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";

const TIME = "timestamp with time zone";

/** The columns of River's tables since its migration 5 that are looked at, with their types as Postgres prints them. */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  river_job: {
    id: "bigint",
    state: "river_job_state",
    attempt: "smallint",
    max_attempts: "smallint",
    attempted_at: TIME,
    created_at: TIME,
    finalized_at: TIME,
    scheduled_at: TIME,
    priority: "smallint",
    args: "jsonb",
    attempted_by: "text[]",
    errors: "jsonb[]",
    kind: "text",
    metadata: "jsonb",
    queue: "text",
    tags: "character varying(255)[]",
    unique_key: "bytea",
    unique_states: "bit(8)",
  },
  river_queue: {
    name: "text",
    created_at: TIME,
    metadata: "jsonb",
    paused_at: TIME,
    updated_at: TIME,
  },
  river_leader: { leader_id: "text", elected_at: TIME, expires_at: TIME },
};

const READ_COLUMNS = `
select attname::text as name, format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`;

const READ_STATES = `
select enumlabel::text as label from pg_enum where enumtypid = to_regtype('river_job_state') order by enumlabel`;

/** What keeps the tables on the search path from being River's, as a sentence; null when they are. Columns that River may add later are no fault. `hasMasks`: since its migration 6. */
export async function schemaFault(db: Db, hasMasks = true): Promise<string | null> {
  for (const [table, all] of Object.entries(TABLES)) {
    const { unique_states, ...columns } = all;
    const masks = unique_states !== undefined && hasMasks ? { unique_states } : {};
    const fault = await tableFault(db, table, { ...columns, ...masks });
    if (fault !== null) return fault;
  }
  const { rows: labels } = await db.query<{ label: string }>(READ_STATES, []);
  const states = labels.map(({ label }) => label).sort();
  const missing = JOB_STATES.filter((state) => !states.includes(state));
  return missing.length === 0
    ? null
    : `river_job_state must have ${missing.join(", ")}, but lacks it`;
}

async function tableFault(
  db: Db,
  table: string,
  columns: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { rows } = await db.query<{ name: string; type: string }>(READ_COLUMNS, [table]);
  if (rows.length === 0) return `there must be a table ${table}, but there is none`;
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  for (const [name, wanted] of Object.entries(columns)) {
    const type = types.get(name);
    // A type outside the search path is printed with its schema.
    if (type !== wanted && !type?.endsWith(`.${wanted}`)) {
      return `${table}.${name} must be ${wanted}, but is ${type ?? "missing"}`;
    }
  }
  return null;
}
