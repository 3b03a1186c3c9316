import type { Outcome } from "../ops/finish.ts";
import { LONGEST, type Micros } from "../time.ts";
import { CancelledError, Ending, isOf, messageOf, StopError, traceOf } from "./reasons.ts";
import type { RunningAttempt } from "./running-attempt.ts";
import type { Settings } from "./settings.ts";
import type { Worker } from "./worker.ts";

/** What a thrown value comes to; never throws, whatever it is. */
export function outcomeOf(
  thrown: unknown,
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
): Outcome {
  try {
    return judge(thrown, attempt, worker, settings);
  } catch {
    // Proxies and getters can throw when they are but looked at.
    return { kind: "error", message: messageOf(thrown), retryAt: null };
  }
}

function judge(
  thrown: unknown,
  attempt: RunningAttempt,
  worker: Worker | undefined,
  settings: Settings,
): Outcome {
  const { reason } = attempt;
  if (thrown instanceof Ending && thrown.outcome !== "snooze") {
    return { kind: thrown.outcome, message: messageOf(thrown.detail) };
  }
  // As River has it: whatever a cancelled attempt fails with, it is the cancellation that is recorded.
  if (reason instanceof CancelledError) return { kind: "cancel", message: reason.message };
  if (thrown instanceof Ending) {
    return { kind: "snooze", forMicros: BigInt(Math.round((thrown.detail as number) * 1000)) };
  }
  const isEnded = reason !== null && isOf(thrown, reason);
  if (isEnded && reason instanceof StopError) return { kind: "interrupt" };
  return failed(isEnded ? reason : thrown, attempt, worker, settings);
}

function failed(
  error: unknown,
  { job }: RunningAttempt,
  worker: Worker | undefined,
  { onError, onProblem, retryDelayMs }: Settings,
): Outcome {
  const ask = <Answer>(what: string, question: () => Answer): Answer | null => {
    try {
      return question();
    } catch (failure) {
      onProblem({ what, error: failure, tries: 0 });
      return null;
    }
  };
  if (ask("onError", () => onError?.(job, error)) === "cancel") {
    return { kind: "cancel", message: messageOf(error) };
  }
  const policy = worker?.retryDelayMs ?? retryDelayMs;
  const delayMs = ask("retryDelayMs", () => policy?.(job, error) ?? null);
  const retryIn = delayMs === null ? null : microsOfDelay(delayMs);
  const said = { message: messageOf(error), trace: traceOf(error), retryAt: null };
  return { kind: "error", ...said, ...(retryIn !== null && { retryIn }) };
}

/** Null for what is no delay: NaN, an infinity, a time past. The longest is River's, 292 years. */
function microsOfDelay(delayMs: number): Micros | null {
  if (!Number.isFinite(delayMs) || delayMs < 0) return null;
  const micros = BigInt(Math.round(delayMs * 1000));
  return micros > LONGEST ? LONGEST : micros;
}
