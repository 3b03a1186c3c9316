import type { Law } from "../../spec/model/effect.ts";
import { membersOf, ofMembers } from "../../spec/model/jsonb.ts";
import type { Op, Outcome } from "../../spec/model/op.ts";
import { RESCUED } from "../../spec/model/rescue.ts";
import { CANCEL_MARK } from "../../spec/model/settle.ts";
import type { Job, Micros } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import { instantOf } from "../protocol/time.ts";
import type { Change } from "./recorder.ts";
import type { Action } from "./script.ts";

/** By what a change is judged: the law, and what the clients were told. */
export type Terms = Readonly<{
  law: Law;
  /** How long an attempt may run before it is rescued. */
  after: Micros;
  timeout: Micros;
}>;

/** A change that is neither an insert nor a delete. */
export type Update = Readonly<{ from: Job; to: Job; at: Micros }>;

const SECOND: Micros = 1_000_000;
const HOUR: Micros = 3600 * SECOND;
const DAY: Micros = 24 * HOUR;
/** How far a client's clock may be ahead of the database's. */
const AHEAD: Micros = SECOND;

/**
 * The operation that comes to such a change if it is a legal one: nobody says which it was, so it is taken from what it did. `last` is what
 * ends the attempt by the job's script. Null for an insert.
 */
export function operationOf(change: Change, last: Action | undefined, terms: Terms): Op | null {
  const { from, to, at } = change;
  if (from === null) return null;
  // Nobody deletes here, and nothing is old enough to be cleaned.
  if (to === null)
    return { op: "clean", now: at, cancelled: DAY, completed: DAY, discarded: 7 * DAY, limit: 1 };
  const update = { from, to, at };
  if (isFetch(update)) return fetchOf(update);
  if (isMarked(update)) return cancelOf(update);
  return from.state === "running" ? ofRunning(update, last, terms) : ofWaiting(update);
}

/** Whether an attempt begins, rightly or not. */
export const isFetch = ({ from, to }: Pick<Update, "from" | "to">): boolean =>
  to.attemptedAt !== from.attemptedAt || (to.state === "running" && from.state !== "running");

const fetchOf = ({ from, to, at }: Update): Op => ({
  op: "fetch",
  now: within(to.attemptedAt ?? at, at - HOUR, at),
  queue: from.queue,
  limit: 1,
  client: to.attemptedBy.at(-1) ?? "",
});

const markOf = ({ metadata }: Job): string | undefined => membersOf(metadata)?.get(CANCEL_MARK);

const isMarked = ({ from, to }: Update): boolean =>
  markOf(to) !== undefined && markOf(to) !== markOf(from);

function cancelOf({ from, to, at }: Update): Op {
  const asked = instantOf(String(JSON.parse(markOf(to) ?? "null"))) ?? at;
  return { op: "cancel", now: within(asked, at - HOUR, at), job: from.id };
}

function ofWaiting({ from, to, at }: Update): Op {
  const isWaiting = from.state === "scheduled" || from.state === "retryable";
  if (isWaiting && (to.state === "available" || to.state === "discarded")) {
    // The leader looks one interval ahead; a job is fetched in its own time nevertheless.
    const horizon = at + 5 * SECOND + AHEAD;
    return { op: "schedule", now: within(to.finalizedAt ?? at, at - HOUR, at), horizon, limit: 1 };
  }
  if (to.state === "available" && from.state !== "available")
    return { op: "retry", now: within(to.scheduledAt, at - HOUR, at), job: from.id };
  return finishOf({ from, to, at }, { kind: "complete" });
}

function ofRunning(update: Update, last: Action | undefined, terms: Terms): Op {
  const { from, to, at } = update;
  const error = newError(update);
  if (error?.error === RESCUED) {
    const { after, timeout } = terms;
    const now = within(error.at, from.attemptedAt ?? at, at);
    return { op: "rescue", now, after, timeout, limit: 1 };
  }
  if (to.state === "running")
    return {
      op: "update",
      now: at,
      job: from.id,
      output: membersOf(to.metadata)?.get("output") ?? "null",
    };
  return finishOf(update, outcomeOf(update, last, terms));
}

function outcomeOf(update: Update, last: Action | undefined, { law }: Terms): Outcome {
  const { from, to } = update;
  if (to.state === "completed") return { kind: "complete" };
  const error = newError(update);
  if (error !== null) return failureOf(to, error.error, law);
  if (to.state === "scheduled" || snoozesOf(to) !== snoozesOf(from)) {
    return { kind: "snooze", for: (last?.do === "snooze" ? last.ms : 0) * 1000 };
  }
  return { kind: "interrupt" };
}

function failureOf(to: Job, message: string, law: Law): Outcome {
  const prefix = `${law.edition.cancelErrorExported ? "JobCancelError" : "jobCancelError"}: `;
  if (to.state === "cancelled" && message.startsWith(prefix))
    return { kind: "cancel", message: message.slice(prefix.length) };
  // On the last attempt the two come to the same.
  if (to.state === "discarded" && to.attempt < to.maxAttempts) return { kind: "discard", message };
  return { kind: "error", message, retryAt: null };
}

const snoozesOf = ({ metadata }: Job): string | undefined => membersOf(metadata)?.get("snoozes");

function newError({ from, to }: Update) {
  const last = to.errors.length > from.errors.length ? to.errors.at(-1) : undefined;
  return last === undefined || "other" in last ? null : last;
}

function finishOf(update: Update, outcome: Outcome): Op {
  const { from, to } = update;
  const output = membersOf(to.metadata)?.get("output");
  const isNew = output !== undefined && output !== membersOf(from.metadata)?.get("output");
  const metadata = isNew ? { metadata: ofMembers([["output", output]]) } : {};
  const now = finishedAt(update, outcome);
  return { op: "finish", now, job: from.id, outcome: { ...outcome, ...metadata } };
}

/** Which instant the client took for now shows in the row, where nothing is drawn. */
function finishedAt({ from, to, at }: Update, outcome: Outcome): Micros {
  const delay =
    outcome.kind === "snooze"
      ? outcome.for
      : outcome.kind === "error"
        ? (from.errors.length + 1) ** 4 * SECOND
        : 0;
  const now = isFinal(to.state) ? (to.finalizedAt ?? at) : to.scheduledAt - delay;
  return within(now, from.attemptedAt ?? at, at);
}

/** What lies outside is taken for wrong, and shows when the rows are compared. */
const within = (now: Micros, earliest: Micros, at: Micros): Micros =>
  Math.min(Math.max(now, earliest), at + AHEAD);
