import type { Outcome } from "../ops/finish.ts";
import type { Micros } from "../time.ts";
import { accept } from "./job-type.ts";
import type { Settings } from "./options.ts";
import { messageOf, TimeoutError, UnknownKindError } from "./reasons.ts";
import { outcomeOf, type RunningAttempt } from "./running-attempt.ts";
import type { RetryPolicy, Worker } from "./worker.ts";

/** Runs one attempt to its end and says how it ended; never throws. `onStuck` is called where it goes on for long after its timeout. */
export async function execute(
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
  onStuck: () => void,
): Promise<Outcome> {
  const timer = watch(attempt, worker?.timeoutMs ?? settings.jobTimeoutMs, settings, onStuck);
  try {
    await within(settings, attempt, () => handle(attempt, worker, settings));
    const failure = attempt.stepFailure;
    if (failure === null) return { kind: "complete" };
    throw failure.error;
  } catch (thrown) {
    return judge(thrown, attempt, worker, settings);
  } finally {
    clearTimeout(timer.current);
  }
}

/** The middleware around the handler, the first outermost. */
function within(
  { middleware }: Settings,
  attempt: RunningAttempt,
  run: () => Promise<void>,
): Promise<void> {
  const chain = middleware.reduceRight<() => Promise<void>>(
    (next, { work }) => (work === undefined ? next : async () => work(attempt, next)),
    run,
  );
  return chain();
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
    error = thrown ?? new Error(`The handler must throw an error, but threw ${thrown}.`);
    throw error;
  } finally {
    for (const { workEnd } of hooks) await workEnd?.(job, error);
  }
}

/** Fires the signal after the timeout, and calls `onStuck` where that does not help. −1 never. */
function watch(
  attempt: RunningAttempt,
  timeoutMs: number,
  { stuckAfterMs }: Settings,
  onStuck: () => void,
): { current: NodeJS.Timeout | undefined } {
  const timer: { current: NodeJS.Timeout | undefined } = { current: undefined };
  if (timeoutMs < 0) return timer;
  timer.current = setTimeout(() => {
    attempt.abort(new TimeoutError(timeoutMs));
    timer.current = setTimeout(onStuck, stuckAfterMs);
  }, timeoutMs);
  return timer;
}

function judge(
  thrown: unknown,
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
): Outcome {
  const { job, reason } = attempt;
  // A handler that lets the signal's own error through has failed for the reason that the signal fired.
  const error = thrown instanceof Error && thrown.name === "AbortError" && reason ? reason : thrown;
  const outcome = outcomeOf(error, reason, (why) => {
    const policy = worker?.retryDelayMs ?? settings.retryDelayMs;
    return policy === undefined ? null : dueAfter(policy, job, why, settings);
  });
  if (outcome.kind !== "error" || settings.onError === undefined) return outcome;
  try {
    const isOver = settings.onError(job, error) === "cancel";
    return isOver ? { kind: "cancel", message: messageOf(error) } : outcome;
  } catch (failure) {
    settings.onProblem({ what: "onError", error: failure, tries: 0 });
    return outcome;
  }
}

function dueAfter(
  policy: RetryPolicy,
  job: RunningAttempt["job"],
  error: unknown,
  { here, onProblem }: Settings,
): Micros | null {
  try {
    const delayMs = policy(job, error);
    if (delayMs === null || !Number.isFinite(delayMs) || delayMs < 0) return null;
    return here() + BigInt(Math.round(delayMs * 1000));
  } catch (failure) {
    onProblem({ what: "retryDelayMs", error: failure, tries: 0 });
    return null;
  }
}
