import { withoutRequest } from "./cancel.ts";
import { applyEffects, type Effect, refuse, type Step } from "./effect.ts";
import { rivalsOf, STATE_BITS } from "./key.ts";
import { tell } from "./notify.ts";
import type { RetryOp } from "./op.ts";
import { isCancelRequested } from "./settle.ts";
import type { Job, Micros, State } from "./state.ts";
import { listJobs } from "./words.ts";

/** What a smallint holds. */
const MOST_ATTEMPTS = 32_767;

/** Makes a job available at once, whatever it is, unless it runs or waits for its turn. */
export function retry(state: State, op: RetryOp): Step {
  const job = state.jobs.get(op.job);
  if (job === undefined) return refuse(state, "RET-7", `There is no #${op.job}.`, "not_found");
  const answer = { op: "retry", job: job.id } as const;
  const kept = keep(job, op.now);
  if (kept !== null) return { state, answer, effects: [kept] };
  if (job.attempt === MOST_ATTEMPTS && job.maxAttempts === MOST_ATTEMPTS) {
    const because = `#${job.id} has had ${MOST_ATTEMPTS} attempts; the column counts no further.`;
    return refuse(state, "INV-13", because, "attempts_exhausted", job.id);
  }
  const rivals = takesKey(job) ? rivalsOf(state, job) : [];
  if (rivals.length > 0) {
    const because = `${listJobs(rivals)} holds key ${job.uniqueKey}.`;
    return refuse(state, "RET-8", because, "conflict", job.id);
  }
  const told = tell(state, op.now, "RET-1", [], [job.queue]);
  const effects = [...revive(job, op.now), ...told.effects];
  const after = applyEffects(state, effects);
  return { state: { ...after, notifiedAt: told.notifiedAt }, answer, effects };
}

/** RET-3, RET-4 */
function keep(job: Job, now: Micros): Effect | null {
  if (job.state === "running") {
    return { rule: "RET-3", job: job.id, set: {}, because: `#${job.id} is running.` };
  }
  if (job.state !== "available" || job.scheduledAt >= now) return null;
  return { rule: "RET-4", job: job.id, set: {}, because: `#${job.id} is waiting already.` };
}

/** Masks from before River 0.13 may let go of the key in `available`. */
const takesKey = (job: Job): boolean => ((job.uniqueStates ?? 0) & STATE_BITS.available) !== 0;

function revive(job: Job, now: Micros): Effect[] {
  const because = `#${job.id} was ${job.state}.`;
  const effects: Effect[] = [
    { rule: "RET-1", job: job.id, set: { state: "available", finalizedAt: null }, because },
    { rule: "RET-2", job: job.id, set: { scheduledAt: now }, because },
  ];
  if (job.attempt === job.maxAttempts) {
    const used = `All its ${job.maxAttempts} attempts were used up.`;
    const set = { maxAttempts: job.maxAttempts + 1 };
    effects.push({ rule: "RET-5", job: job.id, set, because: used });
  }
  if (isCancelRequested(job)) {
    const set = { metadata: withoutRequest(job.metadata) };
    const asked = "Its metadata said that it was to be cancelled.";
    effects.push({ rule: "RET-6", job: job.id, set, because: asked });
  }
  return effects;
}
