import type { Job, JobState, State } from "./state.ts";

/** The bit of each state in `unique_states`, as River's function `river_job_state_in_bitmask` reads them. */
export const STATE_BITS: Readonly<Record<JobState, number>> = {
  scheduled: 128,
  running: 64,
  retryable: 32,
  pending: 16,
  discarded: 8,
  completed: 4,
  cancelled: 2,
  available: 1,
};

/** The `unique_states` of a list of states. */
export const maskOf = (states: readonly JobState[]): number =>
  states.reduce((mask, state) => mask | STATE_BITS[state], 0);

/** INS-13: the states in which a unique job holds its key unless told otherwise. */
export const DEFAULT_UNIQUE_STATES: readonly JobState[] = [
  "available",
  "completed",
  "pending",
  "retryable",
  "running",
  "scheduled",
];

/** INS-22: the states that a custom list must hold. */
export const REQUIRED_UNIQUE_STATES: readonly JobState[] = [
  "available",
  "pending",
  "running",
  "scheduled",
];

/** INS-14: whether a job in its state holds its unique key. A key without a mask holds nothing. */
export const holds = (job: Job): boolean =>
  job.uniqueKey !== null &&
  job.uniqueStates !== null &&
  (job.uniqueStates & STATE_BITS[job.state]) !== 0;

/** All jobs that hold `key`; more than one only where INV-1 is broken. */
export const holdersOf = (state: State, key: string): readonly Job[] =>
  [...state.jobs.values()].filter((job) => job.uniqueKey === key && holds(job));

/** The other jobs that hold the key for which `job` competes; none for a job without key or mask. */
export const rivalsOf = (state: State, job: Job): readonly Job[] =>
  job.uniqueKey === null || job.uniqueStates === null
    ? []
    : holdersOf(state, job.uniqueKey).filter((other) => other.id !== job.id);

/** The mask with which `job` may enter a final state although a rival holds its key: without that state's bit. */
export function maskForFinal(state: State, job: Job, final: JobState): number | null {
  if (job.uniqueStates === null || rivalsOf(state, job).length === 0) return job.uniqueStates;
  return job.uniqueStates & ~STATE_BITS[final];
}
