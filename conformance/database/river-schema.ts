import { JOB_STATES } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";

/** The columns of `river_job` since River's migration 6, with their types as Postgres prints them. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: "bigint",
  state: "river_job_state",
  attempt: "smallint",
  max_attempts: "smallint",
  attempted_at: "timestamp with time zone",
  created_at: "timestamp with time zone",
  finalized_at: "timestamp with time zone",
  scheduled_at: "timestamp with time zone",
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
};

const READ_COLUMNS = `
select attname::text as name, format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = to_regclass('river_job') and attnum > 0 and not attisdropped`;

const READ_STATES = `
select enumlabel::text as label from pg_enum where enumtypid = to_regtype('river_job_state') order by enumlabel`;

/** What keeps the tables on the search path from being River's, as a sentence; null when they are. Columns that River may add later are no fault. */
export async function schemaFault(db: Db): Promise<string | null> {
  const { rows } = await db.query<{ name: string; type: string }>(READ_COLUMNS, []);
  if (rows.length === 0) return "there must be a table river_job, but there is none";
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  for (const [name, wanted] of Object.entries(COLUMNS)) {
    const type = types.get(name);
    // A type outside the search path is printed with its schema.
    if (type !== wanted && !type?.endsWith(`.${wanted}`)) {
      return `river_job.${name} must be ${wanted}, but is ${type ?? "missing"}`;
    }
  }
  const { rows: labels } = await db.query<{ label: string }>(READ_STATES, []);
  const states = labels.map(({ label }) => label).sort();
  const missing = JOB_STATES.filter((state) => !states.includes(state));
  return missing.length === 0
    ? null
    : `river_job_state must have ${missing.join(", ")}, but lacks it`;
}
