import { type ListOrder, orderOf, type Placed, readCursor, writeCursor } from "../cursor.ts";
import type { Db } from "../db.ts";
import { checkLimit, DEFAULT_LIMIT, filterParams, type JobFilter, textsParam } from "../filter.ts";
import { type Job, type JobRow, type JobState, toJob } from "../job.ts";
import { checkJson, refuse } from "../validate.ts";

/** Which jobs to list, and how. */
export interface ListParams extends JobFilter {
  /** Tags that a job must all have. */
  readonly tagsAll?: readonly string[];
  /** Tags of which a job must have one. */
  readonly tagsAny?: readonly string[];
  /** JSON text that the metadata must contain, as `@>` has it. */
  readonly metadata?: string;
  /** `id` by default. With `finalized_at` and no states the three final ones are meant; others are refused. */
  readonly orderBy?: ListOrder;
  /** From the highest down, and what has no time first; else what has no time is last. */
  readonly descending?: boolean;
  /** The most jobs of a page, 1 to 10,000; 100 by default. */
  readonly limit?: number;
  /** The cursor of the page before, or `cursorAfter` a job; null or absent begins at the beginning. */
  readonly after?: string | null;
}

/** A page, and the cursor with which the next one is asked for; null after an empty page. */
export interface ListResult {
  readonly jobs: readonly Job[];
  readonly cursor: string | null;
}

const FINAL: readonly JobState[] = ["cancelled", "completed", "discarded"];
const ORDERS: readonly ListOrder[] = ["id", "scheduled_at", "finalized_at", "time"];

// $1 ids, $2 kinds, $3 priorities, $4 queues, $5 states, $6 all tags, $7 any tags, $8 metadata, each null if it does not matter;
// $9 column of the order, null for the id alone, $10 descending, $11 limit; $12 and $13 the place after which the page begins.
// A planner that knows the parameters folds every case to a column or to null, and finds the index.
const LIST = `
select id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
       extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
       extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
       priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
       to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
       to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states
from (
  select river_job.*,
         case $9::text when 'scheduled_at' then scheduled_at when 'attempted_at' then attempted_at when 'finalized_at' then finalized_at
         end as place
  from river_job
) as listed
where ($1::bigint[] is null or id = any($1::bigint[]))
  and ($2::text[] is null or kind = any($2::text[]))
  and ($3::smallint[] is null or priority = any($3::smallint[]))
  and ($4::text[] is null or queue = any($4::text[]))
  and ($5::text[] is null or state = any($5::text[]::river_job_state[]))
  and ($6::text[] is null or tags @> $6::text[]::varchar[])
  and ($7::text[] is null or tags && $7::text[]::varchar[])
  and ($8::jsonb is null or metadata @> $8::jsonb)
  and ($12::bigint is null or case
    when $10::boolean and $13::timestamptz is null then place is not null or id < $12::bigint
    when $10::boolean then place < $13::timestamptz or place = $13::timestamptz and id < $12::bigint
    when $13::timestamptz is null then place is null and id > $12::bigint
    else place > $13::timestamptz or place is null or place = $13::timestamptz and id > $12::bigint
  end)
order by case when not $10::boolean then place end asc nulls last, case when $10::boolean then place end desc nulls first,
         case when not $10::boolean then id end asc, case when $10::boolean then id end desc
limit $11::int`;

/**
 * Lists jobs, a page at a time; changes nothing. Throws `invalid` for a limit out of range, a cursor of another order (its direction and
 * filters may be others), unfinished states by `finalized_at`, and metadata that JSONB cannot hold.
 */
export async function list(db: Db, params: ListParams = {}): Promise<ListResult> {
  const { limit = DEFAULT_LIMIT, metadata = null, descending = false, after = null } = params;
  const { order, states } = orderIn(params);
  checkLimit(limit);
  if (metadata !== null) checkJson(metadata, "metadata");
  const place = after === null ? null : readCursor(after, order);
  const { rows } = await db.query<JobRow>(LIST, [
    ...filterParams({ ...params, states }),
    textsParam(params.tagsAll, "tagsAll"),
    textsParam(params.tagsAny, "tagsAny"),
    metadata,
    order.column,
    descending,
    limit,
    place?.id ?? null,
    place?.time ?? null,
  ]);
  const jobs = rows.map(toJob);
  const last = jobs.at(-1);
  return { jobs, cursor: last === undefined ? null : writeCursor(last, order) };
}

/** The cursor with which a list of this order goes on after a job, whether or not the job fits its filters. */
export const cursorAfter = (job: Placed, params: Pick<ListParams, "orderBy" | "states">): string =>
  writeCursor(job, orderIn(params).order);

function orderIn({ orderBy = "id", states = [] }: ListParams) {
  if (!ORDERS.includes(orderBy)) refuse("orderBy", `be one of ${ORDERS.join(", ")}`, orderBy);
  const unfinished = states.filter((state) => !FINAL.includes(state));
  if (orderBy === "finalized_at" && unfinished.length > 0) {
    refuse("states", "be final where the order is by finalized_at", unfinished.join(", "));
  }
  const listed = orderBy === "finalized_at" && states.length === 0 ? FINAL : states;
  return { order: orderOf(orderBy, listed), states: listed };
}
