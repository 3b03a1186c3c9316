import type { Database } from "../db.ts";
import { QueueError } from "../errors.ts";
import type { Job } from "../job.ts";
import { fetch } from "../ops/fetch.ts";
import { get } from "../ops/get.ts";
import { type Micros, secondsText } from "../time.ts";

// $1 id, $2 queue.
const MOVE = `
update river_job
set queue = $2::text
where id = $1::bigint`;

/**
 * Starts an attempt of one job and of no other: in one transaction it is moved to a queue of its own, fetched from there by the statement that
 * every fetch is, and moved back, so that nobody sees it elsewhere and no other row is touched. Throws `invalid` for a job that is not due.
 */
export function takeOne(db: Database, now: Micros, id: bigint, client: string): Promise<Job> {
  return db.begin(async (tx) => {
    const { queue } = await get(tx, id);
    const aside = `weir_test_${crypto.randomUUID()}`;
    await tx.query(MOVE, [String(id), aside]);
    const [job] = await fetch(tx, now, { queue: aside, limit: 1, client });
    if (job === undefined) throw notDue(await get(tx, id), now);
    await tx.query(MOVE, [String(id), queue]);
    return { ...job, queue };
  });
}

function notDue({ id, state, scheduledAt }: Job, now: Micros): QueueError {
  const isLater = scheduledAt > now && /^(available|retryable|scheduled)$/.test(state);
  const is = isLater
    ? `due at ${secondsText(scheduledAt)}Z, and it is ${secondsText(now)}Z. Set the clock to its scheduledAt`
    : `${state}. Only available jobs are worked`;
  const message = `job ${id} must be due to be worked, but is ${is}.`;
  return new QueueError("invalid", message, { field: "id" });
}
