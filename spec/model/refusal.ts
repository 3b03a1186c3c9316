import type { RuleId } from "../rules.generated.ts";
import type { Edition } from "./edition.ts";
import { DEFAULTS } from "./insert.ts";
import { isUnique } from "./insert-before-masks.ts";
import { parseJson } from "./json.ts";
import { isStorable, jsonb } from "./jsonb.ts";
import { REQUIRED_UNIQUE_STATES } from "./key.ts";
import type { InsertJob, InsertOp, UniqueOptions } from "./op.ts";

/** Why an insert is refused. */
export type Refusal = Readonly<{ rule: RuleId; because: string }>;

/** The first rule that forbids the call, job by job; null when it may go ahead. */
export function refusalOf(op: InsertOp, edition: Edition): Refusal | null {
  if (op.jobs.length === 0) return { rule: "INS-17", because: "The call names no job." };
  if (!edition.masks && op.jobs.length > 1 && op.jobs.some(({ unique = {} }) => isUnique(unique))) {
    return { rule: "INS-16", because: "Before 0.12 a call of several jobs takes no unique ones." };
  }
  for (const job of op.jobs) {
    const refusal = forbid(job, edition);
    if (refusal !== null) return refusal;
  }
  return null;
}

const QUEUE = /^[a-z0-9]+(?:[_|-][a-z0-9]+)*$/;

/** INS-18 */
export const isQueueName = (name: string): boolean => name.length <= 64 && QUEUE.test(name);

const TAG = /^\w[\w-]+\w$/;

function forbid(job: InsertJob, edition: Edition): Refusal | null {
  const { queue, kind = DEFAULTS.kind, priority, maxAttempts, tags = [] } = job;
  if (queue !== undefined && !isQueueName(queue)) {
    return { rule: "INS-18", because: `The queue is ${show(queue)}.` };
  }
  const tag = tags.find((each) => each.length > 255 || !TAG.test(each));
  if (tag !== undefined) return { rule: "INS-19", because: `A tag is ${show(tag)}.` };
  if (priority !== undefined && (priority < 1 || priority > 4)) {
    return { rule: "INS-20", because: `The priority is ${priority}.` };
  }
  if (maxAttempts !== undefined && (maxAttempts < 1 || maxAttempts > 32_767)) {
    return { rule: "INS-25", because: `The maximum is ${maxAttempts}.` };
  }
  const { length } = [...kind];
  if (length < 1 || length > 127 || !isStorable(kind)) {
    return { rule: "INS-26", because: `The kind has ${length} characters: ${show(kind)}.` };
  }
  return forbidJson(job) ?? forbidUnique(job, edition);
}

function forbidJson(job: InsertJob): Refusal | null {
  const metadata = parseJson(job.metadata ?? DEFAULTS.metadata);
  if (metadata?.kind !== "object") {
    return { rule: "INS-27", because: `The metadata is ${show(job.metadata ?? "")}.` };
  }
  const texts = [job.args ?? DEFAULTS.args, job.metadata ?? DEFAULTS.metadata];
  const refused = texts.find((text) => jsonb(text) === null);
  return refused === undefined ? null : { rule: "INS-28", because: `It is ${show(refused)}.` };
}

function forbidUnique(job: InsertJob, edition: Edition): Refusal | null {
  const unique: UniqueOptions = job.unique ?? {};
  const { byArgs = false, byPeriod, byQueue = false, byState = [], excludeKind = false } = unique;
  if (byPeriod !== undefined && byPeriod < 1_000_000) {
    return { rule: "INS-21", because: `The period is ${byPeriod} microseconds.` };
  }
  const isAlone = excludeKind && !byArgs && !byQueue && byPeriod === undefined;
  if (isAlone && edition.excludeKindAloneRefused) {
    return { rule: "INS-23", because: "Nothing but the kind is named, to leave it out." };
  }
  const missing = REQUIRED_UNIQUE_STATES.filter((state) => !byState.includes(state));
  if (edition.requiredUniqueStates && byState.length > 0 && missing.length > 0) {
    return { rule: "INS-22", because: `The list lacks ${missing.join(", ")}.` };
  }
  const args = job.args ?? DEFAULTS.args;
  const node = parseJson(args);
  const isObject = node?.kind === "object" || (node?.kind === "array" && node.items.length === 0);
  return edition.masks && byArgs && !isObject
    ? { rule: "INS-24", because: `The args are ${show(args)}.` }
    : null;
}

function show(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length <= 60 ? shown : `${shown.slice(0, 57)}…"`;
}
