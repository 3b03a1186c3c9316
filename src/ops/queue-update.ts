import type { Db } from "../db.ts";
import { type Queue, type QueueRow, requireQueue, toQueue } from "../queue.ts";
import { type Micros, timestampText } from "../time.ts";
import { checkObject, checkText } from "../validate.ts";

/** What to change of a queue. */
export interface QueueUpdateParams {
  /** JSON text of an object; absent, the metadata stays. */
  readonly metadata?: string;
}

// $1 now, $2 name, $3 metadata.
const UPDATE = `
with updated as (
  update river_queue
  set metadata = coalesce($3::jsonb, metadata),
      updated_at = coalesce($1::timestamptz, now())
  where name = $2::text
  returning *
), notified as (
  select pg_notify(current_schema() || '.river_control',
                   jsonb_build_object('action', 'metadata_changed', 'metadata', $3::jsonb, 'queue', name)::text)
  from updated
  where $3::jsonb is not null
)
select name, extract(epoch from created_at)::text as created_at, metadata::text as metadata,
       extract(epoch from paused_at)::text as paused_at, extract(epoch from updated_at)::text as updated_at
from updated
where (select count(*) from notified) >= 0`;

/**
 * Replaces a queue's metadata and tells the clients that listen; without metadata it only touches the queue. Returns the row. `now` null is the
 * database's clock. Throws `not_found` where no queue has the name, and `invalid` for metadata that is no object.
 */
export async function queueUpdate(
  db: Db,
  now: Micros | null,
  name: string,
  params: QueueUpdateParams,
): Promise<Queue> {
  const { metadata = null } = params;
  checkText(name, "name");
  if (metadata !== null) checkObject(metadata, "metadata");
  const at = now === null ? null : timestampText(now, "now");
  const { rows } = await db.query<QueueRow>(UPDATE, [at, name, metadata]);
  return toQueue(requireQueue(rows[0], name));
}
