import type { JobFilter } from "./op.ts";
import type { Job } from "./state.ts";

/** DEL-4, LST-3: the first filter that a job does not fit; null where it fits them all. */
export function misfit(filter: JobFilter, job: Job): string | null {
  const { ids, kinds, priorities, queues, states } = filter;
  if (leavesOut(ids, job.id)) return `#${job.id} is none of those named.`;
  if (leavesOut(kinds, job.kind)) return `#${job.id} is of kind ${job.kind}.`;
  if (leavesOut(priorities, job.priority)) return `#${job.id} has priority ${job.priority}.`;
  if (leavesOut(queues, job.queue)) return `#${job.id} is in queue ${job.queue}.`;
  return leavesOut(states, job.state) ? `#${job.id} is ${job.state}.` : null;
}

/** Whether no filter is given. */
export const isOpen = ({ ids, kinds, priorities, queues, states }: JobFilter): boolean =>
  [ids, kinds, priorities, queues, states].every((each) => (each ?? []).length === 0);

const leavesOut = <T>(wanted: readonly T[] | undefined, value: T): boolean =>
  wanted !== undefined && wanted.length > 0 && !wanted.includes(value);

/** DEL-8, LST-12: how many jobs a call may ask for. */
export const isLimit = (limit: number): boolean =>
  Number.isInteger(limit) && limit >= 1 && limit <= 10_000;

/** DEL-6, LST-11: how many jobs a call is about where nothing is said. */
export const DEFAULT_LIMIT = 100;
