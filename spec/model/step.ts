import type { Law, Step } from "./effect.ts";
import { fetch } from "./fetch.ts";
import { finish } from "./finish.ts";
import { insert } from "./insert.ts";
import { elect, reelect, requestResign, resign } from "./leader.ts";
import type { Op } from "./op.ts";
import { queueStep } from "./queue.ts";
import { schedule } from "./schedule.ts";
import type { State } from "./state.ts";

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
