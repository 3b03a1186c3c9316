import { membersOf } from "../../spec/model/jsonb.ts";
import type { EnqueuePeriodicOp, Op, PeriodicJob } from "../../spec/model/op.ts";
import type { Micros, State } from "../../spec/model/state.ts";
import { insertedBy } from "../run/labels.ts";
import type { Dice } from "./dice.ts";
import type { Place } from "./insert.ts";

const SECOND: Micros = 1_000_000;

/** How long ago the leader looked last, with schedules that then tick a few times at most. */
const TIMETABLES: readonly Readonly<{ ago: Micros; schedules: readonly string[] }>[] = [
  { ago: 8 * SECOND, schedules: ["@every 7s", "@every 8s", "* * * * *"] },
  { ago: 31 * SECOND, schedules: ["@every 10s", "@every 15s", "* * * * *"] },
  { ago: 125 * SECOND, schedules: ["@every 1m", "* * * * *", "*/2 * * * *", "0 * * * *"] },
  { ago: 7200 * SECOND, schedules: ["@every 1h", "0 * * * *", "0,30 1,2 * * *", "*/40 * * * *"] },
  { ago: 30 * 3600 * SECOND, schedules: ["30 2 * * *", "@every 24h", "0 0 1 * 3", "0 */12 * * *"] },
];

/** A look at a timetable of a few entries; null where an implementation that forgets its ticks would repeat one. */
export function drawEnqueue(dice: Dice, state: State, place: Place): EnqueuePeriodicOp | null {
  const { now, nextLabel: id, scope } = place;
  const { ago, schedules } = dice.pick(TIMETABLES);
  const since = dice.oneIn(4) ? null : now - ago - (dice.oneIn(4) ? dice.int(0, SECOND) : 0);
  const seen = scope.can("enqueue_periodic.once") ? Number.NEGATIVE_INFINITY : lastLook(state);
  if (seen >= now) return null;
  const jobs = Array.from({ length: dice.int(1, 3) }, (_, i) =>
    drawEntry(dice, place, dice.pick(schedules), i),
  );
  return {
    op: "enqueue_periodic",
    now,
    id,
    since: since === null ? null : Math.max(since, seen),
    jobs,
  };
}

/** What an earlier look may have enqueued ends here; a retry or a snooze may have given a job the time of a later tick. */
function lastLook({ jobs }: State): Micros {
  const own = [...jobs.values()].filter((job) => membersOf(job.metadata)?.has("periodic"));
  const ends = own.map((job) => Math.max(job.createdAt + SECOND / 10, job.scheduledAt));
  return Math.max(Number.NEGATIVE_INFINITY, ...ends);
}

function drawEntry(dice: Dice, place: Place, schedule: string, i: number): PeriodicJob {
  const { swarm, scope } = place;
  // Of a name there is one entry at most; two entries of a key may run on one look only where that is no failure.
  const name = dice.oneIn(3) ? {} : { name: ["report", "sweep", "third"][i] ?? "more" };
  const key = scope.can("enqueue_periodic.rivals") ? dice.pick(swarm.keys) : `P${i}`;
  const byPeriod = dice.pick([30 * SECOND, 3600 * SECOND]);
  const isTimed = dice.oneIn(3) && scope.can("enqueue_periodic.period");
  const unique = { byArgs: true, ...(isTimed ? { byPeriod } : {}) };
  const job = {
    ...(dice.oneIn(2) ? {} : { args: JSON.stringify({ key }), unique }),
    ...(swarm.queues.length > 1 && dice.oneIn(3) ? { queue: dice.pick(swarm.queues) } : {}),
    ...(swarm.metadata && dice.oneIn(3) ? { metadata: '{"by":"us"}' } : {}),
    ...(dice.oneIn(4) ? { kind: "other" } : {}),
  };
  return {
    schedule,
    ...name,
    ...(dice.oneIn(2) ? ({ onStart: true } as const) : {}),
    job: dice.oneIn(8) ? null : job,
  };
}

/** Fewer entries, and entries that say less. */
export function simplerEnqueue(op: EnqueuePeriodicOp): Op[] {
  const replaced = (entry: PeriodicJob, ...by: PeriodicJob[]): Op => ({
    ...op,
    jobs: op.jobs.flatMap((each) => (each === entry ? by : [each])),
  });
  const fewer = op.jobs.length < 2 ? [] : op.jobs.map((entry) => replaced(entry));
  const plainer = op.jobs.flatMap((entry) => simplerEntry(entry).map((by) => replaced(entry, by)));
  // Where nothing hangs on the timetable, an insert tells it sooner.
  const jobs = insertedBy(op);
  const inserted: Op[] = jobs.length === 0 ? [] : [{ op: "insert", now: op.now, jobs }];
  return [...inserted, ...fewer, ...plainer];
}

function simplerEntry(entry: PeriodicJob): PeriodicJob[] {
  const { name, onStart, ...rest } = entry;
  const named = name === undefined ? {} : { name };
  const started = onStart === undefined ? {} : { onStart };
  const { job } = entry;
  const options = job === null ? [] : (["unique", "queue", "metadata", "kind", "args"] as const);
  const less = options
    .filter((option) => job?.[option] !== undefined)
    .map((option) => {
      const { [option]: _, ...left } = job ?? {};
      return { ...entry, job: left };
    });
  return [
    ...(name === undefined ? [] : [{ ...rest, ...started }]),
    ...(onStart === undefined ? [] : [{ ...rest, ...named }]),
    ...less,
  ];
}
