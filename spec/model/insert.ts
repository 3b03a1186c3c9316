import type { RuleId } from "../rules.generated.ts";
import type { Edition } from "./edition.ts";
import type { Answer, Effect, Law, Step } from "./effect.ts";
import { refuse } from "./effect.ts";
import { identifyBeforeMasks, isUnique, rivalsBeforeMasks } from "./insert-before-masks.ts";
import { jsonb } from "./jsonb.ts";
import { DEFAULT_UNIQUE_STATES, holdersOf, maskOf } from "./key.ts";
import { tell } from "./notify.ts";
import type { InsertJob, InsertOp, UniqueOptions } from "./op.ts";
import { refusalOf } from "./refusal.ts";
import type { Job, JobState, Micros, State } from "./state.ts";
import { isOddlyEncoded, uniqueText } from "./unique.ts";

/** What an insert takes where nothing was said. */
export const DEFAULTS = {
  kind: "weir",
  args: "{}",
  metadata: "{}",
  priority: 1,
  queue: "default",
  maxAttempts: 25,
} as const;

/** Inserts the jobs of one call in order, each against those before it. */
export function insert(state: State, op: InsertOp, law: Law): Step {
  const refusal = refusalOf(op, law.edition);
  if (refusal !== null) return refuse(state, refusal.rule, refusal.because);
  const jobs = new Map(state.jobs);
  const results: { id: number; duplicate: boolean; orOf?: readonly number[] }[] = [];
  const effects: Effect[] = [];
  const keys = new Set<string>();
  const duplicates: string[] = [];
  for (const asked of op.jobs) {
    const { job, effects: made } = build(asked, op.now, law);
    const holders = duplicatedBy({ ...state, jobs }, asked, job, law);
    const [holder] = holders;
    if (holder === undefined) {
      jobs.set(job.id, job);
      effects.push(...made);
    } else {
      effects.push(duplicateOf(holder, keys.has(holder.uniqueKey ?? "")));
      if (job.state === "available") duplicates.push(job.queue);
    }
    if (job.uniqueKey !== null) keys.add(job.uniqueKey);
    results.push({
      id: holder?.id ?? job.id,
      duplicate: holder !== undefined,
      ...(holders.length > 1 && { orOf: holders.map(({ id }) => id) }),
    });
  }
  const answer: Answer = { op: "insert", jobs: results };
  const fresh = [...jobs.values()].filter(({ id }) => !state.jobs.has(id));
  const available = fresh.filter((job) => job.state === "available");
  const { notifiedAt, effects: told } = tell(state, op.now, "INS-29", available, duplicates);
  return {
    state: { ...state, jobs, notifiedAt },
    answer,
    effects: [inOrder(op), ...effects, ...told],
  };
}

/** INS-14, INS-15: the jobs because of which this one is not inserted. */
function duplicatedBy(state: State, asked: InsertJob, job: Job, law: Law): readonly Job[] {
  if (!law.edition.masks) return rivalsBeforeMasks(state, asked, job, law.origin);
  return job.uniqueKey === null ? [] : holdersOf(state, job.uniqueKey);
}

const inOrder = (op: InsertOp): Effect => ({
  rule: "INS-1",
  job: null,
  set: {},
  because: `The call names ${op.jobs.length} jobs.`,
});

/** INS-15, INS-16: the holder is left as it is. */
export const duplicateOf = (holder: Job, sameCall: boolean): Effect => ({
  rule: sameCall ? "INS-16" : "INS-15",
  job: holder.id,
  set: {},
  because: `#${holder.id} ${holder.uniqueKey === null ? "is like it" : `holds key ${holder.uniqueKey}`}${sameCall ? ", and the call names it twice" : ""}.`,
});

/** The row of a job and the rules that make it so; with a `tick`, that of a periodic job, available though it has a time. */
export function build(
  asked: InsertJob,
  now: Micros,
  law: Law,
  tick: Micros | undefined = undefined,
): { job: Job; effects: Effect[] } {
  const state: JobState =
    asked.pending === true
      ? "pending"
      : asked.scheduledAt === undefined
        ? "available"
        : "scheduled";
  const due = tick ?? asked.scheduledAt;
  const { text, ...identity } = identify(asked, due, now, law, state);
  const job: Job = {
    id: asked.id,
    state,
    attempt: 0,
    maxAttempts: asked.maxAttempts ?? DEFAULTS.maxAttempts,
    attemptedAt: null,
    createdAt: now,
    finalizedAt: null,
    scheduledAt: due ?? now,
    priority: asked.priority ?? DEFAULTS.priority,
    args: jsonb(asked.args ?? DEFAULTS.args) ?? DEFAULTS.args,
    attemptedBy: [],
    errors: [],
    kind: asked.kind ?? DEFAULTS.kind,
    metadata: jsonb(asked.metadata ?? DEFAULTS.metadata) ?? DEFAULTS.metadata,
    queue: asked.queue ?? DEFAULTS.queue,
    tags: asked.tags ?? [],
    ...identity,
  };
  return { job, effects: explain(job, asked, text ?? "") };
}

function identify(
  asked: InsertJob,
  due: Micros | undefined,
  now: Micros,
  law: Law,
  state: JobState,
): Pick<Job, "uniqueKey" | "uniqueStates"> & Readonly<{ text: string | null }> {
  const { unique } = asked;
  if (unique === undefined || !isUnique(unique) || isIgnored(unique, law.edition)) {
    return { uniqueKey: null, uniqueStates: null, text: null };
  }
  const instant = law.edition.periodOfScheduledAt ? (due ?? now) : now;
  const identity = {
    kind: asked.kind ?? DEFAULTS.kind,
    args: asked.args ?? DEFAULTS.args,
    queue: asked.queue ?? DEFAULTS.queue,
    at: instant + law.origin,
  };
  if (!law.edition.masks) return identifyBeforeMasks(unique, identity, state, law);
  const states = unique.byState ?? [];
  const text = uniqueText(unique, identity);
  return {
    text,
    uniqueKey: text === null ? null : law.sha256(text),
    uniqueStates: maskOf(states.length > 0 ? states : DEFAULT_UNIQUE_STATES),
  };
}

/** Before it was refused, excluding the kind with no other dimension meant nothing. */
const isIgnored = (unique: UniqueOptions, edition: Edition): boolean =>
  !edition.excludeKindAloneRefused && !isUnique({ ...unique, excludeKind: false });

function explain(job: Job, asked: InsertJob, text: string): Effect[] {
  const { args, kind, metadata, queue, tags, priority, maxAttempts } = job;
  const fresh = { attempt: 0, attemptedAt: null, finalizedAt: null, attemptedBy: [], errors: [] };
  const stateRule: RuleId =
    job.state === "pending" ? "INS-2" : job.state === "scheduled" ? "INS-3" : "INS-4";
  const effects: Effect[] = [
    effect("INS-8", job, { id: job.id, args, kind, metadata, tags, priority, maxAttempts, queue }),
    effect("INS-5", job, { ...fresh, createdAt: job.createdAt }),
    effect("INS-6", job, { scheduledAt: job.scheduledAt }),
    effect(stateRule, job, { state: job.state }),
  ];
  const defaulted = defaultsOf(asked);
  if (Object.keys(defaulted).length > 0) effects.push(effect("INS-7", job, defaulted));
  if (job.uniqueKey === null) return effects;
  return [
    ...effects,
    {
      ...effect(keyRule(asked), job, { uniqueKey: job.uniqueKey }),
      because: `The key is the SHA-256 of ${text}`,
    },
    ...(job.uniqueStates === null
      ? []
      : [effect("INS-13", job, { uniqueStates: job.uniqueStates })]),
    { ...effect("INS-14", job, {}), because: `Nobody holds key ${job.uniqueKey}.` },
  ];
}

function effect(rule: RuleId, job: Job, set: Partial<Job>): Effect {
  return { rule, job: job.id, set, because: `#${job.id} is new.` };
}

function defaultsOf(asked: InsertJob): Partial<Job> {
  const columns = ["kind", "args", "metadata", "priority", "queue", "maxAttempts"] as const;
  const unset = columns.filter((column) => asked[column] === undefined);
  const tags = asked.tags === undefined ? { tags: [] } : {};
  return { ...Object.fromEntries(unset.map((column) => [column, DEFAULTS[column]])), ...tags };
}

/** The part of the key that a wrong key is most likely wrong in: args that must be encoded anew, else the most specific one. */
function keyRule({ unique = {}, args = DEFAULTS.args }: InsertJob): RuleId {
  if (unique.byArgs === true && isOddlyEncoded(args)) return "INS-10";
  if (unique.byPeriod !== undefined) return "INS-11";
  if (unique.byArgs === true) return "INS-10";
  return unique.byQueue === true ? "INS-12" : "INS-9";
}
