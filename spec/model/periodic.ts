import type { RuleId } from "../rules.generated.ts";
import { nextTick } from "./cron.ts";
import { type Answer, type Effect, type Law, refuse, type Step } from "./effect.ts";
import { build, duplicateOf } from "./insert.ts";
import { jsonb, membersOf, merge, quote } from "./jsonb.ts";
import { holdersOf } from "./key.ts";
import { tell } from "./notify.ts";
import type { EnqueuePeriodicOp, InsertJob, PeriodicJob } from "./op.ts";
import { refusalOf } from "./refusal.ts";
import type { Job, JsonbText, Micros, State } from "./state.ts";

/** PER-1: how far ahead of its time a run may be enqueued. */
const AHEAD: Micros = 100_000;

/** One tick of one entry of the timetable. */
type Tick = Readonly<{ at: Micros; entry: PeriodicJob; rule: RuleId; because: string }>;

/** The job that a tick inserts, under its label. */
type Run = Tick & Readonly<{ job: InsertJob }>;

/** PER-1, PER-2, PER-4: what happens on this look at the timetable, by time and then by place in it. */
function ticksOf({ now, since, jobs }: EnqueuePeriodicOp, origin: Micros): readonly Tick[] {
  if (since === null) {
    const first = jobs.filter(({ onStart }) => onStart === true);
    return first.map((entry) => ({ at: now, entry, rule: "PER-4", because: "It runs on start." }));
  }
  return jobs
    .flatMap((entry) => {
      const ticks: Tick[] = [];
      for (let last = since; ; ) {
        const at = nextTick(entry.schedule, last, origin);
        if (at === null || at >= now + AHEAD) return ticks;
        const because = `${entry.schedule} ticks after ${ticks.length === 0 ? "the last look" : "that tick"}.`;
        ticks.push({ at, entry, rule: ticks.length === 0 ? "PER-1" : "PER-2", because });
        last = at;
      }
    })
    .sort((a, b) => a.at - b.at);
}

/** The jobs of a call, with labels that rise from the call's own; a tick with nothing to do has none. */
export function runsOf(op: EnqueuePeriodicOp, origin: Micros): readonly Run[] {
  const busy = ticksOf(op, origin).flatMap((tick) =>
    tick.entry.job === null ? [] : [{ ...tick, asked: tick.entry.job }],
  );
  return busy.map(({ asked, ...tick }, i) => ({ ...tick, job: { ...asked, id: op.id + i } }));
}

/** Enqueues what is due by the timetable, each run against those before it. */
export function enqueuePeriodic(state: State, op: EnqueuePeriodicOp, law: Law): Step {
  const runs = runsOf(op, law.origin);
  const call = { op: "insert", now: op.now, jobs: runs.map(({ job }) => job) } as const;
  const refusal = runs.length === 0 ? null : refusalOf(call, law.edition);
  if (refusal !== null) return refuse(state, refusal.rule, refusal.because);
  const jobs = new Map(state.jobs);
  const results: { id: number; duplicate: boolean }[] = [];
  const effects: Effect[] = ticksOf(op, law.origin).filter(isIdle).map(idle);
  const duplicates: string[] = [];
  for (const run of runs) {
    const done = run.entry.name === undefined ? undefined : enqueuedAt(state, run);
    if (done !== undefined) {
      effects.push(alreadyDone(done, run));
      continue;
    }
    const { job, effects: made } = buildRun(run, op.now, law);
    const holder =
      job.uniqueKey === null ? undefined : holdersOf({ ...state, jobs }, job.uniqueKey)[0];
    if (holder === undefined) {
      jobs.set(job.id, job);
      effects.push(...made);
    } else {
      const isOwn = !state.jobs.has(holder.id);
      effects.push(
        isOwn ? { ...duplicateOf(holder, true), rule: "PER-8" } : duplicateOf(holder, false),
      );
      duplicates.push(job.queue);
    }
    results.push({ id: holder?.id ?? job.id, duplicate: holder !== undefined });
  }
  const fresh = [...jobs.values()].filter(({ id }) => !state.jobs.has(id));
  const { notifiedAt, effects: told } = tell(state, op.now, "INS-29", fresh, duplicates);
  const answer: Answer = { op: "enqueue_periodic", jobs: results };
  return { state: { ...state, jobs, notifiedAt }, answer, effects: [...effects, ...told] };
}

const isIdle = ({ entry }: Tick): boolean => entry.job === null;

/** PER-5 */
const idle = ({ entry, at }: Tick): Effect => ({
  rule: "PER-5",
  job: null,
  set: {},
  because: `${entry.schedule} ticks at ${at} us, but there is nothing to do.`,
});

const ID = "river:periodic_job_id";

/** PER-7: the job of an earlier call that has this periodic id and tick. */
const enqueuedAt = (state: State, { entry, at }: Run): Job | undefined =>
  [...state.jobs.values()].find(
    (job) => job.scheduledAt === at && membersOf(job.metadata)?.get(ID) === quote(entry.name ?? ""),
  );

/** PER-7 */
const alreadyDone = (job: Job, { entry }: Run): Effect => ({
  rule: "PER-7",
  job: job.id,
  set: {},
  because: `#${job.id} is the job of ${entry.name} for that tick.`,
});

function buildRun(run: Run, now: Micros, law: Law): { job: Job; effects: readonly Effect[] } {
  const metadata = marked(run, law);
  const { job, effects } = build({ ...run.job, metadata }, now, law, run.at);
  const { id, because } = { id: job.id, because: run.because };
  const own: Effect[] = [
    { rule: "PER-3", job: id, set: { scheduledAt: run.at }, because },
    { rule: run.rule, job: id, set: { state: "available" }, because },
  ];
  if (metadata !== run.job.metadata) {
    own.push({ rule: "PER-6", job: id, set: { metadata: job.metadata }, because });
  }
  if (job.uniqueKey !== null && run.job.unique?.byPeriod !== undefined) {
    own.push({ rule: "PER-9", job: id, set: { uniqueKey: job.uniqueKey }, because });
  }
  return { job, effects: [...effects, ...own] };
}

/** PER-6 */
function marked({ entry, job }: Run, { edition }: Law): JsonbText {
  const base = jsonb(job.metadata ?? "{}") ?? "{}";
  const mark = edition.periodicMark ? merge(base, '{"periodic": true}') : base;
  if (entry.name === undefined || !edition.periodicId) return mark;
  return merge(mark, `{${quote(ID)}: ${quote(entry.name)}}`);
}
