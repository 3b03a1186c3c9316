import type { Op } from "../../spec/model/op.ts";
import type { Job, Micros } from "../../spec/model/state.ts";
import { isFetch, operationOf, type Terms } from "./operation.ts";
import type { Change } from "./recorder.ts";
import type { RunEvent } from "./runs.ts";
import { type Action, actionsOf, type Ending, endingOf, indexOf, type Script } from "./script.ts";

/** How an attempt ended by the record: an outcome, a rescue, or that the row went away. */
export type Outcome =
  | "complete"
  | "error"
  | "discard"
  | "cancel"
  | "snooze"
  | "interrupt"
  | "rescue"
  | "gone";

/** One fetch of a job, what was to be done, what its worker wrote, and how it ended. */
export type Attempt = Readonly<{
  /** The row as it was fetched. */
  row: Job;
  attemptedAt: Micros;
  client: string;
  actions: readonly Action[];
  ending: Ending;
  began: readonly RunEvent[];
  ended: RunEvent | null;
  /** Null while it runs. */
  end: Readonly<{ change: Change; outcome: Outcome }> | null;
}>;

/** What the worker wrote of an attempt, by the key of its fetch. */
export type RunsByFetch = ReadonlyMap<string, readonly RunEvent[]>;

/** What tells one fetch from another. */
export const fetchKey = (job: number, attempt: number, attemptedAt: Micros): string =>
  `${job} ${attempt} ${attemptedAt}`;

/** What workers wrote, sorted by the fetch that it is of. */
export function byFetch(runs: readonly RunEvent[]): RunsByFetch {
  const sorted = new Map<string, RunEvent[]>();
  for (const run of runs) {
    const key = fetchKey(run.job, run.attempt, run.attemptedAt);
    const known = sorted.get(key);
    if (known === undefined) sorted.set(key, [run]);
    else known.push(run);
  }
  return sorted;
}

/** The attempts of one job, oldest first, by its changes in order. */
export function attemptsOf(
  chain: readonly Change[],
  script: Script,
  runs: RunsByFetch,
  terms: Terms,
): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const change of chain) {
    const { from, to } = change;
    if (from === null) continue;
    const open = attempts.at(-1);
    if (open !== undefined && open.end === null && isEnd(change)) {
      const op = operationOf(change, open.actions.at(-1), terms);
      attempts[attempts.length - 1] = { ...open, end: { change, outcome: outcomeOf(op) } };
    }
    if (to !== null && isFetch({ from, to })) attempts.push(begin(to, script, runs));
  }
  return attempts;
}

/** What ends a job's attempt by its script, where the job runs. */
export const lastActionOf = (row: Job, script: Script): Action | undefined =>
  actionsOf(script, indexOf(row.attempt, snoozesOf(row))).at(-1);

const isEnd = ({ from, to }: Change): boolean =>
  to === null || to.state !== "running" || (from !== null && isFetch({ from, to }));

function begin(row: Job, script: Script, runs: RunsByFetch): Attempt {
  const attemptedAt = row.attemptedAt ?? 0;
  const actions = actionsOf(script, indexOf(row.attempt, snoozesOf(row)));
  const own = runs.get(fetchKey(row.id, row.attempt, attemptedAt)) ?? [];
  return {
    row,
    attemptedAt,
    client: row.attemptedBy.at(-1) ?? "",
    actions,
    ending: endingOf(actions),
    began: own.filter(({ event }) => event === "began"),
    ended: own.find(({ event }) => event === "ended") ?? null,
    end: null,
  };
}

function snoozesOf({ metadata }: Job): number {
  const { snoozes = 0 } = JSON.parse(metadata) as { snoozes?: number };
  return snoozes;
}

function outcomeOf(op: Op | null): Outcome {
  if (op?.op === "finish") return op.outcome.kind;
  return op?.op === "rescue" ? "rescue" : "gone";
}
