import { applyEffects, type Effect, type Law, refuse, type Step } from "./effect.ts";
import { membersOf, merge, ofMembers, quote } from "./jsonb.ts";
import { maskForFinal, rivalsOf } from "./key.ts";
import type { CancelOp } from "./op.ts";
import { CANCEL_MARK } from "./settle.ts";
import type { Job, JsonbText, Micros, Notification, State } from "./state.ts";
import { isFinal, listJobs } from "./words.ts";

/** Ends a job, or asks its worker to. */
export function cancel(state: State, op: CancelOp, law: Law): Step {
  const job = state.jobs.get(op.job);
  if (job === undefined) return refuse(state, "CAN-6", `There is no #${op.job}.`, "not_found");
  const effects = isFinal(job.state) ? [keep(job)] : request(state, job, op, law);
  return {
    state: applyEffects(state, effects),
    answer: { op: "cancel", job: job.id },
    effects,
  };
}

/** RET-6: the metadata without the request; what is no object stays as it is. */
export function withoutRequest(metadata: JsonbText): JsonbText {
  const members = membersOf(metadata);
  if (members === null) return metadata;
  return ofMembers([...members].filter(([key]) => key !== CANCEL_MARK));
}

/** CAN-4 */
const keep = (job: Job): Effect => ({
  rule: "CAN-4",
  job: job.id,
  set: {},
  because: `#${job.id} is ${job.state} already.`,
});

function request(state: State, job: Job, { now }: CancelOp, { origin }: Law): Effect[] {
  const because = `#${job.id} was ${job.state}.`;
  const mark = `{"${CANCEL_MARK}": "${rfc3339(now + origin)}"}`;
  return [
    ...(job.state === "running"
      ? [{ rule: "CAN-2", job: job.id, set: {}, because } as const]
      : end(state, job, because, now)),
    { rule: "CAN-3", job: job.id, set: { metadata: merge(job.metadata, mark) }, because },
    { rule: "CAN-5", job: null, set: {}, because, notify: told(job) },
  ];
}

function end(state: State, job: Job, because: string, now: Micros): Effect[] {
  const effects: Effect[] = [
    { rule: "CAN-1", job: job.id, set: { state: "cancelled", finalizedAt: now }, because },
  ];
  const uniqueStates = maskForFinal(state, job, "cancelled");
  if (uniqueStates !== job.uniqueStates) {
    const held = `${listJobs(rivalsOf(state, job))} holds key ${job.uniqueKey}.`;
    effects.push({ rule: "CAN-7", job: job.id, set: { uniqueStates }, because: held });
  }
  return effects;
}

/** CAN-5 */
const told = ({ id, queue }: Job): Notification => ({
  channel: "control",
  payload: ofMembers([
    ["action", '"cancel"'],
    ["job_id", String(id)],
    ["queue", quote(queue)],
  ]),
});

/** CAN-3: microseconds since the Unix epoch as RFC 3339 in UTC, with no more decimals than it takes. */
function rfc3339(at: Micros): string {
  const micros = ((at % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((at - micros) / 1000).toISOString().slice(0, 19);
  const decimals = String(micros).padStart(6, "0").replace(/0+$/, "");
  return `${seconds}${decimals === "" ? "" : `.${decimals}`}Z`;
}
