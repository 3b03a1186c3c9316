import type { Db } from "../db.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { checkId, notFound } from "../validate.ts";

// $1 id.
const GET = `
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from river_job
where river_job.id = $1::bigint`;

/** The row of a job. Throws `not_found` if there is none. */
export async function get(db: Db, id: bigint): Promise<Job> {
  checkId(id, "id");
  const { rows } = await db.query<JobRow>(GET, [String(id)]);
  const [row] = rows;
  return row === undefined ? notFound(id) : toJob(row);
}
