import type { Database, Db } from "../../src/db.ts";
import type { Outcome } from "./check.ts";
import { type Counts, countJobs, hasMasks, type Limits } from "./counts.ts";
import { firstVictims, type GradedKind, gradeJobs, type Victim } from "./grade.ts";
import { judgeJobs, judgeKeys, judgeMarked, judgeServices } from "./judge.ts";
import { countDoubles, pausedQueues, recordedMigrations, staleLeaders } from "./services.ts";
import { inSnapshot, type Lookout, type Place } from "./snapshot.ts";

/** What an audit is told. */
export type AuditOptions = Lookout &
  Readonly<{
    limits: Limits;
    /** How long River's cleaner keeps discarded jobs, in seconds; null: for ever. */
    retention: number | null;
  }>;

/** What an audit saw, all at one instant. */
export type Seen = Readonly<{
  place: Place;
  /** As of when, as Postgres' text in UTC. */
  at: string;
  counts: Counts;
  /** Null on schemas from before River 0.12, whose jobs have no mask. */
  graded: readonly GradedKind[] | null;
  victims: readonly Victim[];
  doubles: Readonly<{ keys: number; jobs: number }>;
  paused: Awaited<ReturnType<typeof pausedQueues>>;
  leaders: Awaited<ReturnType<typeof staleLeaders>>;
  migrations: Awaited<ReturnType<typeof recordedMigrations>>;
}>;

/** What an audit saw, and what came of each check, in the order of `CHECKS`. */
export type Audit = Readonly<{ seen: Seen; outcomes: readonly Outcome[] }>;

/** How many wrongly discarded jobs a report names. */
const SHOWN = 2;

const AT = `
select coalesce($1::timestamptz, now())::text as at`;

/** Looks through a database of River's, in one read-only transaction. Throws a `ServerError` where there is nothing to look at. */
export async function audit(db: Database, options: AuditOptions): Promise<Audit> {
  return inSnapshot(db, options, (tx, place) => auditIn(tx, place, options));
}

/** The same within a transaction of `inSnapshot`, for who has more to ask of the same instant. */
export async function auditIn(tx: Db, place: Place, options: AuditOptions): Promise<Audit> {
  const seen = await see(tx, place, options);
  const outcomes = [
    ...judgeMarked(seen, options.retention),
    ...judgeKeys(seen),
    ...judgeJobs(seen, options.limits),
    ...judgeServices(seen),
  ];
  return { seen, outcomes };
}

async function see(tx: Db, place: Place, { now, limits }: AuditOptions): Promise<Seen> {
  const { rows } = await tx.query<{ at: string }>(AT, [now]);
  const counts = await countJobs(tx, place, now, limits);
  const isSound = place.index === "sound";
  const isMasked = hasMasks(place);
  const isMarked = isMasked && counts.marked > 0;
  return {
    place,
    at: rows[0]?.at ?? "",
    counts,
    graded: !isMasked ? null : isMarked ? await gradeJobs(tx, isSound) : [],
    victims: isMarked ? await firstVictims(tx, isSound, SHOWN) : [],
    doubles: isMasked && !isSound ? await countDoubles(tx) : { keys: 0, jobs: 0 },
    paused: await pausedQueues(tx, place, now, limits),
    leaders: await staleLeaders(tx, place, now),
    migrations: await recordedMigrations(tx, place),
  };
}
