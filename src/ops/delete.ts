import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { checkId, notFound } from "../validate.ts";

// $1 id.
// Of several sessions that delete one job, all but the first wait for its lock and then find nothing. A fetch that commits meanwhile makes
// the lock's row a running one, and the delete, which looks again, leaves it.
const DELETE = `
with found as (
  select * from river_job where id = $1::bigint for update
), gone as (
  delete from river_job
  using found
  where river_job.id = found.id and river_job.state <> 'running'
  returning river_job.*
), answered as (
  select true as is_deleted, gone.* from gone
  union all
  select false, found.* from found where not exists (select from gone)
)
select is_deleted::text as deleted,
       id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from answered`;

/** Deletes a job and returns its row as it was. Throws `running` if it runs, `not_found` if there is none, as for all callers but one of several at once. */
export async function deleteJob(db: Db, id: bigint): Promise<Job> {
  checkId(id, "id");
  const { rows } = await db.query<JobRow & { readonly deleted: string }>(DELETE, [String(id)]);
  const [row] = rows;
  if (row === undefined) return notFound(id);
  if (row.deleted === "true") return toJob(row);
  throw new QueueError(
    "running",
    `job ${id} must not be running to be deleted, but is. Cancel it, or wait for its end.`,
    { field: "id" },
  );
}
