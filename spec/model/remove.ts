import { applyEffects, type Effect, refuse, type Step } from "./effect.ts";
import type { DeleteOp } from "./op.ts";
import type { State } from "./state.ts";

/** Deletes one job. Its fetches are remembered: their results may still come. */
export function remove(state: State, { job: id }: DeleteOp): Step {
  const job = state.jobs.get(id);
  if (job === undefined) return refuse(state, "DEL-3", `There is no #${id}.`, "not_found");
  if (job.state === "running") return refuse(state, "DEL-2", `#${id} is running.`, "running");
  const gone: Effect = {
    rule: "DEL-1",
    job: id,
    set: {},
    gone: true,
    because: `#${id} is ${job.state}.`,
  };
  return { state: applyEffects(state, [gone]), answer: { op: "delete", job: id }, effects: [gone] };
}
