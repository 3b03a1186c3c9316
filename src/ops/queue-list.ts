import type { Db } from "../db.ts";
import { type Queue, type QueueRow, toQueue } from "../queue.ts";
import { checkInteger } from "../validate.ts";

// $1 limit.
const LIST = `
select name, extract(epoch from created_at)::text as created_at, metadata::text as metadata,
       extract(epoch from paused_at)::text as paused_at, extract(epoch from updated_at)::text as updated_at
from river_queue
order by name collate "C"
limit $1::int`;

/** The queues by the bytes of their names, at most `limit` (0 to 2³¹ − 1) of them. */
export async function queueList(db: Db, limit: number): Promise<Queue[]> {
  checkInteger(limit, "limit", 0, 2_147_483_647);
  const { rows } = await db.query<QueueRow>(LIST, [limit]);
  return rows.map(toQueue);
}
