import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import { WORKERS } from "../../spec/model/workers.ts";
import type { Db } from "../../src/db.ts";
import type { JitterOptions } from "../../src/jitter.ts";
import { clean } from "../../src/ops/clean.ts";
import { cleanQueues } from "../../src/ops/clean-queues.ts";
import { rescue } from "../../src/ops/rescue.ts";
import { ORIGIN } from "../adapter.ts";

const micros = (at: number): bigint => BigInt(at) + BigInt(ORIGIN);

/** The workers of the suite that have a timeout of their own. */
const TIMEOUTS = Object.fromEntries(
  Object.entries(WORKERS).flatMap(([kind, timeout]) =>
    timeout === null ? [] : [[kind, BigInt(timeout)]],
  ),
);

/** A pass of the reference's rescuer: batches until one is short, or as many at once as `batches` says. */
export async function runRescue(
  db: Db,
  op: RescueOp,
  options: JitterOptions,
  batches: number | null,
): Promise<number> {
  const params = {
    after: BigInt(op.after),
    timeouts: TIMEOUTS,
    timeout: BigInt(op.timeout),
    limit: op.limit,
  };
  const batch = () => rescue(db, micros(op.now), params, options);
  if (batches !== null) {
    const counts = await Promise.all(Array.from({ length: batches }, batch));
    return counts.reduce((sum, count) => sum + count, 0);
  }
  let sum = 0;
  for (let count = op.limit; count >= op.limit; sum += count) count = await batch();
  return sum;
}

/** One batch of the reference's cleaner. */
export const runClean = (db: Db, op: CleanOp): Promise<number> =>
  clean(db, micros(op.now), {
    cancelled: BigInt(op.cancelled),
    completed: BigInt(op.completed),
    discarded: BigInt(op.discarded),
    limit: op.limit,
  });

/** One batch of the reference's queue cleaner. */
export const runCleanQueues = (db: Db, op: CleanQueuesOp): Promise<number> =>
  cleanQueues(db, micros(op.now), { after: BigInt(op.after), limit: op.limit });
