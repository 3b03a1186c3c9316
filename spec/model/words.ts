import type { Job, JobState } from "./state.ts";

/** FET-3, SCH-2: jobs are taken by priority, then scheduled_at, then id. */
export const inWorkingOrder = (a: Job, b: Job): number =>
  a.priority - b.priority || a.scheduledAt - b.scheduledAt || a.id - b.id;

/** `#1 and #2`, as evidence names jobs. */
export const listJobs = (jobs: readonly Pick<Job, "id">[]): string =>
  jobs.map((job) => `#${job.id}`).join(" and ");

/** Whether a job in this state is finished for good: only retry, delete and clean touch it. */
export const isFinal = (state: JobState): boolean =>
  state === "cancelled" || state === "completed" || state === "discarded";
