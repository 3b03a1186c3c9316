import { readFileSync } from "node:fs";
import type { JobState } from "../../spec/model/state.ts";
import type { ListOrder } from "../../src/cursor.ts";
import type { Params } from "../protocol/messages.ts";

/** Either the unique key, as hex, and the mask that an insertion must store, or that it must be refused, with River's words. */
export type UniqueVector = Readonly<{
  now: string;
  job: Params<"insert">["job"];
  /** The selected paths of the job's kind, as River reads them off its type. */
  paths?: readonly string[];
  /** No insertion yields this key, for the encoder or the row would not take the job so: it is for functions that compute keys. */
  only_key?: boolean;
  refused?: string;
  key?: string;
  states?: string;
}>;

/** How far away a retry is, in nanoseconds as text, once a job with so many recorded errors fails again. */
export type RetryVector = Readonly<{ errors: number; least: string; most: string }>;

/** The metadata, as the column prints it, of a job before it is snoozed and after. */
export type SnoozeVector = Readonly<{ before: string; after: string }>;

/** The ticks that follow `from`, fewer than `TICKS` where there are no more; or that the expression is refused. */
export type CronVector = Readonly<{
  expression: string;
  refused?: string;
  from?: string;
  next?: readonly string[];
}>;

/** What a call sent, in order: the channel without its schema, and the payload's text. */
export type PayloadVector = Readonly<{
  call: string;
  /** The call, where it is an insertion. */
  insert?: Params<"insert_many">;
  sent: readonly (readonly [channel: string, payload: string])[];
}>;

/** The cursor of a row in a list of that order; or a text, and that River reads it (and writes it `again`) or with which words it refuses it. */
export type CursorVector = Readonly<{
  cursor: string;
  order_by?: ListOrder;
  states?: readonly JobState[];
  row?: Readonly<{
    id: string;
    kind: string;
    queue: string;
    scheduled_at: string;
    attempted_at: string | null;
    finalized_at: string | null;
  }>;
  again?: string;
  refused?: string;
}>;

/** How many ticks a cron vector asks for. */
export const TICKS = 4;

/** Golden values of River 0.51.1, by family. */
export type Vectors = Readonly<{
  unique: readonly UniqueVector[];
  retry: readonly RetryVector[];
  snoozes: readonly SnoozeVector[];
  payloads: readonly PayloadVector[];
  cron: readonly CronVector[];
  cursors: readonly CursorVector[];
}>;

/** Reads `spec/vectors/`. */
export const readVectors = (): Vectors => ({
  unique: read("unique"),
  retry: read("retry"),
  snoozes: read("snoozes"),
  payloads: read("payloads"),
  cron: read("cron"),
  cursors: read("cursors"),
});

function read<T>(family: string): readonly T[] {
  const url = new URL(`../../spec/vectors/${family}.json`, import.meta.url);
  const { vectors }: { vectors: readonly T[] } = JSON.parse(readFileSync(url, "utf8"));
  return vectors;
}
