import fc from "fast-check";
import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import { oddNow } from "./odd-rows.ts";

const duration = fc.oneof(fc.integer({ min: 1, max: 12_000_000 }), fc.constant(3_600_000_000));
/** A duration, or for ever. */
const limitless = fc.option(duration, { nil: -1, freq: 4 });

/** A pass of the rescuer over the jobs of `oddState`, in small batches. */
export const oddRescue: fc.Arbitrary<RescueOp> = fc.record({
  op: fc.constant("rescue"),
  now: oddNow,
  after: duration,
  timeout: limitless,
  limit: fc.integer({ min: 1, max: 4 }),
});

/** A batch of the cleaner; a retention may be nothing at all. */
export const oddClean: fc.Arbitrary<CleanOp> = fc.record({
  op: fc.constant("clean"),
  now: oddNow,
  cancelled: limitless,
  completed: fc.oneof(limitless, fc.constant(0)),
  discarded: limitless,
  limit: fc.integer({ min: 1, max: 4 }),
});

/** A batch of the queue cleaner. */
export const oddCleanQueues: fc.Arbitrary<CleanQueuesOp> = fc.record({
  op: fc.constant("clean_queues"),
  now: oddNow,
  after: duration,
  limit: fc.integer({ min: 1, max: 3 }),
});
