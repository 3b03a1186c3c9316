import type { Db } from "../db.ts";
import { quoteIdentifier } from "../drivers/identifier.ts";
import { checkText } from "../validate.ts";

/** The indexes that River's client 0.51 rebuilds. */
export const RIVER_INDEXES: readonly string[] = [
  "river_job_args_index",
  "river_job_kind",
  "river_job_metadata_index",
  "river_job_pkey",
  "river_job_prioritized_fetching_index",
  "river_job_state_and_finalized_at_index",
  "river_job_unique_idx",
];

// $1 index. What an attempt that was broken off leaves behind, such as river_job_kind_ccnew1; with the index itself, if it is there.
const LOOK = `
select relname::text as name
from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
where nspname = current_schema()
  and relkind = 'i'
  and (relname = $1::text or relname ~ '_cc(new|old)[0-9]*$' and starts_with(relname::text, $1::text || '_cc'))`;

/**
 * Rebuilds an index while others use it; false where there is none of that name, or where an earlier attempt was broken off, as the next would
 * likely be too: then its remains are left for somebody to look at, as River leaves them. May not be called in a transaction.
 */
export async function reindex(db: Db, index: string): Promise<boolean> {
  checkText(index, "index");
  const { rows } = await db.query<{ name: string }>(LOOK, [index]);
  if (rows.length !== 1 || rows[0]?.name !== index) return false;
  // A name cannot be a parameter here.
  await db.query(`reindex index concurrently ${quoteIdentifier(index)}`, []);
  return true;
}
