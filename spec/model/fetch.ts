import { applyEffects, type Effect, type Law, type Step } from "./effect.ts";
import { rivalsOf, STATE_BITS } from "./key.ts";
import type { FetchOp } from "./op.ts";
import type { Held, Job, State } from "./state.ts";
import { inWorkingOrder } from "./words.ts";

const ATTEMPTED_BY_CAP = 100;
/** What a smallint holds. */
const MOST_ATTEMPTS = 32_767;

/** Hands up to `limit` jobs to a client. */
export function fetch(state: State, op: FetchOp, law: Law): Step {
  const available = [...state.jobs.values()].filter((job) => job.state === "available");
  const here = available.filter((job) => job.queue === op.queue);
  const timely = here.filter((job) => job.scheduledAt <= op.now).sort(inWorkingOrder);
  const due = timely.filter((job) => !isUnfetchable(state, job));
  const taken = due.slice(0, op.limit);
  const effects: Effect[] = [
    ...available.filter((job) => job.queue !== op.queue).map((job) => elsewhere(job, op)),
    ...here.filter((job) => job.scheduledAt > op.now).map(early),
    ...timely.filter((job) => isUnfetchable(state, job)).map(passOver),
    ...due.slice(op.limit).map((job) => beyondLimit(job, op.limit)),
    ...taken.flatMap((job) => start(job, op, law)),
  ];
  const fetches = new Map(state.fetches);
  for (const job of taken) {
    const held: Held = { attempt: job.attempt + 1, attemptedAt: op.now };
    fetches.set(job.id, [...(fetches.get(job.id) ?? []), held]);
  }
  return {
    state: { ...applyEffects(state, effects), fetches },
    answer: { op: "fetch", jobs: taken.map((job) => job.id) },
    effects,
  };
}

/** FET-1 */
const elsewhere = (job: Job, op: FetchOp): Effect => ({
  rule: "FET-1",
  job: job.id,
  set: {},
  because: `#${job.id} is in queue ${job.queue}, not in ${op.queue}.`,
});

/** FET-2 */
const early = (job: Job): Effect => ({
  rule: "FET-2",
  job: job.id,
  set: {},
  because: `#${job.id} is due only later.`,
});

/** Rows that no client of today makes, and that could only be taken by breaking a constraint of the table. */
function isUnfetchable(state: State, job: Job): boolean {
  if (job.attempt >= MOST_ATTEMPTS) return true;
  const mask = job.uniqueStates ?? 0;
  const wouldTakeKey = (mask & STATE_BITS.running) !== 0 && (mask & STATE_BITS.available) === 0;
  if (job.uniqueKey === null || !wouldTakeKey) return false;
  const isEarlier = (other: Job): boolean =>
    other.uniqueKey === job.uniqueKey &&
    other.uniqueStates !== null &&
    other.state === "available" &&
    other.id < job.id;
  return rivalsOf(state, job).length > 0 || [...state.jobs.values()].some(isEarlier);
}

/** INV-13 */
const passOver = (job: Job): Effect => ({
  rule: "INV-13",
  job: job.id,
  set: {},
  because: `#${job.id} has been attempted ${job.attempt} times, or would take a key that is not its own.`,
});

/** FET-3 */
const beyondLimit = (job: Job, limit: number): Effect => ({
  rule: "FET-3",
  job: job.id,
  set: {},
  because: `#${job.id} is due, but ${limit} come before it.`,
});

function start(job: Job, op: FetchOp, law: Law): Effect[] {
  const by = [...job.attemptedBy, op.client];
  const attemptedBy = law.edition.attemptedByCap ? by.slice(-ATTEMPTED_BY_CAP) : by;
  const because = `#${job.id} is available in queue ${op.queue}, due, and within the limit.`;
  return [
    { rule: "FET-4", job: job.id, set: { state: "running", attemptedAt: op.now }, because },
    { rule: "FET-5", job: job.id, set: { attempt: job.attempt + 1 }, because },
    { rule: "FET-6", job: job.id, set: { attemptedBy }, because },
  ];
}
