import { STATE_BITS } from "../../spec/model/key.ts";
import type { Job } from "../../spec/model/state.ts";
import type { Job as QueueJob } from "../../src/job.ts";
import { type Names, ORIGIN } from "../adapter.ts";

/** An instant of a run as the queue has it. */
export const micros = (at: number): bigint => BigInt(at) + BigInt(ORIGIN);
const sinceOrigin = (at: bigint): number => Number(at - BigInt(ORIGIN));

/** A job that was never there is asked for by an id that no sequence reaches. */
export const idOf = (label: number, names: Names): bigint =>
  BigInt(names.idOf(label) ?? Number.MAX_SAFE_INTEGER);

/** A row of the queue as the model has it. */
export function jobOf(job: QueueJob): Job {
  const { argsText, metadataText, uniqueStates, ...rest } = job;
  const time = (at: bigint | null) => (at === null ? null : sinceOrigin(at));
  return {
    ...rest,
    id: Number(job.id),
    args: argsText,
    metadata: metadataText,
    attemptedAt: time(job.attemptedAt),
    createdAt: sinceOrigin(job.createdAt),
    finalizedAt: time(job.finalizedAt),
    scheduledAt: sinceOrigin(job.scheduledAt),
    errors: job.errors.map((error) =>
      "other" in error ? error : { ...error, at: sinceOrigin(error.at) },
    ),
    uniqueStates:
      uniqueStates === null
        ? null
        : uniqueStates.reduce((mask, state) => mask | STATE_BITS[state], 0),
  };
}
