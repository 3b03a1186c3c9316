import type { RuleId } from "../rules.generated.ts";
import { applyEffects, type Effect } from "./effect.ts";
import { membersOf } from "./jsonb.ts";
import { maskForFinal, rivalsOf, STATE_BITS } from "./key.ts";
import type { Job, JobState, Micros, State } from "./state.ts";
import { isFinal, listJobs } from "./words.ts";

/** The member of metadata by which a cancel is remembered. */
export const CANCEL_MARK = "cancel_attempted_at";

/** Whether somebody asked for the job's cancellation; whatever the mark's value. */
export const isCancelRequested = (job: Job): boolean =>
  membersOf(job.metadata)?.has(CANCEL_MARK) ?? false;

/** The job enters a final state by `rule`; where a rival holds its key, its mask loses that state's bit (INV-13). */
export function finalize(
  state: State,
  job: Job,
  final: JobState,
  rule: RuleId,
  because: string,
  now: Micros,
): Effect[] {
  const uniqueStates = maskForFinal(state, job, final);
  const set = { state: final, finalizedAt: now };
  const effects: Effect[] = [{ rule, job: job.id, set, because }];
  if (uniqueStates !== job.uniqueStates) {
    effects.push({ rule: "INV-13", job: job.id, set: { uniqueStates }, because });
  }
  return effects;
}

/** A running job that would take its key by waiting again finds it taken: only masks that no client of today accepts let that happen. Null elsewhere. */
export function giveWay(
  state: State,
  job: Job,
  settled: readonly Effect[],
  now: Micros,
): Effect[] | null {
  const next = applyEffects(state, settled).jobs.get(job.id);
  const rivals = rivalsOf(state, job);
  if (next === undefined || isFinal(next.state) || rivals.length === 0) return null;
  if (((job.uniqueStates ?? 0) & STATE_BITS[next.state]) === 0) return null;
  const because = `${listJobs(rivals)} holds key ${job.uniqueKey}.`;
  return finalize(state, job, "discarded", "INV-13", because, now);
}
