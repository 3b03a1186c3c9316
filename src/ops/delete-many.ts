import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { checkLimit, DEFAULT_LIMIT, filterParams, type JobFilter } from "../filter.ts";
import { type Job, type JobRow, toJob } from "../job.ts";

/** Which jobs to delete. */
export interface DeleteManyParams extends JobFilter {
  /** That all jobs are meant; without it a call without filters is refused, and with it one that has any. */
  readonly all?: boolean;
  /** The most jobs to delete, 1 to 10,000; 100 by default. */
  readonly limit?: number;
}

// $1 ids, $2 kinds, $3 priorities, $4 queues, $5 states, each null if it does not matter, $6 limit.
const DELETE_MANY = `
with chosen as (
  select id
  from river_job
  where ($1::bigint[] is null or id = any($1::bigint[]))
    and ($2::text[] is null or kind = any($2::text[]))
    and ($3::smallint[] is null or priority = any($3::smallint[]))
    and ($4::text[] is null or queue = any($4::text[]))
    and ($5::text[] is null or state = any($5::text[]::river_job_state[]))
    and state <> 'running'
  order by id
  limit $6::int
  for update
  skip locked
), gone as (
  delete from river_job
  using chosen
  where river_job.id = chosen.id
  returning river_job.*
)
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from gone
order by gone.id`;

/**
 * Deletes the jobs that fit, lowest ids first, but none that runs or that another session has locked; returns their rows as they were, by id.
 * Throws `invalid` for a limit out of range, and for no filter without `all`.
 */
export async function deleteMany(db: Db, params: DeleteManyParams): Promise<Job[]> {
  const { all = false, limit = DEFAULT_LIMIT } = params;
  checkLimit(limit);
  const filter = filterParams(params);
  if (filter.every((each) => each === null) !== all) {
    const what = all
      ? "stand alone, but there is a filter"
      : "be given where there is no filter, but is not";
    throw new QueueError("invalid", `all must ${what}.`, { field: "all" });
  }
  const { rows } = await db.query<JobRow>(DELETE_MANY, [...filter, limit]);
  return rows.map(toJob);
}
