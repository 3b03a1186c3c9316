import type { Db } from "../../src/db.ts";
import { latestVersion } from "../../src/migrations/status.ts";
import type { Limits } from "./counts.ts";
import type { Place } from "./snapshot.ts";

// A job that holds a key is one that the unique index would have; without a sound one, several may.
const DOUBLES = `
select count(*)::text as keys, coalesce(sum(holders), 0)::text as jobs
from (
  select count(*) as holders
  from river_job
  where unique_key is not null
    and unique_states is not null
    and river_job_state_in_bitmask(unique_states, state)
  group by unique_key
  having count(*) > 1
) as doubled`;

/** How many jobs share a key that only one may hold, and how many such keys there are; asked only where no sound index forbids it. */
export async function countDoubles(tx: Db): Promise<Readonly<{ keys: number; jobs: number }>> {
  const { rows } = await tx.query<{ keys: string; jobs: string }>(DOUBLES, []);
  return { keys: Number(rows[0]?.keys ?? 0), jobs: Number(rows[0]?.jobs ?? 0) };
}

/** A queue that nobody resumed. */
export type PausedQueue = Readonly<{ name: string; seconds: number; waiting: number }>;

// $1 now, $2 how long.
const PAUSED = `
select name, extract(epoch from at - paused_at)::bigint::text as seconds,
       (select count(*) from river_job where state = 'available' and queue = name)::text as waiting
from river_queue
cross join (select coalesce($1::timestamptz, now()) as at) as clock
where paused_at < at - $2::interval
order by paused_at, name`;

/** Queues that have been paused for long, the longest first; null where that cannot be read. */
export async function pausedQueues(
  tx: Db,
  { columns }: Place,
  now: string | null,
  { paused }: Limits,
): Promise<readonly PausedQueue[] | null> {
  if (!columns.has("river_queue.name") || !columns.has("river_queue.paused_at")) return null;
  const { rows } = await tx.query<{ name: string; seconds: string; waiting: string }>(PAUSED, [
    now,
    paused,
  ]);
  return rows.map(({ name, seconds, waiting }) => ({
    name,
    seconds: Number(seconds),
    waiting: Number(waiting),
  }));
}

// A leader renews its lease every few seconds, and whoever wants to lead takes a lease away that ran out: after a minute there is no client.
const LEADER = `
select leader_id as leader, extract(epoch from at - expires_at)::bigint::text as seconds
from river_leader
cross join (select coalesce($1::timestamptz, now()) as at) as clock
where expires_at < at - interval '1 minute'
order by expires_at`;

/** Leaders whose lease ran out more than a minute ago; null where that cannot be read. */
export async function staleLeaders(
  tx: Db,
  { columns }: Place,
  now: string | null,
): Promise<readonly Readonly<{ leader: string; seconds: number }>[] | null> {
  if (!columns.has("river_leader.leader_id") || !columns.has("river_leader.expires_at"))
    return null;
  const { rows } = await tx.query<{ leader: string; seconds: string }>(LEADER, [now]);
  return rows.map(({ leader, seconds }) => ({ leader, seconds: Number(seconds) }));
}

const MIGRATIONS = `
select line, version::text as version
from river_migration
order by line, river_migration.version`;

const MIGRATIONS_BEFORE_LINES = `
select 'main' as line, version::text as version
from river_migration
order by river_migration.version`;

/** The recorded versions of each line, ascending; null where there is no record that may be read. */
export async function recordedMigrations(
  tx: Db,
  { columns }: Place,
): Promise<ReadonlyMap<string, readonly number[]> | null> {
  if (!columns.has("river_migration.version")) return null;
  const sql = columns.has("river_migration.line") ? MIGRATIONS : MIGRATIONS_BEFORE_LINES;
  const { rows } = await tx.query<{ line: string; version: string }>(sql, []);
  const lines = new Map<string, number[]>();
  for (const { line, version } of rows) {
    lines.set(line, [...(lines.get(line) ?? []), Number(version)]);
  }
  return lines;
}

/** What is odd about the record of migrations, a sentence each. */
export function oddMigrations(lines: ReadonlyMap<string, readonly number[]>): readonly string[] {
  const main = lines.get("main") ?? [];
  const last = main.at(-1) ?? 0;
  const newer = main.filter((version) => version > latestVersion);
  const gaps = Array.from({ length: last }, (_, i) => i + 1).filter(
    (version) => version <= latestVersion && !main.includes(version),
  );
  return [
    ...(newer.length > 0
      ? [`line main has version ${newer.join(", ")}, this Weir knows up to ${latestVersion}`]
      : []),
    ...(gaps.length > 0 ? [`line main lacks version ${gaps.join(", ")} below ${last}`] : []),
    ...[...lines]
      .filter(([line]) => line !== "main")
      .map(([line, versions]) => `line ${line} (${rangeOf(versions)}) is not River's own`),
    ...(main.length === 0 ? ["line main has no version"] : []),
  ];
}

/** `1–6` for one after the other, else all of them. */
export function rangeOf(versions: readonly number[]): string {
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return "none";
  if (first === last) return String(first);
  return last - first === versions.length - 1 ? `${first}–${last}` : versions.join(", ");
}
