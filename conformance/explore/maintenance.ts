import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import { NEVER } from "../../spec/model/workers.ts";
import { ALL, type World } from "./world.ts";

/** Passes of the rescuer: whatever did not start just now is stuck; jobs without a timeout of their own may time out or not. */
export const rescues = ({ limits }: World): readonly RescueOp[] =>
  limits.flatMap((limit) =>
    [1, NEVER].map((timeout): RescueOp => ({ op: "rescue", now: 0, after: 1, timeout, limit })),
  );

const KEPT = { cancelled: 1, completed: 1, discarded: 1 };

/** Whatever did not become final just now is past its retention, or one state is kept for ever. Which of several goes first is up to ids, which are not told apart here. */
export const cleans = (): readonly CleanOp[] =>
  [{}, { cancelled: NEVER }, { completed: NEVER }, { discarded: NEVER }].map(
    (kept): CleanOp => ({ op: "clean", now: 0, ...KEPT, ...kept, limit: ALL }),
  );

/** Whatever queue was not touched just now is old. */
export const queueCleans = (): readonly CleanQueuesOp[] => [
  { op: "clean_queues", now: 0, after: 1, limit: ALL },
];
