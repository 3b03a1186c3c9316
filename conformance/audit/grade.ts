import type { Db } from "../../src/db.ts";
import { MARKED } from "./counts.ts";

/**
 * What can be said of a discarded job with the scheduler's mark. `proved`: wrongly discarded. `perhaps`: it had let go of its key, so a
 * rival may have had it. `rightly`: that rival is still there. `unclear`: its key or mask is gone. `later`: it was retried since, and the
 * mark is of an earlier time.
 */
export type Grade = "proved" | "perhaps" | "rightly" | "unclear" | "later";

/**
 * A fetch sets attempted_at to its now, which is never before scheduled_at, and nothing but the end of the attempt moves scheduled_at. So
 * who has not been fetched since it was last put off was discarded while it waited, which only the scheduler does, and which is no
 * other discard under a mark left from before a retry.
 */
const WAITED = "(attempted_at is null or attempted_at < scheduled_at)";

/**
 * Whether it waited in a state in which it held its key. It waited as scheduled or retryable. Every way to retryable has counted an attempt
 * and added an error; so without attempts, or without errors, it was scheduled, else it may have been either.
 */
const HELD = `(get_bit(unique_states, 0) = 1
  and (get_bit(unique_states, 2) = 1 or attempt = 0 or coalesce(cardinality(errors), 0) = 0))`;

/** What proves that a discard was wrong: with the unique index, while it held its key nobody else did. */
export const PROVED = `${MARKED} and ${WAITED} and unique_key is not null and unique_states is not null and ${HELD}`;

/**
 * A rival that holds the key now, was there before, and has held it ever since, as its mask has every unfinished state. Every state is
 * >= 'available'; saying so lets Postgres use the unique index. The minute is for clocks that differ, and for the scheduler's horizon.
 */
const RIVAL = `exists (
  select from river_job as rival
  where rival.unique_key = job.unique_key
    and rival.unique_states is not null
    and rival.state >= 'available'
    and river_job_state_in_bitmask(rival.unique_states, rival.state)
    and rival.unique_states & b'11110001' = b'11110001'
    and rival.id <> job.id
    and rival.created_at < job.finalized_at - interval '1 minute'
)`;

/** The marked jobs with their grades. `company`: how many of a key were discarded in one call, which gives all the same finalized_at. $1: whether the unique index is sound. */
export const GRADED = `
with graded as (
  select id, kind, queue, scheduled_at, attempted_at, finalized_at, attempt, unique_key, unique_states,
         count(*) over (partition by unique_key, finalized_at) as company,
         case when not ${WAITED} then 'later'
              when unique_key is null or unique_states is null or not $1::boolean then 'unclear'
              when ${HELD} then 'proved'
              when ${RIVAL} then 'rightly'
              else 'perhaps'
         end as grade
  from river_job as job
  where ${MARKED}
)`;

const SUMMARY = `${GRADED}
select grade, kind, count(*)::text as jobs,
       min(scheduled_at)::text as "firstDue", max(scheduled_at)::text as "lastDue",
       min(finalized_at)::text as "firstDiscard",
       (count(*) filter (where grade = 'proved' and company > 1 and unique_key is not null))::text as together
from graded
group by grade, kind
order by count(*) desc, kind`;

/** What the marked jobs of one grade and kind come to. Instants are texts in UTC. */
export type GradedKind = Readonly<{
  grade: Grade;
  kind: string;
  jobs: number;
  firstDue: string;
  lastDue: string;
  firstDiscard: string;
  /** Proved ones that were discarded together with a rival of their key, which then ended with nobody. */
  together: number;
}>;

/** All jobs with the scheduler's mark by grade and kind, the most first. */
export async function gradeJobs(tx: Db, isIndexSound: boolean): Promise<readonly GradedKind[]> {
  const { rows } = await tx.query<
    Omit<GradedKind, "jobs" | "together"> & { jobs: string; together: string }
  >(SUMMARY, [isIndexSound]);
  return rows.map((row) => ({ ...row, jobs: Number(row.jobs), together: Number(row.together) }));
}

const PROVED_JOBS = `${GRADED}
select id::text as id, kind, scheduled_at::text as due, attempt::text as attempts,
       encode(unique_key, 'hex') as key
from graded
where grade = 'proved'
order by finalized_at, graded.id
limit $2::int`;

/** A job that was wrongly discarded, as the screen shows it. */
export type Victim = Readonly<{
  id: string;
  kind: string;
  due: string;
  attempts: string;
  key: string;
}>;

/** The first wrongly discarded jobs, in order of their discard. */
export async function firstVictims(
  tx: Db,
  isIndexSound: boolean,
  limit: number,
): Promise<readonly Victim[]> {
  const { rows } = await tx.query<Victim>(PROVED_JOBS, [isIndexSound, limit]);
  return rows;
}
