import type { Law } from "./effect.ts";
import { DEFAULT_UNIQUE_STATES } from "./key.ts";
import type { InsertJob, UniqueOptions } from "./op.ts";
import type { Job, JobState, Micros, State } from "./state.ts";
import { type Identity, startOfPeriod, textBeforeMasks } from "./unique.ts";

/** The key that River 0.10 and 0.11 stored: only where the states that count are the default ones, and none for a job whose own state does not count. */
export function identifyBeforeMasks(
  unique: UniqueOptions,
  identity: Identity,
  state: JobState,
  law: Law,
): Pick<Job, "uniqueKey" | "uniqueStates"> & Readonly<{ text: string | null }> {
  const states = statesOf(unique);
  if (!isDefault(states) || !states.includes(state)) {
    return { uniqueKey: null, uniqueStates: null, text: null };
  }
  const text = textBeforeMasks(unique, identity, states);
  return { text, uniqueKey: law.sha256(text), uniqueStates: null };
}

/**
 * The jobs because of which River 0.10 and 0.11 did not insert this one: that with its key, or, for other states than the default ones, any
 * that is like it, unique or not; which of these is told was left to the database. `origin` is the instant 0.
 */
export function rivalsBeforeMasks(
  state: State,
  { unique = {} }: InsertJob,
  job: Job,
  origin: Micros,
): readonly Job[] {
  const ofKind = [...state.jobs.values()].filter(({ kind }) => kind === job.kind);
  if (job.uniqueKey !== null) return ofKind.filter((row) => row.uniqueKey === job.uniqueKey);
  const states = statesOf(unique);
  if (!isUnique(unique) || !states.includes(job.state)) return [];
  const { byArgs, byPeriod, byQueue } = unique;
  const periodOf = (at: Micros) => startOfPeriod(at + origin, byPeriod ?? 1);
  return ofKind.filter(
    (row) =>
      states.includes(row.state) &&
      (byArgs !== true || row.args === job.args) &&
      (byQueue !== true || row.queue === job.queue) &&
      (byPeriod === undefined || periodOf(row.createdAt) === periodOf(job.createdAt)),
  );
}

/** Options that say nothing are as if they were not there. */
export const isUnique = (unique: UniqueOptions): boolean =>
  unique.byArgs === true ||
  unique.byPeriod !== undefined ||
  unique.byQueue === true ||
  unique.byState !== undefined ||
  unique.excludeKind === true;

const statesOf = ({ byState = [] }: UniqueOptions): readonly JobState[] =>
  [...(byState.length > 0 ? byState : DEFAULT_UNIQUE_STATES)].sort();

const isDefault = (states: readonly JobState[]): boolean =>
  JSON.stringify(states) === JSON.stringify(DEFAULT_UNIQUE_STATES);
