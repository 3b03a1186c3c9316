import { countOf } from "../../spec/model/snoozes.ts";
import { type Asked, failureOf, namesOf, type Outcome, Tally } from "./family.ts";
import type { SnoozeVector } from "./files.ts";

const MINUTE = 60_000_000;

/**
 * What River makes of a count that a 64-bit integer has no room for, and of what its number parser takes for one or not: accidents of
 * its libraries, from which FIN-10 differs. They are checked by FIN-10's own tests.
 */
const ACCIDENTS = /"(?:-?1e999|Infinity|inf|1_0)"/;

/** Whether FIN-10 asks for what River does: its accidents aside, and the counts that would not grow by one. */
export function isOwed({ before }: SnoozeVector): boolean {
  const value = /"snoozes": ("[^"]*"|[^,}]+)/.exec(before)?.[1] ?? "null";
  const isFull = countOf(value) === 2n ** 63n - 2n && !value.includes("9223372036854775806");
  return !ACCIDENTS.test(value) && !isFull;
}

/** Inserts a job with the metadata, fetches it, snoozes it and reads its row. */
export async function askSnoozes(
  { adapter, scope }: Asked,
  vectors: readonly SnoozeVector[],
): Promise<Outcome> {
  const tally = new Tally("snooze counters");
  const needs = ["insert.metadata", "fetch", "finish", "finish.snooze"];
  if (!scope.edition.snoozeGivesAttemptBack) {
    tally.leave("River changed it after this edition", vectors.length);
    return tally.outcome();
  }
  const missing = needs.find((capability) => !scope.can(capability));
  if (missing !== undefined) {
    tally.leave(`the adapter has no ${missing}`, vectors.length);
    return tally.outcome();
  }
  for (const vector of vectors) {
    if (isOwed(vector)) {
      const is = await snoozed({ adapter, scope }, vector.before);
      tally.compare("FIN-10", `metadata ${vector.before}`, vector.after, is);
    } else tally.leave("FIN-10 differs from River's accident");
  }
  return tally.outcome();
}

async function snoozed({ adapter }: Asked, metadata: string): Promise<string> {
  await adapter.reset();
  const insert = { op: "insert", now: 0, jobs: [{ id: 1, metadata }] } as const;
  const inserted = await adapter.run(insert, namesOf([]));
  const fetch = { op: "fetch", now: 0, queue: "default", limit: 1, client: "weir" } as const;
  const fetched = inserted.op === "insert" ? await adapter.run(fetch, namesOf([])) : inserted;
  const [job] = fetched.op === "fetch" ? fetched.jobs : [];
  if (job === undefined || job.attemptedAt === null) return failureOf(fetched);
  const held = { attempt: job.attempt, attemptedAt: job.attemptedAt };
  const outcome = { kind: "snooze", for: MINUTE } as const;
  const finish = { op: "finish", now: 1_000_000, job: 1, outcome } as const;
  const finished = await adapter.run(finish, namesOf([job], [held]));
  if (finished.op !== "finish") return failureOf(finished);
  return (await adapter.observe()).jobs[0]?.metadata ?? "gone";
}
