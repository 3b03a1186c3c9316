import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import type { Params } from "./messages.ts";
import { timestampOf } from "./time.ts";

/** What to ask an adapter for a pass of the rescuer. */
export const rescueParams = (op: RescueOp): Params<"rescue"> => ({
  now: timestampOf(op.now),
  after_us: op.after,
  timeout_us: op.timeout,
  limit: op.limit,
});

/** What to ask an adapter for one batch of the cleaner. */
export const cleanParams = (op: CleanOp): Params<"clean"> => ({
  now: timestampOf(op.now),
  cancelled_us: op.cancelled,
  completed_us: op.completed,
  discarded_us: op.discarded,
  limit: op.limit,
});

/** What to ask an adapter for one batch of the queue cleaner. */
export const cleanQueuesParams = (op: CleanQueuesOp): Params<"clean_queues"> => ({
  now: timestampOf(op.now),
  after_us: op.after,
  limit: op.limit,
});
