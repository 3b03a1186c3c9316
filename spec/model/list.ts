import type { RuleId } from "../rules.generated.ts";
import { contains } from "./contains.ts";
import { type Effect, refuse, type Step } from "./effect.ts";
import { DEFAULT_LIMIT, isLimit, misfit } from "./filter.ts";
import { jsonb } from "./jsonb.ts";
import type { ListOp, ListOrder } from "./op.ts";
import type { Job, JobState, Micros, State } from "./state.ts";
import { isFinal, listJobs } from "./words.ts";

/** Lists the jobs that fit, cut into pages. */
export function list(state: State, asked: ListOp): Step {
  const op = withStates(asked);
  const order = orderOf(op.orderBy, op.states);
  const start = startOf(state, op);
  if (start.isLost) return refuse(state, "LST-2", "The job is not there.", "not_found");
  const refusal = forbid(op) ?? forbidStart(start, op, order);
  if (refusal !== null) return refuse(state, ...refusal);
  const { limit = DEFAULT_LIMIT, descending = false } = op;
  const direction = descending ? -1 : 1;
  const inOrder = (a: Job, b: Job) => direction * ascending(order, a, b);
  const comesAfter = (job: Job) => start.job === null || inOrder(job, start.job) > 0;
  const jobs = [...state.jobs.values()];
  const fitting = jobs.filter((job) => whyNot(op, job) === null).sort(inOrder);
  const listed = fitting.filter(comesAfter);
  const effects: Effect[] = [
    { rule: order.rule, job: null, set: {}, because: `The order is by ${op.orderBy ?? "id"}.` },
    ...jobs.flatMap((job) => whyNot(op, job) ?? []),
    ...fitting.filter((job) => !comesAfter(job)).map((job) => passed(job, start.job)),
    ...listed.flatMap((job) => fits(op, job, order.rule)),
    { rule: "LST-11", job: null, set: {}, because: `A page has ${limit} jobs at most.` },
    { rule: "INV-14", job: null, set: {}, because: `${listJobs(listed)} fit, in this order.` },
  ];
  const pages = Array.from({ length: Math.ceil(listed.length / limit) }, (_, i) =>
    listed.slice(i * limit, (i + 1) * limit).map((job) => job.id),
  );
  return { state, answer: { op: "list", pages, limit }, effects };
}

const FINAL: readonly JobState[] = ["cancelled", "completed", "discarded"];

/** LST-10: by finalized_at only what is final is listed. */
const withStates = (op: ListOp): ListOp =>
  op.orderBy === "finalized_at" && (op.states ?? []).length === 0 ? { ...op, states: FINAL } : op;

type TimeColumn = "scheduledAt" | "attemptedAt" | "finalizedAt";
/** `column` null: by id alone. */
type Order = Readonly<{ column: TimeColumn | null; rule: RuleId }>;

function orderOf(by: ListOrder = "id", states: readonly JobState[] = []): Order {
  switch (by) {
    case "id":
      return { column: null, rule: "LST-7" };
    case "scheduled_at":
      return { column: "scheduledAt", rule: "LST-8" };
    case "finalized_at":
      return { column: "finalizedAt", rule: "LST-10" };
    case "time":
      return { column: timeOf(states[0] ?? "available"), rule: "LST-9" };
  }
}

function timeOf(state: JobState): TimeColumn {
  if (isFinal(state)) return "finalizedAt";
  return state === "running" ? "attemptedAt" : "scheduledAt";
}

/** Null is later than any time. Descending is the reverse, so null comes first there. */
function ascending({ column }: Order, a: Job, b: Job): number {
  const [left, right] = column === null ? [null, null] : [a[column], b[column]];
  return compareTimes(left, right) || a.id - b.id;
}

function compareTimes(a: Micros | null, b: Micros | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where the list begins: after `job`, at its beginning if that is null; `isLost` where the job is not there. */
type Start = Readonly<{ job: Job | null; by: Order | null; isLost: boolean }>;

function startOf(state: State, { after }: ListOp): Start {
  if (after === undefined) return { job: null, by: null, isLost: false };
  if ("job" in after) {
    const job = state.jobs.get(after.job) ?? null;
    return { job, by: null, isLost: job === null };
  }
  const op = withStates({ op: "list", now: 0, orderBy: after.cursorOf });
  const by = orderOf(op.orderBy, op.states);
  const jobs = [...state.jobs.values()].filter((job) => misfit(op, job) === null);
  const [first = null] = jobs.sort((a, b) => ascending(by, a, b));
  return { job: first, by, isLost: false };
}

type Refusal = readonly [rule: RuleId, because: string];

function forbid(op: ListOp): Refusal | null {
  const { limit = DEFAULT_LIMIT, states = [], metadata, orderBy } = op;
  if (!isLimit(limit)) return ["LST-12", `The limit is ${limit}.`];
  const unfinished = states.filter((state) => !isFinal(state));
  if (orderBy === "finalized_at" && unfinished.length > 0) {
    return ["LST-10", `The states have ${unfinished.join(", ")}.`];
  }
  if (metadata === undefined || jsonb(metadata) !== null) return null;
  return ["LST-15", "The metadata to look for are no JSON."];
}

function forbidStart(start: Start, { after }: ListOp, order: Order): Refusal | null {
  if (start.by === null || start.job === null || after === undefined || "job" in after) return null;
  const isSame = start.by.rule === order.rule && start.by.column === order.column;
  if (isSame) return null;
  return ["LST-14", `The cursor is that of a list by ${after.cursorOf}.`];
}

/** Why a job is not in the list, if it is not for where the list begins. */
function whyNot(op: ListOp, job: Job): Effect | null {
  const out = (rule: RuleId, because: string): Effect => ({ rule, job: job.id, set: {}, because });
  const why = misfit(op, job);
  if (why !== null) return out("LST-3", why);
  const { tagsAll = [], tagsAny = [], metadata } = op;
  const lacking = tagsAll.filter((tag) => !job.tags.includes(tag));
  if (lacking.length > 0) return out("LST-4", `#${job.id} lacks ${lacking.join(", ")}.`);
  if (tagsAny.length > 0 && !tagsAny.some((tag) => job.tags.includes(tag))) {
    return out("LST-5", `#${job.id} has none of these tags.`);
  }
  const part = metadata === undefined ? null : jsonb(metadata);
  if (part === null || contains(job.metadata, part)) return null;
  return out("LST-6", `The metadata of #${job.id} do not contain it.`);
}

const passed = (job: Job, start: Job | null): Effect => ({
  rule: "LST-13",
  job: job.id,
  set: {},
  because: `#${job.id} does not come after #${start?.id}.`,
});

/** The rules by which a job is in the list; the first is the one that is most likely at fault where it is missing. */
function fits(op: ListOp, job: Job, order: RuleId): Effect[] {
  const rules: readonly (readonly [RuleId, boolean])[] = [
    ["LST-13", op.after !== undefined],
    ["LST-4", (op.tagsAll ?? []).length > 0],
    ["LST-5", (op.tagsAny ?? []).length > 0],
    ["LST-6", op.metadata !== undefined],
    ["LST-3", true],
    [order, true],
  ];
  const because = `#${job.id} fits.`;
  return rules.flatMap(([rule, isAsked]) =>
    isAsked ? [{ rule, job: job.id, set: {}, because }] : [],
  );
}
