import type { Db } from "../db.ts";
import { type Queue, type QueueRow, requireQueue, toQueue } from "../queue.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkQueueName } from "../validate.ts";

// $1 now, $2 name.
const TOUCH = `
insert into river_queue (name, created_at, updated_at)
select $2::text, now, now
from coalesce($1::timestamptz, now()) as now
on conflict (name) do update
set updated_at = excluded.updated_at
returning name, extract(epoch from created_at)::text as created_at, metadata::text as metadata,
          extract(epoch from paused_at)::text as paused_at, extract(epoch from updated_at)::text as updated_at`;

/**
 * Says that somebody works a queue, as River's clients do on start and every few minutes: creates its row, or sets `updated_at` alone.
 * Returns the row. `now` null is the database's clock. Throws `invalid` for what is no queue's name.
 */
export async function queueTouch(db: Db, now: Micros | null, name: string): Promise<Queue> {
  checkQueueName(name, "name");
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await db.query<QueueRow>(TOUCH, [at, name]);
  return toQueue(requireQueue(rows[0], name));
}
