import type { ListOp } from "../../spec/model/op.ts";

/** Every order and direction, of all jobs and by a time that some jobs lack. */
export const LISTS: readonly ListOp[] = [false, true].flatMap((descending) => [
  ...(["id", "scheduled_at", "finalized_at"] as const).map(
    (orderBy): ListOp => ({ op: "list", now: 0, orderBy, descending }),
  ),
  ...(["running", "completed"] as const).map(
    (state): ListOp => ({
      op: "list",
      now: 0,
      orderBy: "time",
      states: [state, "available", "retryable"],
      limit: 1,
      descending,
    }),
  ),
]);
