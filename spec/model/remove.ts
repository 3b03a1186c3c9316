import { applyEffects, type Effect, type Law, refuse, type Step } from "./effect.ts";
import { DEFAULT_LIMIT, isLimit, isOpen, misfit } from "./filter.ts";
import type { DeleteManyOp, DeleteOp } from "./op.ts";
import type { Job, State } from "./state.ts";

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

/** Deletes the jobs that fit. */
export function removeMany(state: State, op: DeleteManyOp, { edition }: Law): Step {
  const { limit = DEFAULT_LIMIT, all = false } = op;
  if (!isLimit(limit)) return refuse(state, "DEL-8", `The limit is ${limit}.`);
  if (edition.deleteAllIsSaid && isOpen(op) !== all) {
    const because = all ? "All are meant, and some." : "No filter is given.";
    return refuse(state, "DEL-7", because);
  }
  const jobs = [...state.jobs.values()];
  const fitting = jobs.filter((job) => misfit(op, job) === null).sort((a, b) => a.id - b.id);
  const idle = fitting.filter((job) => job.state !== "running");
  const taken = idle.slice(0, limit);
  const effects: Effect[] = [
    ...jobs.flatMap((job) => keep("DEL-4", job, misfit(op, job))),
    ...fitting
      .filter((job) => job.state === "running")
      .flatMap((job) => keep("DEL-5", job, `#${job.id} is running.`)),
    ...idle
      .slice(limit)
      .flatMap((job) => keep("DEL-6", job, `#${job.id} fits, but ${limit} come before it.`)),
    ...taken.map(
      (job): Effect => ({
        rule: "DEL-4",
        job: job.id,
        set: {},
        gone: true,
        because: `#${job.id} fits.`,
      }),
    ),
  ];
  return {
    state: applyEffects(state, effects),
    answer: { op: "delete_many", jobs: taken.map((job) => job.id) },
    effects,
  };
}

const keep = (rule: "DEL-4" | "DEL-5" | "DEL-6", job: Job, because: string | null): Effect[] =>
  because === null ? [] : [{ rule, job: job.id, set: {}, because }];
