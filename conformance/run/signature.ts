import { holdersOf, STATE_BITS } from "../../spec/model/key.ts";
import type { Op } from "../../spec/model/op.ts";
import { JOB_STATES, type JobState, type State } from "../../spec/model/state.ts";
import { type Difference, kindOf } from "../compare/difference.ts";

/** What makes two divergences the same one: classes only, no ids, instants or messages. */
export type Signature = string;

const TIMES = new Set([
  "finalizedAt",
  "scheduledAt",
  "attemptedAt",
  "createdAt",
  "updatedAt",
  "pausedAt",
  "electedAt",
  "expiresAt",
]);

/** The signature of a step's first difference, seen from the state before the step. */
export function signatureOf(before: State, op: Op, difference: Difference): Signature {
  const { rule, job: id, column } = difference;
  const job = id === null ? undefined : before.jobs.get(id);
  const left = job === undefined ? null : Math.min(job.maxAttempts - job.attempt, 1);
  return [
    rule,
    kindOf(op),
    column ?? "answer",
    `${classOf(column, difference.expected, op)} → ${classOf(column, difference.got, op)}`,
    job?.state ?? termClass(before, op),
    maskClass(job?.uniqueStates ?? null),
    holderClass(before, op, id),
    left === null ? "–" : left > 0 ? "attempts left" : "last attempt",
  ].join(" | ");
}

/** A client that never led does not ask to go on: no story shall be shrunk to that. */
const termClass = ({ terms }: State, op: Op): string =>
  (op.op === "reelect" || op.op === "resign") && terms.has(op.client) ? "led before" : "new";

/** Whether two signatures differ at most in mask, attempts left, what a job waits for, and beside its state in who holds its key: shrinking may change these, so that the plainest story is told. */
export const isAlike = (a: Signature, b: Signature): boolean => essence(a) === essence(b);

/** Whether two signatures are one way to break one rule: alike, and by the same name. */
export const isSameWay = (a: Signature, b: Signature): boolean =>
  isAlike(a, b) && ruleIn(a) === ruleIn(b);

const ruleIn = (signature: Signature): string => signature.split(" | ")[0] ?? "";

const essence = (signature: Signature): string => {
  const parts = signature.split(" | ");
  // Which part of a wrong key is wrong, and what of a job or a list makes that it is not taken, shows only when the others are gone.
  const isAsked = parts[1] === "insert" || parts[1] === "list";
  const isNotTaken = isAsked && parts[3]?.startsWith("an answer → refused");
  if (parts[2] === "uniqueKey" || isNotTaken) parts[0] = (parts[0] ?? "").slice(0, 3);
  if (parts[4] === "retryable") parts[4] = "scheduled";
  // Who holds a job's key has to do with what becomes of the job, and hardly with a column beside that.
  const isOfState = ["state", "id", "answer", "uniqueKey"].includes(parts[2] ?? "");
  return [...parts.slice(0, 5), isOfState ? parts[6] : ""].join(" | ");
};

function classOf(column: string | null, value: unknown, op: Op): string {
  if (value === null || value === undefined) return "none";
  if (column !== null && TIMES.has(column)) {
    return Number(value) < op.now ? "earlier" : Number(value) > op.now ? "later" : "now";
  }
  if (typeof value === "number") return value < 0 ? "negative" : "a number";
  if (JOB_STATES.includes(value as JobState)) return String(value);
  if (typeof value === "string") return column === null ? value.replace(/:.*/s, "") : "a text";
  return "other";
}

/** Only the states in which River lets a client choose. */
function maskClass(mask: number | null): string {
  if (mask === null) return "no key";
  const chosen = (["retryable", "completed", "cancelled", "discarded"] as const).filter(
    (state) => (mask & STATE_BITS[state]) !== 0,
  );
  return `mask +${chosen.join("+")}`;
}

function holderClass(before: State, op: Op, id: number | null): string {
  const job = id === null ? undefined : before.jobs.get(id);
  if (job?.uniqueKey == null) return "no key";
  const holders = holdersOf(before, job.uniqueKey);
  const others = holders.filter((holder) => holder.id !== job.id);
  if (holders.length > others.length) return "held by itself";
  const isDue = (at: number) => op.op === "schedule" && at <= op.horizon;
  if (others.length === 0) return "held by nobody";
  return others.some((holder) => isDue(holder.scheduledAt))
    ? "held by a due rival"
    : "held by another";
}
