import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import type { Job } from "../job.ts";
import { encodeJson } from "../json.ts";
import { type FinishParams, finish, type Outcome } from "../ops/finish.ts";
import type { Micros } from "../time.ts";
import { checkJson } from "../validate.ts";
import { Ending, messageOf, StopError, traceOf } from "./reasons.ts";
import { Steps } from "./steps.ts";
import type { Attempt } from "./worker.ts";

/** One attempt while it runs: what its handler is given, and what has been said of it so far. */
export class RunningAttempt implements Attempt<unknown> {
  readonly job: Job;
  args: unknown = null;
  readonly #now: () => Micros | null;
  readonly #updates = new Map<string, string>();
  #controller: AbortController | null = null;
  #steps: Steps | null = null;

  constructor(job: Job, now: () => Micros | null) {
    this.job = job;
    this.#now = now;
  }

  get attempt(): number {
    return this.job.attempt;
  }

  /** Made when it is first asked for: most attempts end without. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Why the signal fired; null if it has not. */
  get reason(): Error | null {
    const { signal = null } = this.#controller ?? {};
    return signal?.aborted ? (signal.reason as Error) : null;
  }

  /** Fires the signal. The first reason stays. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  readonly snooze = (forMs: number): never => {
    if (Number.isFinite(forMs) && forMs >= 0) throw new Ending("snooze", forMs);
    throw new QueueError("invalid", `forMs must be 0 or more milliseconds, but is ${forMs}.`, {
      field: "forMs",
    });
  };

  readonly cancel = (reason: unknown): never => {
    throw new Ending("cancel", reason);
  };

  readonly discard = (reason: unknown): never => {
    throw new Ending("discard", reason);
  };

  readonly output = (value: unknown): void => this.#update("output", value);

  readonly metadata = (updates: Readonly<Record<string, unknown>>): void => {
    for (const [key, value] of Object.entries(updates)) this.#update(key, value);
  };

  readonly complete = async (tx: Db): Promise<Job> => {
    const [job] = await finish(tx, this.#now(), [this.result({ kind: "complete" })]);
    if (job !== undefined) return job;
    throw new QueueError("not_found", `job ${this.job.id} must be there, but is not.`, {
      field: "id",
    });
  };

  readonly step = <Result>(name: string, run: () => Promise<Result> | Result) =>
    this.steps.step(name, run);

  readonly stepFrom: Attempt<unknown>["stepFrom"] = (name, run) => this.steps.stepFrom(name, run);

  get steps(): Steps {
    this.#steps ??= new Steps(objectOf(this.job.metadataText));
    return this.#steps;
  }

  /** Whether the attempt fails though its handler resolved; most have no steps. */
  get stepFailure(): { readonly error: unknown } | null {
    // A job that an earlier attempt brought to a step must be taken up there, even if this one asks for none.
    const isResumed = this.#steps !== null || this.job.metadataText.includes('"river:resumable_');
    return isResumed ? this.steps.failure : null;
  }

  /** An outcome with what was recorded, as the statement wants it. */
  result(outcome: Outcome): FinishParams {
    if (outcome.kind !== "complete" && this.#steps !== null) this.metadata(this.#steps.progress);
    const members = [...this.#updates].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
    const metadata = members.length === 0 ? {} : { metadata: `{${members.join(",")}}` };
    const { id, attempt, attemptedAt } = this.job;
    return { id, attempt, attemptedAt: attemptedAt ?? 0n, outcome: { ...outcome, ...metadata } };
  }

  #update(key: string, value: unknown): void {
    const text = encodeJson(value, key);
    checkJson(text, key);
    this.#updates.set(key, text);
  }
}

/** Members of what may be no object. */
function objectOf(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** What a thrown value comes to. `retryAt` is asked only where the attempt failed. */
export function outcomeOf(
  thrown: unknown,
  reason: Error | null,
  retryAt: (error: unknown) => Micros | null,
): Outcome {
  if (thrown instanceof Ending) {
    const { outcome, detail } = thrown;
    if (outcome !== "snooze") return { kind: outcome, message: messageOf(detail) };
    return { kind: "snooze", forMicros: BigInt(Math.round((detail as number) * 1000)) };
  }
  if (reason instanceof StopError) return { kind: "interrupt" };
  if (reason?.name === "CancelledError") return { kind: "cancel", message: reason.message };
  const error = { message: messageOf(thrown), trace: traceOf(thrown) };
  return { kind: "error", ...error, retryAt: retryAt(thrown) };
}
