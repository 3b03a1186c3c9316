import { jsonb } from "../../spec/model/jsonb.ts";
import type { AttemptError, Job, JobState, Leader, Queue } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import type { Observation } from "../adapter.ts";
import { instantOf, sinceOrigin } from "../protocol/time.ts";

/**
 * The columns of `river_job`, every one as text, so that no driver's idea of a type comes between: instants as microseconds since the Unix
 * epoch or `infinity`, arrays as JSON, the elements of `errors` as the text of `jsonb`.
 */
export const JOB_COLUMNS = `
  id::text,
  state::text,
  attempt::text,
  max_attempts::text,
  ${micros("attempted_at")},
  ${micros("created_at")},
  ${micros("finalized_at")},
  ${micros("scheduled_at")},
  priority::text,
  args::text,
  to_json(attempted_by)::text as attempted_by,
  to_json(errors::text[])::text as errors,
  kind,
  metadata::text,
  queue,
  to_json(tags)::text as tags,
  encode(unique_key, 'hex') as unique_key,
  unique_states::text`;

/** All of `river_job` in order of id. The table is found by the search path. */
export const OBSERVE = `select${JOB_COLUMNS}
from river_job
order by river_job.id`;

/** A row of `OBSERVE`, as any driver returns it. */
export type ObservedRow = Readonly<
  Record<
    | "id"
    | "state"
    | "attempt"
    | "max_attempts"
    | "created_at"
    | "scheduled_at"
    | "priority"
    | "args"
    | "kind"
    | "metadata"
    | "queue",
    string
  > &
    Record<
      | "attempted_at"
      | "finalized_at"
      | "attempted_by"
      | "errors"
      | "tags"
      | "unique_key"
      | "unique_states",
      string | null
    >
>;

/** All of `river_queue` and `river_leader`, as one row of JSON text in the manner of `OBSERVE`. */
export const OBSERVE_SERVICES = `select
  (select json_agg(json_build_object('name', name, 'metadata', metadata::text, 'createdAt', ${epoch("created_at")},
    'pausedAt', ${epoch("paused_at")}, 'updatedAt', ${epoch("updated_at")}))::text from river_queue) as queues,
  (select json_build_object('leaderId', leader_id, 'electedAt', ${epoch("elected_at")},
    'expiresAt', ${epoch("expires_at")})::text from river_leader) as leader`;

// Drivers prepare what has a parameter, and these two are sent after every step.
const PREPARED = OBSERVE.replace("order by", "where $1::boolean\norder by");
/** River's tables before its migration 6 have no masks. */
const PREPARED_MASKLESS = PREPARED.replace("unique_states::text", "null as unique_states");
const PREPARED_SERVICES = `${OBSERVE_SERVICES} where $1::boolean`;

/** The row of `OBSERVE_SERVICES`. */
export type ServicesRow = Readonly<{ queues: string | null; leader: string | null }>;

/** Reads what the implementation left in the tables. An `infinity` is read as one. Who listens adds the notifications. */
export async function observe(
  db: Db,
  hasMasks = true,
): Promise<Omit<Observation, "notifications">> {
  const [{ rows }, services] = await Promise.all([
    db.query<ObservedRow>(hasMasks ? PREPARED : PREPARED_MASKLESS, [true]),
    db.query<ServicesRow>(PREPARED_SERVICES, [true]),
  ]);
  return { jobs: jobsOf(rows), ...servicesOf(services.rows[0]) };
}

/** The row of `OBSERVE_SERVICES` in the model's words, queues in order of their names. */
export function servicesOf(row: ServicesRow | undefined): Pick<Observation, "queues" | "leader"> {
  const queues: Record<keyof Queue, string | null>[] = JSON.parse(row?.queues ?? "[]");
  const leader: Record<keyof Leader, string> | null = JSON.parse(row?.leader ?? "null");
  return {
    queues: queues.map(queueOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
    leader:
      leader === null
        ? null
        : {
            leaderId: leader.leaderId,
            electedAt: instant(leader.electedAt),
            expiresAt: instant(leader.expiresAt),
          },
  };
}

const queueOf = (row: Record<keyof Queue, string | null>): Queue => ({
  name: row.name ?? "",
  metadata: jsonb(row.metadata ?? "null") ?? "null",
  createdAt: instant(row.createdAt ?? ""),
  pausedAt: nullable(row.pausedAt, instant),
  updatedAt: instant(row.updatedAt ?? ""),
});

/** The rows of `OBSERVE` in the model's words. Null arrays are read as empty ones, a null element of `errors` as JSON's null. */
export function jobsOf(rows: readonly ObservedRow[]): readonly Job[] {
  return rows.map(jobOf);
}

function epoch(column: string): string {
  return `case when isfinite(${column}) then (extract(epoch from ${column}) * 1000000)::bigint::text
    else ${column}::text end`;
}

function micros(column: string): string {
  return `${epoch(column)} as ${column}`;
}

function jobOf(row: ObservedRow): Job {
  return {
    id: Number(row.id),
    // The column is an enum: it holds nothing else, unless River adds a state.
    state: row.state as JobState,
    attempt: Number(row.attempt),
    maxAttempts: Number(row.max_attempts),
    attemptedAt: nullable(row.attempted_at, instant),
    createdAt: instant(row.created_at),
    finalizedAt: nullable(row.finalized_at, instant),
    scheduledAt: instant(row.scheduled_at),
    priority: Number(row.priority),
    args: row.args,
    attemptedBy: elements<string>(row.attempted_by),
    errors: elements<string | null>(row.errors).map(errorOf),
    kind: row.kind,
    metadata: row.metadata,
    queue: row.queue,
    tags: elements<string>(row.tags),
    uniqueKey: row.unique_key,
    uniqueStates: nullable(row.unique_states, (bits) => Number.parseInt(bits, 2)),
  };
}

function nullable<T>(text: string | null, read: (text: string) => T): T | null {
  return text === null ? null : read(text);
}

function instant(text: string): number {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  return text === "-infinity" ? Number.NEGATIVE_INFINITY : sinceOrigin(text);
}

const NONE: readonly never[] = [];

function elements<T>(json: string | null): readonly T[] {
  return json === null || json === "[]" ? NONE : JSON.parse(json);
}

/** River's form is an object of exactly its four members; whatever else was stored is kept as it is. */
function errorOf(text: string | null): AttemptError {
  if (text === null) return { other: "null" };
  if (typeof text !== "string") return { other: JSON.stringify(text) };
  const value: unknown = JSON.parse(text);
  if (!isRiversForm(value)) return { other: text };
  const at = instantOf(value.at);
  // River reads a whole number: 1.0 would be an error there, and only the text tells it from 1.
  if (at === null || !text.endsWith(`"attempt": ${value.attempt}}`)) return { other: text };
  return { at, attempt: value.attempt, error: value.error, trace: value.trace };
}

type RiversForm = { at: string; attempt: number; error: string; trace: string };

function isRiversForm(value: unknown): value is RiversForm {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { at, attempt, error, trace } = value as Partial<RiversForm>;
  return (
    Object.keys(value).length === 4 &&
    typeof at === "string" &&
    Number.isSafeInteger(attempt) &&
    typeof error === "string" &&
    typeof trace === "string"
  );
}
