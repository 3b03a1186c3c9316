import type { Outcome } from "../ops/finish.ts";
import { accept } from "./job-type.ts";
import type { Middleware } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import { TimeoutError, UnknownKindError } from "./reasons.ts";
import type { RunningAttempt } from "./running-attempt.ts";
import type { Settings } from "./settings.ts";
import type { Worker } from "./worker.ts";

/** Who is told of attempts. */
export type Witness = Readonly<{
  /** The attempt has ended so. */
  onOver: (attempt: RunningAttempt, outcome: Outcome) => void;
  /** The attempt goes on for long after its timeout. */
  onStuck: (attempt: RunningAttempt) => void;
}>;

/** Runs one attempt to its end; rejects only with what a witness throws. */
export async function execute(
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
  witness: Witness,
): Promise<void> {
  const { middleware, hooks, stuckAfterMs, jobTimeoutMs } = settings;
  watch({ attempt, timeoutMs: worker?.timeoutMs ?? jobTimeoutMs, stuckAfterMs, witness });
  let outcome = COMPLETE;
  try {
    const isBare = middleware.length === 0 && hooks.length === 0;
    await (isBare ? handle(attempt, worker) : surrounded(attempt, worker, settings));
    const failure = attempt.stepFailure;
    if (failure !== null) throw failure.error;
  } catch (thrown) {
    outcome = outcomeOf(thrownOrError(thrown), attempt, worker, settings);
  }
  witness.onOver(attempt, outcome);
}

const COMPLETE: Outcome = { kind: "complete" };

/** Null and undefined tell nobody what happened. */
const thrownOrError = (thrown: unknown): unknown =>
  thrown ?? new Error(`handler must throw an error, but threw ${thrown}.`);

/** An attempt that may take longer than its timeout. */
type Watched = Readonly<{
  attempt: RunningAttempt;
  timeoutMs: number;
  stuckAfterMs: number;
  witness: Witness;
}>;

let begun: Watched[] = [];

/** Looks at it once the event loop has gone round: what has ended by then, as most of what never waits, needs no timer. −1 never. */
function watch(watched: Watched): void {
  if (watched.timeoutMs < 0 || begun.push(watched) > 1) return;
  setImmediate(() => {
    const all = begun;
    begun = [];
    for (const each of all) if (!each.attempt.isOver) time(each);
  });
}

/** Fires the signal after the timeout, and tells the witness where that does not help. */
function time({ attempt, timeoutMs, stuckAfterMs, witness }: Watched): void {
  const { timer, since } = attempt;
  timer.start(timeoutMs - (performance.now() - since), () => {
    timer.start(stuckAfterMs, () => witness.onStuck(attempt));
    attempt.abort(new TimeoutError(timeoutMs));
  });
}

type Run = () => Promise<void>;

/** The middleware around the handler, the first outermost. */
function within(middleware: readonly Middleware[], attempt: RunningAttempt, run: Run) {
  const chain = middleware.reduceRight<Run>(
    (next, { work }) =>
      work === undefined ? next : () => around((inner) => work(attempt, inner), next),
    run,
  );
  return chain();
}

/** One middleware. `next` runs once; an attempt is not over while what it began goes on, whether or not the middleware waited for it. */
async function around(work: (next: Run) => Promise<void>, next: Run): Promise<void> {
  let inner: Promise<void> | null = null;
  let isUnderway = false;
  const begin: Run = async () => {
    if (inner !== null) throw new Error("next must be called once by a middleware, but is again.");
    isUnderway = true;
    try {
      await next();
    } finally {
      isUnderway = false;
    }
  };
  const once: Run = () => {
    const answer = begin();
    inner ??= answer;
    // Heard here too, as a middleware that does not wait would leave it unheard.
    answer.catch(() => {});
    return answer;
  };
  try {
    await work(once);
  } catch (error) {
    if (isUnderway) await Promise.allSettled([inner]);
    throw error;
  }
  if (isUnderway) await inner;
}

/** The handler within hooks, and these within middleware. */
function surrounded(
  attempt: RunningAttempt,
  worker: Worker | undefined,
  { middleware, hooks }: Settings,
): Promise<void> {
  const { job } = attempt;
  return within(middleware, attempt, async () => {
    for (const { workBegin } of hooks) await workBegin?.(job);
    let error: unknown = null;
    try {
      await handle(attempt, worker);
    } catch (thrown) {
      error = thrownOrError(thrown);
      throw error;
    } finally {
      for (const { workEnd } of hooks) await workEnd?.(job, error);
    }
  });
}

/** Calls the handler: at once, where no schema has to look at the args. What it answers is to be awaited. */
function handle(attempt: RunningAttempt, worker: Worker | undefined): unknown {
  const { kind } = attempt.job;
  if (worker === undefined) throw new UnknownKindError(kind);
  const { schema } = worker.type;
  if (schema === null) return worker.handle(attempt);
  return accept(schema, attempt.args, kind).then((accepted) => {
    attempt.args = accepted;
    return worker.handle(attempt);
  });
}
