import { cancel } from "./cancel.ts";
import { clean, cleanQueues } from "./clean.ts";
import type { Law, Step } from "./effect.ts";
import { fetch } from "./fetch.ts";
import { finish } from "./finish.ts";
import { get } from "./get.ts";
import { insert } from "./insert.ts";
import { elect, reelect, requestResign, resign } from "./leader.ts";
import { list } from "./list.ts";
import type { Op } from "./op.ts";
import { enqueuePeriodic } from "./periodic.ts";
import { queueStep } from "./queue.ts";
import { remove, removeMany } from "./remove.ts";
import { rescue } from "./rescue.ts";
import { retry } from "./retry.ts";
import { schedule } from "./schedule.ts";
import type { State } from "./state.ts";
import { update } from "./update.ts";

/** What the rules say of one operation: the state after it, the answer, and each effect with its rule. Pure and total. */
export function step(state: State, op: Op, law: Law): Step {
  switch (op.op) {
    case "insert":
      return insert(state, op, law);
    case "fetch":
      return fetch(state, op, law);
    case "finish":
      return finish(state, op, law);
    case "schedule":
      return schedule(state, op);
    case "cancel":
      return cancel(state, op, law);
    case "retry":
      return retry(state, op);
    case "get":
      return get(state, op);
    case "delete":
      return remove(state, op);
    case "update":
      return update(state, op);
    case "delete_many":
      return removeMany(state, op, law);
    case "list":
      return list(state, op);
    case "rescue":
      return rescue(state, op, law);
    case "clean":
      return clean(state, op);
    case "enqueue_periodic":
      return enqueuePeriodic(state, op, law);
    case "clean_queues":
      return cleanQueues(state, op);
    case "elect":
      return elect(state, op);
    case "reelect":
      return reelect(state, op);
    case "resign":
      return resign(state, op);
    case "request_resign":
      return requestResign(state);
    default:
      return queueStep(state, op);
  }
}
