import type { Db } from "../../src/db.ts";
import type { Place } from "./snapshot.ts";

/** From when on a hint is one, as Postgres reads intervals. */
export type Limits = Readonly<{ stuck: string; late: string; paused: string }>;

/** What one pass over `river_job` counts. Instants are texts in UTC, null where nothing was counted. */
export type Counts = Readonly<{
  jobs: number;
  undated: number;
  future: number;
  attempts: number;
  stuck: number;
  oldestStuck: string | null;
  late: number;
  oldestLate: string | null;
  metadata: number;
  /** Discarded with the scheduler's mark. */
  marked: number;
  legacy: number;
}>;

/** River finalizes what its scheduler discards at its horizon, seconds ahead; and clients' clocks differ from the database's. */
const FUTURE = "finalized_at > at + interval '1 minute'";

/** Discarded, with the scheduler's mark in the metadata; where these were no object, River's || made an array that ends with it. */
export const MARKED = `state = 'discarded' and (
  metadata @> '{"unique_key_conflict": "scheduler_discarded"}' or metadata @> '[{"unique_key_conflict": "scheduler_discarded"}]'
)`;

/** The conditions of the checks that look at one row alone. They need `CLOCK`. */
export const CONDITIONS = {
  undated: "(finalized_at is null) = (state in ('cancelled', 'completed', 'discarded'))",
  future: FUTURE,
  attempts: "attempt > max_attempts",
  stuck: "state = 'running' and attempted_at < at - stuck_after",
  late: "state in ('scheduled', 'retryable') and scheduled_at < at - late_after",
  metadata: "jsonb_typeof(metadata) is distinct from 'object'",
  legacy:
    "unique_key is not null and unique_states is null and state not in ('cancelled', 'completed', 'discarded')",
} as const;

/** Now, and the limits of stuck and late: $1, $2, $3. */
export const CLOCK = `cross join (
  select coalesce($1::timestamptz, now()) as at, $2::interval as stuck_after, $3::interval as late_after
) as clock`;

const COUNT_BEFORE_MASKS = `
select count(*)::text as jobs,
       count(*) filter (where ${CONDITIONS.undated})::text as undated,
       count(*) filter (where ${CONDITIONS.future})::text as future,
       count(*) filter (where ${CONDITIONS.attempts})::text as attempts,
       count(*) filter (where ${CONDITIONS.stuck})::text as stuck,
       (min(attempted_at) filter (where ${CONDITIONS.stuck}))::text as "oldestStuck",
       count(*) filter (where ${CONDITIONS.late})::text as late,
       (min(scheduled_at) filter (where ${CONDITIONS.late}))::text as "oldestLate",
       count(*) filter (where ${CONDITIONS.metadata})::text as metadata,
       count(*) filter (where ${MARKED})::text as marked,
       '0' as legacy
from river_job
${CLOCK}`;

const COUNT = COUNT_BEFORE_MASKS.replace(
  "'0' as legacy",
  `count(*) filter (where ${CONDITIONS.legacy})::text as legacy`,
);

type Row = Readonly<{ [name in keyof Counts]: string | null }>;

/** Counts everything that one row can show, in one pass. */
export async function countJobs(
  tx: Db,
  place: Place,
  now: string | null,
  { stuck, late }: Limits,
): Promise<Counts> {
  const sql = hasMasks(place) ? COUNT : COUNT_BEFORE_MASKS;
  const { rows } = await tx.query<Row>(sql, [now, stuck, late]);
  const row = rows[0];
  const count = (name: keyof Counts) => Number(row?.[name] ?? 0);
  return {
    jobs: count("jobs"),
    undated: count("undated"),
    future: count("future"),
    attempts: count("attempts"),
    stuck: count("stuck"),
    oldestStuck: row?.oldestStuck ?? null,
    late: count("late"),
    oldestLate: row?.oldestLate ?? null,
    metadata: count("metadata"),
    marked: count("marked"),
    legacy: count("legacy"),
  };
}

/** Whether jobs say in which states they hold their key: since migration 6, River 0.12. */
export const hasMasks = ({ columns }: Place): boolean =>
  columns.has("river_job.unique_states") && columns.has("river_job.unique_key");
