import { QueueError } from "./errors.ts";
import { type Micros, readEpoch } from "./time.ts";

/** A row of `river_queue` as it was when the operation that returns it was done. */
export interface Queue {
  readonly name: string;
  readonly createdAt: Micros;
  /** JSON text as Postgres prints `jsonb`; the schema does not promise an object. */
  readonly metadataText: string;
  /** Null: it is not paused. */
  readonly pausedAt: Micros | null;
  /** When somebody last worked, paused, resumed or updated it. */
  readonly updatedAt: Micros;
}

/** What every statement returns of a queue, as text. */
export interface QueueRow {
  readonly name: string;
  readonly created_at: string;
  readonly metadata: string;
  readonly paused_at: string | null;
  readonly updated_at: string;
}

/** Reads a row. */
export function toQueue(row: QueueRow): Queue {
  return {
    name: row.name,
    createdAt: readEpoch(row.created_at),
    metadataText: row.metadata,
    pausedAt: row.paused_at === null ? null : readEpoch(row.paused_at),
    updatedAt: readEpoch(row.updated_at),
  };
}

/** What was found of a queue; throws `not_found` for undefined and false. */
export function requireQueue<T>(found: T | undefined | false, name: string): T {
  if (found !== undefined && found !== false) return found;
  throw new QueueError("not_found", `Queue ${JSON.stringify(name)} must have a row, but has none.`);
}
