import type { Outcome } from "../ops/finish.ts";
import { accept } from "./job-type.ts";
import type { Middleware } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import { TimeoutError, UnknownKindError } from "./reasons.ts";
import type { RunningAttempt } from "./running-attempt.ts";
import type { Settings } from "./settings.ts";
import type { Worker } from "./worker.ts";

/** Runs one attempt to its end and says how it ended; never throws. `onStuck` is called where it goes on for long after its timeout. */
export async function execute(
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
  onStuck: (attempt: RunningAttempt) => void,
): Promise<Outcome> {
  watch(attempt, worker?.timeoutMs ?? settings.jobTimeoutMs, settings, onStuck);
  try {
    await within(settings.middleware, attempt, () => handle(attempt, worker, settings));
    const failure = attempt.stepFailure;
    if (failure === null) return { kind: "complete" };
    throw failure.error;
  } catch (thrown) {
    return outcomeOf(thrown, attempt, worker, settings);
  }
}

/** Fires the signal after the timeout, and calls `onStuck` where that does not help. −1 never. */
function watch(
  attempt: RunningAttempt,
  timeoutMs: number,
  { stuckAfterMs }: Settings,
  onStuck: (attempt: RunningAttempt) => void,
): void {
  if (timeoutMs < 0) return;
  soon(() => {
    if (attempt.isOver) return;
    const { timer, since } = attempt;
    timer.start(timeoutMs - (performance.now() - since), () => {
      timer.start(stuckAfterMs, () => onStuck(attempt));
      attempt.abort(new TimeoutError(timeoutMs));
    });
  });
}

let next: (() => void)[] = [];

/** Runs it once the event loop has gone round: what has ended by then, as most of what never waits, needs no timer. */
function soon(run: () => void): void {
  if (next.push(run) > 1) return;
  setImmediate(() => {
    const all = next;
    next = [];
    for (const each of all) each();
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

async function handle(
  attempt: RunningAttempt,
  worker: Worker | undefined,
  { hooks }: Settings,
): Promise<void> {
  const { job } = attempt;
  for (const { workBegin } of hooks) await workBegin?.(job);
  let error: unknown = null;
  try {
    if (worker === undefined) throw new UnknownKindError(job.kind);
    const args: unknown = JSON.parse(job.argsText);
    const { schema } = worker.type;
    attempt.args = schema === null ? args : await accept(schema, args, job.kind);
    await worker.handle(attempt);
  } catch (thrown) {
    error = thrown ?? new Error(`handler must throw an error, but threw ${thrown}.`);
    throw error;
  } finally {
    for (const { workEnd } of hooks) await workEnd?.(job, error);
  }
}
