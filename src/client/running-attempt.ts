import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import type { Job } from "../job.ts";
import { encodeJson, encodeString } from "../json.ts";
import { type FinishParams, finish, type Outcome } from "../ops/finish.ts";
import { MOST_OUTPUT_BYTES } from "../ops/update.ts";
import { LONGEST, type Micros } from "../time.ts";
import { checkJson, notFound, refuse } from "../validate.ts";
import { Ending, LostError } from "./reasons.ts";
import { Steps } from "./steps.ts";
import { Timer } from "./timer.ts";
import type { Attempt } from "./worker.ts";

const UNREAD = Symbol("args that nobody has read");

/** One attempt while it runs: what its handler is given, and what has been said of it so far. */
export class RunningAttempt implements Attempt<unknown> {
  readonly job: Job;
  /** Milliseconds on the clock that never jumps. */
  readonly since = performance.now();
  readonly #now: () => Micros | null;
  #args: unknown = UNREAD;
  #timer: Timer | null = null;
  #updates: Map<string, string> | null = null;
  #controller: AbortController | null = null;
  #steps: Steps | null = null;
  #isOver = false;
  #isCompleted = false;

  constructor(job: Job, now: () => Micros | null) {
    this.job = job;
    this.#now = now;
  }

  get attempt(): number {
    return this.job.attempt;
  }

  /** Read when they are first asked for: not every handler does. */
  get args(): unknown {
    if (this.#args === UNREAD) this.#args = JSON.parse(this.job.argsText);
    return this.#args;
  }

  /** To what the schema made of them. */
  set args(args: unknown) {
    this.#args = args;
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

  /** Whether the attempt has its outcome. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the handler completed the job in a transaction of its own, which may be committed or not. */
  get isCompleted(): boolean {
    return this.#isCompleted;
  }

  /** Fires the signal. The first reason stays, and where the attempt is over nothing happens. */
  abort(reason: Error): void {
    if (this.#isOver) return;
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  /** The attempt has its outcome. What its handler left behind, or still does, counts no more. */
  end(): void {
    this.#isOver = true;
    this.#timer?.clear();
  }

  /** For its timeout; most attempts end before they need one. */
  get timer(): Timer {
    this.#timer ??= new Timer();
    return this.#timer;
  }

  // Handlers take these out of the attempt; most take none, so that each is made when it is asked for.

  get snooze(): Attempt<unknown>["snooze"] {
    return snooze;
  }

  get cancel(): Attempt<unknown>["cancel"] {
    return cancel;
  }

  get discard(): Attempt<unknown>["discard"] {
    return discard;
  }

  get output(): Attempt<unknown>["output"] {
    return (value) => this.#update("output", value);
  }

  get metadata(): Attempt<unknown>["metadata"] {
    return (updates) => {
      for (const [key, value] of Object.entries(updates)) this.#update(key, value);
    };
  }

  get complete(): Attempt<unknown>["complete"] {
    return (tx) => this.#complete(tx);
  }

  get step(): Attempt<unknown>["step"] {
    return (name, run) => this.steps.step(name, run);
  }

  get stepFrom(): Attempt<unknown>["stepFrom"] {
    return (name, run) => this.steps.stepFrom(name, run);
  }

  async #complete(tx: Db): Promise<Job> {
    const [job] = await finish(tx, this.#now(), [this.result({ kind: "complete" })]);
    if (job === undefined) notFound(this.job.id);
    const isOurs = job.state === "completed" && job.attemptedAt === this.job.attemptedAt;
    if (!isOurs) throw new LostError();
    this.#isCompleted = true;
    return job;
  }

  get steps(): Steps {
    this.#steps ??= new Steps(this.job.metadataText);
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
    const { id, attempt, attemptedAt } = this.job;
    const updates = this.#updatesOf(outcome);
    const whole = updates === null ? outcome : { ...outcome, metadata: updates };
    return { id, attempt, attemptedAt: attemptedAt ?? 0n, outcome: whole };
  }

  /** JSON text of what was recorded; null if nothing was. */
  #updatesOf({ kind }: Outcome): string | null {
    const steps = kind === "complete" ? null : this.#steps;
    if (this.#updates === null && steps === null) return null;
    const updates = new Map([...(this.#updates ?? []), ...(steps?.progress ?? [])]);
    if (updates.size === 0) return null;
    const members = [...updates].map(([key, text]) => `${encodeString(key)}:${text}`);
    return `{${members.join(",")}}`;
  }

  #update(key: string, value: unknown): void {
    const text = encodeJson(value, key);
    // With its key, which may hold what text in JSONB may not.
    checkJson(`{${encodeString(key)}:${text}}`, key);
    const bytes = key === "output" ? new TextEncoder().encode(text).length : 0;
    if (bytes > MOST_OUTPUT_BYTES) {
      const rule = `output must have ${MOST_OUTPUT_BYTES} bytes at most, but has ${bytes}.`;
      throw new QueueError("invalid", rule, { field: "output" });
    }
    this.#updates ??= new Map();
    this.#updates.set(key, text);
  }
}

function snooze(forMs: number): never {
  if (forMs >= 0 && forMs <= Number(LONGEST / 1000n)) throw new Ending("snooze", forMs);
  refuse("forMs", "be milliseconds, from 0 to 292 years", forMs);
}

function cancel(reason: unknown): never {
  throw new Ending("cancel", reason);
}

function discard(reason: unknown): never {
  throw new Ending("discard", reason);
}
