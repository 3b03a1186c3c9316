import { retryOnConflict } from "../conflict.ts";
import type { Db } from "../db.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkInteger, checkText } from "../validate.ts";

/** What to fetch, and for whom. */
export interface FetchParams {
  readonly queue: string;
  /** The most jobs to take, 0 to 2³¹ − 1. */
  readonly limit: number;
  /** The client's id, as it shall stand in `attempted_by`. */
  readonly client: string;
  /**
   * Whether few jobs are expected. Their fetch takes half a millisecond less, as Postgres keeps its plan; but a plan kept from when the table was
   * empty would read all of it for each of many jobs, until the table is next analyzed.
   */
  readonly expectsFew?: boolean;
  /** Only jobs of these kinds, of none if it is empty; absent, of every kind. Others are passed over as if they were not there. */
  readonly kinds?: readonly string[];
}

// $1 now, $2 queue, $3 limit, $4 client, $5 kinds.
// Two kinds of rows that no client of today makes are passed over, as taking them could only raise an error: jobs that have had as
// many attempts as a smallint counts; and jobs that hold their key while running but not while available, when another holds it or goes first.
// The rows are found again through an array: a join may be planned as anything, this as a look into the primary key for each.
// Postgres would keep one plan for all calls, and one made while the table is empty reads all of it for each job of the burst that comes next.
// The last condition is always true and costs nothing, but only a plan for known parameters knows: any other looks too dear to be kept. So
// planning counts, and river_job_state_in_bitmask is written out, since to unfold it takes a quarter of that.
const fetchSql = (ifMany: string) => `
with due as (
  select id
  from river_job
  where state = 'available'
    and queue = $2::text
    and scheduled_at <= coalesce($1::timestamptz, now())
    and attempt < 32767
    and ($5::text[] is null or kind = any($5::text[]))
    and case when unique_key is not null and unique_states & B'01000001' = B'01000000' then not exists (
          select from river_job as other
          where other.unique_key = river_job.unique_key
            and other.unique_states is not null
            and other.id <> river_job.id
            and (get_bit(other.unique_states, array_position(
                   '{scheduled,running,retryable,pending,discarded,completed,cancelled,available}', other.state) - 1) = 1
                 or other.state = 'available' and other.id < river_job.id)
        ) else true end
  order by priority, scheduled_at, id
  limit $3::int
  for update
  skip locked
)
update river_job
set state = 'running',
    attempt = river_job.attempt + 1,
    attempted_at = coalesce($1::timestamptz, now()),
    attempted_by = case
      when cardinality(attempted_by) >= 100 or array_ndims(attempted_by) > 1 then array(
        select name
        from unnest(attempted_by) with ordinality as earlier (name, place)
        order by place
        offset greatest(cardinality(attempted_by) - 99, 0)
      ) || $4::text
      else array_append(attempted_by, $4::text)
    end
where id = any(array(select id from due))${ifMany}
returning id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
          extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
          extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
          priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
          to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
          to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states`;

const FETCH_FEW = fetchSql("");
const FETCH = fetchSql(`
  and ($3::int >= 0 or (select count(*) from generate_series(1, 1000000000)) > 0)`);

/**
 * Takes due jobs of one queue that no other session has locked and starts an attempt of each; returns them by priority, scheduled_at, id.
 * `now` null is the database's clock. Whether the queue is paused is not looked at. Throws `invalid` for a limit or text that Postgres
 * does not take.
 */
export async function fetch(db: Db, now: Micros | null, params: FetchParams): Promise<Job[]> {
  checkText(params.queue, "queue");
  checkText(params.client, "client");
  checkInteger(params.limit, "limit", 0, 2_147_483_647);
  for (const [place, kind] of params.kinds?.entries() ?? []) checkText(kind, `kinds[${place}]`);
  const at = now === null ? null : timestampText(now, "now");
  const kinds = params.kinds === undefined ? null : [...params.kinds];
  const sql = params.expectsFew ? FETCH_FEW : FETCH;
  const { rows } = await retryOnConflict(() =>
    db.query<JobRow>(sql, [at, params.queue, params.limit, params.client, kinds]),
  );
  return rows.map(toJob).sort(inOrder);
}

/** Cheap: the statement's order is that of ids, which mostly is the same. */
function inOrder(a: Job, b: Job): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.scheduledAt !== b.scheduledAt) return a.scheduledAt < b.scheduledAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
