import type { InsertJob, InsertOp, UniqueOptions } from "../../spec/model/op.ts";
import { instantOf } from "../protocol/time.ts";
import type { Scope } from "../walk/swarm.ts";
import { type Asked, failureOf, namesOf, type Outcome, Tally } from "./family.ts";
import type { UniqueVector } from "./files.ts";

/** Inserts each job into an empty queue and reads the key and the mask of its row. */
export async function askUnique(
  { adapter, scope }: Asked,
  vectors: readonly UniqueVector[],
): Promise<Outcome> {
  const tally = new Tally("unique keys");
  for (const vector of vectors) {
    const reason = reasonToLeave(vector, scope);
    if (reason !== null) {
      tally.leave(reason);
      continue;
    }
    await adapter.reset();
    const reply = await adapter.run(opOf(vector), namesOf([]));
    const [job] = (await adapter.observe()).jobs;
    const stored = `key ${job?.uniqueKey ?? "none"}, states ${bitsOf(job?.uniqueStates ?? null)}`;
    const is =
      reply.op === "insert" ? stored : reply.op === "refused" ? `refused ${reply.code}` : "";
    const rule = ruleOf(vector, is);
    tally.compare(rule, JSON.stringify(vector.job), mustBe(vector), is || failureOf(reply));
  }
  return tally.outcome();
}

const mustBe = ({ refused, key, states }: UniqueVector): string =>
  refused === undefined ? `key ${key}, states ${states}` : "refused invalid";

const bitsOf = (mask: number | null): string =>
  mask === null ? "none" : mask.toString(2).padStart(8, "0");

function reasonToLeave(
  { only_key, paths, refused, job }: UniqueVector,
  { edition, can }: Scope,
): string | null {
  const { unique = {}, scheduled_at } = job;
  if (only_key === true) return "no insertion yields it";
  if (paths !== undefined && !can("insert.paths")) return "the adapter has no selected paths";
  const isOfLater =
    (refused !== undefined && unique.by_state !== undefined && !edition.requiredUniqueStates) ||
    (refused !== undefined && unique.exclude_kind === true && !edition.excludeKindAloneRefused) ||
    (unique.by_period_us !== undefined &&
      ((scheduled_at !== undefined && !edition.periodOfScheduledAt) || !edition.periodInUtc));
  return isOfLater ? "River changed it after this edition" : null;
}

const opOf = ({ now, job }: UniqueVector): InsertOp => ({
  op: "insert",
  now: instantOf(now) ?? 0,
  jobs: [jobOf(job, 1)],
});

/** A job to insert, in the model's words. */
export function jobOf(job: UniqueVector["job"], id: number): InsertJob {
  const { kind, args, queue, scheduled_at, pending, unique } = job;
  return {
    id,
    kind,
    args,
    ...(queue === undefined ? {} : { queue }),
    ...(scheduled_at === undefined ? {} : { scheduledAt: instantOf(scheduled_at) ?? 0 }),
    ...(pending === undefined ? {} : { pending }),
    ...(unique === undefined ? {} : { unique: optionsOf(unique) }),
  };
}

/** The protocol's unique options as the model's. */
function optionsOf(unique: NonNullable<UniqueVector["job"]["unique"]>): UniqueOptions {
  const { by_args, by_period_us, by_queue, by_state, exclude_kind } = unique;
  return {
    ...(by_args === undefined ? {} : { byArgs: by_args }),
    ...(by_period_us === undefined ? {} : { byPeriod: by_period_us }),
    ...(by_queue === undefined ? {} : { byQueue: by_queue }),
    ...(by_state === undefined ? {} : { byState: by_state }),
    ...(exclude_kind === undefined ? {} : { excludeKind: exclude_kind }),
  };
}

/** The rule of a refusal, of the mask where the key is right, and else of the part of the key that is most likely to be wrong. */
function ruleOf({ job, refused, key }: UniqueVector, is: string): string {
  const { by_args, by_period_us, by_queue, by_state } = job.unique ?? {};
  if (refused !== undefined) {
    if (by_period_us !== undefined) return "INS-21";
    if (by_state !== undefined) return "INS-22";
    return by_args === true ? "INS-24" : "INS-23";
  }
  if (is.startsWith(`key ${key},`)) return "INS-13";
  if (by_args === true) return "INS-10";
  if (by_period_us !== undefined) return "INS-11";
  return by_queue === true ? "INS-12" : "INS-9";
}
