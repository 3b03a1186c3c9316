import type { Db } from "../db.ts";
import { requireQueue } from "../queue.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkText } from "../validate.ts";

// $1 now, $2 name.
const PAUSE = `
with asked as (
  select name
  from river_queue
  where $2::text in (name, '*')
), paused as (
  update river_queue
  set paused_at = coalesce($1::timestamptz, now()),
      updated_at = coalesce($1::timestamptz, now())
  where $2::text in (name, '*')
    and paused_at is null
), notified as (
  select pg_notify(current_schema() || '.river_control', jsonb_build_object('action', 'pause', 'queue', $2::text)::text)
  where $2::text = '*' or exists (select from asked)
)
select count(*)::text as told from notified`;

/**
 * Pauses a queue, or all of them by the name `*`, and tells the clients that listen; a queue that is paused stays as it is. `now` null is the
 * database's clock. Throws `not_found` where no queue has the name.
 */
export async function queuePause(db: Db, now: Micros | null, name: string): Promise<void> {
  checkText(name, "name");
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await db.query<{ told: string }>(PAUSE, [at, name]);
  requireQueue(rows[0]?.told !== "0", name);
}
