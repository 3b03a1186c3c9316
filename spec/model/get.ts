import { type Effect, refuse, type Step } from "./effect.ts";
import type { GetOp } from "./op.ts";
import type { State } from "./state.ts";

/** Looks at one job. */
export function get(state: State, { job: id }: GetOp): Step {
  if (!state.jobs.has(id)) return refuse(state, "LST-2", `There is no #${id}.`, "not_found");
  const seen: Effect = { rule: "LST-1", job: id, set: {}, because: `#${id} is there.` };
  return { state, answer: { op: "get", job: id }, effects: [seen] };
}
