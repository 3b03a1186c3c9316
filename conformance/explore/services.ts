import type { LeaderOp, Op, QueueOp } from "../../spec/model/op.ts";

/** The worlds that are explored are made of jobs, on which nothing that happens to a queue's row or to the leader depends: none is listed. */
const apart = <O extends Op>() => ({
  list: (): readonly O[] => [],
  place: (op: O, { now }: Readonly<{ now: number }>): O => ({ ...op, now }),
});

/** The chapters of the operations on queues and on the leader. */
export const SERVICE_OPERATIONS = {
  queue_touch: apart<Extract<QueueOp, { op: "queue_touch" }>>(),
  queue_pause: apart<Extract<QueueOp, { op: "queue_pause" }>>(),
  queue_resume: apart<Extract<QueueOp, { op: "queue_resume" }>>(),
  queue_update: apart<Extract<QueueOp, { op: "queue_update" }>>(),
  queue_get: apart<Extract<QueueOp, { op: "queue_get" }>>(),
  queue_list: apart<Extract<QueueOp, { op: "queue_list" }>>(),
  elect: apart<Extract<LeaderOp, { op: "elect" }>>(),
  reelect: apart<Extract<LeaderOp, { op: "reelect" }>>(),
  resign: apart<Extract<LeaderOp, { op: "resign" }>>(),
  request_resign: apart<Extract<LeaderOp, { op: "request_resign" }>>(),
};
