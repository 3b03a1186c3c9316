import type { Db } from "../db.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkDuration, checkInteger } from "../validate.ts";

/** How long jobs of each final state are kept; −1 means for ever. */
export interface CleanParams {
  readonly cancelled: Micros;
  readonly completed: Micros;
  readonly discarded: Micros;
  /** The most jobs to delete, 1 to 2³¹ − 1. */
  readonly limit: number;
}

// $1 now, $2 to $4 retentions, $5 limit.
// Locking comes before deleting: a job that was retried after we looked is no longer asked for, and one that is just being retried is passed over.
const CLEAN = `
with past as materialized (
  select id
  from river_job
  where state = 'cancelled' and $2::bigint >= 0
      and finalized_at < coalesce($1::timestamptz, now()) - $2::bigint * interval '1 microsecond'
    or state = 'completed' and $3::bigint >= 0
      and finalized_at < coalesce($1::timestamptz, now()) - $3::bigint * interval '1 microsecond'
    or state = 'discarded' and $4::bigint >= 0
      and finalized_at < coalesce($1::timestamptz, now()) - $4::bigint * interval '1 microsecond'
  order by id
  limit $5::int
  for update skip locked
), gone as (
  delete from river_job
  using past
  where river_job.id = past.id
  returning river_job.id
)
select count(*)::text as count
from gone`;

/**
 * Deletes jobs that have been final for longer than they are kept, by id, and returns how many; fewer than the limit means that none is
 * left but what other sessions are at. `now` null is the database's clock. Throws `invalid` for a parameter out of range.
 */
export async function clean(db: Db, now: Micros | null, params: CleanParams): Promise<number> {
  const { cancelled, completed, discarded, limit } = params;
  for (const [field, kept] of Object.entries({ cancelled, completed, discarded }))
    checkDuration(kept, field, -1n);
  checkInteger(limit, "limit", 1, 2_147_483_647);
  const { rows } = await db.query<{ count: string }>(CLEAN, [
    now === null ? null : timestampText(now, "now"),
    String(cancelled),
    String(completed),
    String(discarded),
    limit,
  ]);
  return Number(rows[0]?.count ?? 0);
}
