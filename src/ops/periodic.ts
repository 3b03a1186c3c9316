import { type CronSchedule, parseCron } from "../cron.ts";
import type { Db } from "../db.ts";
import { encodeString, splitObject } from "../json.ts";
import type { Micros } from "../time.ts";
import {
  addRow,
  type InsertOptions,
  type InsertParams,
  type InsertResult,
  insertColumns,
  noRows,
} from "./insert.ts";

/** One entry of a timetable. */
export interface PeriodicJob {
  /** Names it among all entries, also to other clients: of one id and tick there is only one job. Without it there may be several. */
  readonly id?: string;
  /** A schedule, or the text of one for `parseCron`. */
  readonly schedule: CronSchedule | string;
  /** Whether it also runs when a leader begins, false by default. */
  readonly runOnStart?: boolean;
  /** Called for each tick; null if there is nothing to do. A `scheduledAt` or `pending` of its own is not taken. */
  readonly construct: (tick: Micros) => Omit<InsertParams, "scheduledAt" | "pending"> | null;
}

/** River enqueues what is due this soon along with what is due. */
const AHEAD = 100_000n;

/** One run of a timetable's entry: the job that its tick makes. */
export interface PeriodicRun {
  readonly tick: Micros;
  /** The entry's, if it has one. */
  readonly id: string | undefined;
  readonly job: Omit<InsertParams, "scheduledAt" | "pending">;
}

/**
 * Inserts, in one statement, what a leader's timetable says at `now`: the entries that run on start where `since` is null, as the leader
 * begins; else every tick after `since`, its last look, and before now plus 100 ms. The next look is `since` this one's last tick or now,
 * whichever is later. Two leaders must not call it at once: hold the lease. Throws `invalid` and inserts nothing for a schedule that cannot
 * be read, or a job that breaks a rule.
 */
export async function enqueuePeriodic(
  db: Db,
  now: Micros,
  since: Micros | null,
  jobs: readonly PeriodicJob[],
  options: InsertOptions = {},
): Promise<InsertResult[]> {
  const due = jobs.flatMap((entry, at) => {
    const ticks =
      since === null ? (entry.runOnStart ? [now] : []) : ticksOf(entry.schedule, since, now);
    return ticks.map((tick) => ({ entry, at, tick }));
  });
  due.sort((a, b) => (a.tick < b.tick ? -1 : a.tick > b.tick ? 1 : a.at - b.at));
  const runs = due.flatMap(({ entry, tick }): readonly PeriodicRun[] => {
    const job = entry.construct(tick);
    return job === null ? [] : [{ tick, id: entry.id, job }];
  });
  return enqueueRuns(db, now, runs, options);
}

/**
 * Inserts runs in one statement; one that its entry's id has had already is left out of the answer too. Throws `invalid` and inserts nothing
 * for a job that breaks a rule.
 */
export async function enqueueRuns(
  db: Db,
  now: Micros,
  runs: readonly PeriodicRun[],
  options: InsertOptions = {},
): Promise<InsertResult[]> {
  if (runs.length === 0) return [];
  const columns = noRows();
  for (const [at, { tick, id, job }] of runs.entries()) {
    const metadata = marked(job.metadata ?? "{}", id);
    addRow(columns, { ...job, metadata }, now, `jobs[${at}]`, { tick, periodicId: id ?? "" });
  }
  return insertColumns(db, now, columns, options);
}

/** The ticks after `since` that are due at `now`, or in the next 100 ms, in order. Throws `invalid` for text that `parseCron` cannot read. */
export function ticksOf(schedule: CronSchedule | string, since: Micros, now: Micros): Micros[] {
  const { next } = typeof schedule === "string" ? parseCron(schedule) : schedule;
  const ticks: Micros[] = [];
  for (let tick = next(since); tick !== null && tick < now + AHEAD; tick = next(tick)) {
    ticks.push(tick);
  }
  return ticks;
}

/** Of members that come twice jsonb keeps the last. What is no object stays, to be refused. */
function marked(metadata: string, id: string | undefined): string {
  const members = splitObject(metadata);
  if (members === null) return metadata;
  const own = members.length === 0 ? [] : [metadata.trim().slice(1, -1)];
  const name = id === undefined ? [] : [`"river:periodic_job_id":${encodeString(id)}`];
  return `{${[...own, '"periodic":true', ...name].join(",")}}`;
}
