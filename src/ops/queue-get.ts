import type { Db } from "../db.ts";
import { type Queue, type QueueRow, requireQueue, toQueue } from "../queue.ts";
import { checkText } from "../validate.ts";

// $1 name.
const GET = `
select name, extract(epoch from created_at)::text as created_at, metadata::text as metadata,
       extract(epoch from paused_at)::text as paused_at, extract(epoch from updated_at)::text as updated_at
from river_queue
where name = $1::text`;

/** The queue's row. Throws `not_found` where no queue has the name. */
export async function queueGet(db: Db, name: string): Promise<Queue> {
  checkText(name, "name");
  const { rows } = await db.query<QueueRow>(GET, [name]);
  return toQueue(requireQueue(rows[0], name));
}
