import { isPastRetention } from "./model/clean.ts";
import type { Op } from "./model/op.ts";
import { mayRescue } from "./model/rescue.ts";
import type { Job, State } from "./model/state.ts";

const isDue = (job: Job, horizon: number): boolean =>
  (job.state === "scheduled" || job.state === "retryable") && job.scheduledAt <= horizon;

/** The jobs that a call of many is for, whatever its limit: all that are due, stuck, or past their retention. None for other calls. */
export function asked(state: State, op: Op): readonly Job[] {
  const jobs = [...state.jobs.values()];
  switch (op.op) {
    case "schedule":
      return jobs.filter((job) => isDue(job, op.horizon));
    case "rescue":
      return jobs.filter((job) => mayRescue(job, op));
    case "clean":
      return jobs.filter((job) => isPastRetention(job, op));
    default:
      return [];
  }
}

/** INV-11: the jobs that a call passed over although its limit had room for them. */
export function leftOver(before: State, after: State, op: Op): readonly Job[] {
  const all = asked(before, op);
  const left = all.filter(({ id, state }) => after.jobs.get(id)?.state === state);
  const limit = op.op === "schedule" || op.op === "clean" ? op.limit : all.length;
  return left.slice(Math.max(all.length - limit, 0));
}
