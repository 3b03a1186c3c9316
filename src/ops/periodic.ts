import { type CronSchedule, parseCron } from "../cron.ts";
import type { Db } from "../db.ts";
import { encodeString, splitObject } from "../json.ts";
import type { Micros } from "../time.ts";
import {
  type InsertOptions,
  type InsertParams,
  type InsertResult,
  insertRows,
  toRow,
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
  const runs = jobs.flatMap((entry, at) => {
    const ticks = since === null ? (entry.runOnStart ? [now] : []) : ticksOf(entry, since, now);
    return ticks.map((tick) => ({ entry, at, tick }));
  });
  runs.sort((a, b) => (a.tick < b.tick ? -1 : a.tick > b.tick ? 1 : a.at - b.at));
  const rows = runs.flatMap(({ entry, at, tick }) => {
    const job = entry.construct(tick);
    if (job === null) return [];
    const metadata = marked(job.metadata ?? "{}", entry.id);
    const run = { tick, periodicId: entry.id ?? "" };
    return [toRow({ ...job, metadata }, now, `jobs[${at}]`, run)];
  });
  return rows.length === 0 ? [] : insertRows(db, now, rows, options);
}

function ticksOf({ schedule }: PeriodicJob, since: Micros, now: Micros): Micros[] {
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
