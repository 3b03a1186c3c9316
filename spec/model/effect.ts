import type { RuleId } from "../rules.generated.ts";
import type { Edition } from "./edition.ts";
import type { Op } from "./op.ts";
import type { Job, Leader, Micros, Notification, Queue, State } from "./state.ts";

/** What one rule did to one job, or that it kept the job as it is (`set` empty), and what it looked at. */
export type Effect = Readonly<{
  rule: RuleId;
  /** Null for what concerns no single job, such as a refusal. */
  job: number | null;
  set: Partial<Job>;
  /** A sentence of evidence: jobs as `#id`, keys as their hex. */
  because: string;
  /** `scheduledAt` may be any instant of this closed range: the rule leaves room for jitter. */
  scheduledWithin?: readonly [from: Micros, to: Micros];
  /** The job's row goes away. */
  gone?: true;
  /** The row of this queue is created, changed, or goes away (`set` null). */
  queue?: Readonly<{ name: string; set: Partial<Queue> | null }>;
  /** The row of the leader is as here from now on; null: there is none. */
  leader?: Leader | null;
  /** Listeners are told. `optional`: they may be, and need not. */
  notify?: Notification & Readonly<{ optional?: true }>;
}>;

/** Why a call is refused; the protocol's codes. */
export type RefusalCode = "invalid" | "not_found" | "running" | "conflict" | "attempts_exhausted";

/** What the caller must be told; jobs are labels. The order of fetched and scheduled jobs is left open. */
export type Answer =
  /** `orOf`: jobs that may be named as well, where the rules leave open which. */
  | Readonly<{
      op: "insert";
      jobs: readonly Readonly<{ id: number; duplicate: boolean; orOf?: readonly number[] }>[];
    }>
  | Readonly<{ op: "fetch"; jobs: readonly number[] }>
  /** Null where nobody says which row is returned. */
  | Readonly<{ op: "finish"; job: number | null }>
  | Readonly<{ op: "schedule"; jobs: readonly number[] }>
  | Readonly<{ op: "cancel" | "retry"; job: number }>
  /** The row as it is now, and after a delete as it was before. */
  | Readonly<{ op: "get" | "update" | "delete"; job: number }>
  /** The rows as they were, by id. */
  | Readonly<{ op: "delete_many"; jobs: readonly number[] }>
  /** In this order; no page is empty, and none has more than `limit`. */
  | Readonly<{ op: "list"; pages: readonly (readonly number[])[]; limit: number }>
  /** How many jobs were rescued, or rows deleted. */
  | Readonly<{ op: "rescue" | "clean" | "clean_queues"; count: number }>
  /** What became of each run; callers are not told. */
  | Readonly<{
      op: "enqueue_periodic";
      jobs: readonly Readonly<{ id: number; duplicate: boolean }>[];
    }>
  | Readonly<{ op: "queue_touch" | "queue_update" | "queue_get"; queue: string }>
  | Readonly<{ op: "queue_list"; queues: readonly string[] }>
  | Readonly<{ op: "queue_pause" | "queue_resume" | "request_resign" }>
  | Readonly<{ op: "elect" | "reelect"; elected: boolean }>
  | Readonly<{ op: "resign"; resigned: boolean }>
  | Readonly<{ op: "refused"; code: RefusalCode; rule: RuleId }>;

/** What must be true after one operation. */
export type Step = Readonly<{ state: State; answer: Answer; effects: readonly Effect[] }>;

/** What the rules need from outside: an edition, SHA-256 of UTF-8 text as lowercase hex, and the run's origin in microseconds since the Unix epoch. */
export type Law = Readonly<{ edition: Edition; sha256: (text: string) => string; origin: Micros }>;

/** What says the rules of an operation: `step`, or something else in its place. */
export type Model = (state: State, op: Op, law: Law) => Step;

/** The state in which every effect has been applied, in order. */
export function applyEffects(state: State, effects: readonly Effect[]): State {
  const jobs = new Map(state.jobs);
  const queues = new Map(state.queues);
  let { leader } = state;
  for (const effect of effects) {
    const job = effect.job === null ? undefined : jobs.get(effect.job);
    if (job !== undefined && effect.gone) jobs.delete(job.id);
    else if (job !== undefined) jobs.set(job.id, { ...job, ...effect.set });
    if (effect.queue !== undefined) setQueue(queues, effect.queue);
    if (effect.leader !== undefined) leader = effect.leader;
  }
  return { ...state, jobs, queues, leader };
}

function setQueue(queues: Map<string, Queue>, { name, set }: NonNullable<Effect["queue"]>): void {
  if (set === null) queues.delete(name);
  else queues.set(name, { ...(queues.get(name) ?? newQueue(name)), ...set });
}

const newQueue = (name: string): Queue => ({
  name,
  createdAt: 0,
  metadata: "{}",
  pausedAt: null,
  updatedAt: 0,
});

/** The step of a refused call: nothing changes. `job` is the one that it was about. */
export const refuse = (
  state: State,
  rule: RuleId,
  because: string,
  code: RefusalCode = "invalid",
  job: number | null = null,
): Step => ({
  state,
  answer: { op: "refused", code, rule },
  effects: [{ rule, job, set: {}, because }],
});
