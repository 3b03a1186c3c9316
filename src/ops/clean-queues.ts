import type { Db } from "../db.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkDuration, checkInteger } from "../validate.ts";

/** Which rows of queues are old. */
export interface CleanQueuesParams {
  /** How long ago a queue was last touched, at least; 0 or more. */
  readonly after: Micros;
  /** The most rows to delete, 1 to 2³¹ − 1. */
  readonly limit: number;
}

// $1 now, $2 after, $3 limit. A queue that somebody is just touching or pausing is passed over.
const CLEAN_QUEUES = `
with old as materialized (
  select name
  from river_queue
  where updated_at < coalesce($1::timestamptz, now()) - $2::bigint * interval '1 microsecond'
    and river_queue.paused_at is null
  order by river_queue.name collate "C"
  limit $3::int
  for update skip locked
), removed as (
  delete from river_queue
  using old
  where river_queue.name = old.name
  returning river_queue.name
)
select count(*)::text as count
from removed`;

/**
 * Deletes the rows of queues that nobody has touched for longer than that and that are not paused, by name, and returns how many; fewer than
 * the limit means that none is left. `now` null is the database's clock. Throws `invalid` for a parameter out of range.
 */
export async function cleanQueues(
  db: Db,
  now: Micros | null,
  params: CleanQueuesParams,
): Promise<number> {
  const { after, limit } = params;
  checkDuration(after, "after", 0n);
  checkInteger(limit, "limit", 1, 2_147_483_647);
  const { rows } = await db.query<{ count: string }>(CLEAN_QUEUES, [
    now === null ? null : timestampText(now, "now"),
    String(after),
    limit,
  ]);
  return Number(rows[0]?.count ?? 0);
}
