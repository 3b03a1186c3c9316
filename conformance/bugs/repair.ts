import type { FinishOp, InsertJob, Op, Outcome, UniqueOptions } from "../../spec/model/op.ts";

/** A wrapped operation in which every job of an insert is rewritten. */
export const eachJob =
  (rewrite: (job: InsertJob) => InsertJob) =>
  (op: Op): Op =>
    op.op === "insert" ? { ...op, jobs: op.jobs.map(rewrite) } : op;

/** A wrapped operation in which the unique options of every unique job of an insert are rewritten; null drops them. */
export const eachUnique = (
  rewrite: (unique: UniqueOptions, job: InsertJob) => UniqueOptions | null,
): ((op: Op) => Op) =>
  eachJob((job) => {
    const { unique, ...rest } = job;
    if (unique === undefined) return job;
    const rewritten = rewrite(unique, job);
    return rewritten === null ? rest : { ...rest, unique: rewritten };
  });

/** A wrapped operation in which the outcome of every finish is rewritten. */
export const eachOutcome =
  (rewrite: (outcome: Outcome, op: FinishOp) => Outcome) =>
  (op: Op): Op =>
    op.op === "finish" ? { ...op, outcome: rewrite(op.outcome, op) } : op;

/** The JSON as it is, or `instead` where it cannot be read or `isGood` says no. */
export function jsonOr(text: string, instead: string, isGood: (value: unknown) => boolean): string {
  try {
    return isGood(JSON.parse(text)) ? text : instead;
  } catch {
    return instead;
  }
}

/** Whether a JSON value is an object. */
export const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
