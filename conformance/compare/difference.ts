import type { Effect } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job, JobColumn, Leader, Notification, Queue } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Reply } from "../adapter.ts";

/** A column of `river_job`, `river_queue` or `river_leader`, in camel case. */
export type Column = JobColumn | keyof Queue | keyof Leader;

/**
 * One thing that must be so and is not. `column` null: the row's being there, or the answer. `on` names what it shows on where that is
 * no job: `queue default`, `leader`, `notification`.
 */
export type Difference = Readonly<{
  rule: RuleId;
  job: number | null;
  on?: string;
  column: Column | null;
  expected: unknown;
  got: unknown;
  because: string;
}>;

/** In the order in which differences are told: what happened to the job before its details. */
export const COLUMNS: readonly JobColumn[] = [
  "state",
  "attempt",
  "maxAttempts",
  "finalizedAt",
  "scheduledAt",
  "attemptedAt",
  "errors",
  "metadata",
  "uniqueKey",
  "uniqueStates",
  "priority",
  "queue",
  "kind",
  "args",
  "tags",
  "attemptedBy",
  "createdAt",
];

/** What an implementation did with one operation, its rows under the model's labels. */
export type Observed = Readonly<{
  jobs: ReadonlyMap<number, Job>;
  /** The label of each id that the implementation has ever given, also of rows that are gone. */
  labels: ReadonlyMap<number, number>;
  queues: ReadonlyMap<string, Queue>;
  leader: Leader | null;
  /** Null where nobody listens. */
  notifications: readonly Notification[] | null;
  reply: Reply;
}>;

const INSTEAD = "No rule names it.";

/** A difference with the evidence of the rule that was owed. */
export function owed(
  effects: readonly Effect[],
  rule: RuleId,
  job: number | null,
  column: Column | null,
  expected: unknown,
  got: unknown,
): Difference {
  const evidence =
    effects.find((each) => each.rule === rule && each.job === job) ??
    effects.find((each) => each.rule === rule);
  return { rule, job, column, expected, got, because: evidence?.because ?? INSTEAD };
}

/** `finish error`, `insert`: what kind of step it was, for signatures and reports. */
export const kindOf = (op: Op): string =>
  op.op === "finish" ? `finish ${op.outcome.kind}` : op.op;
