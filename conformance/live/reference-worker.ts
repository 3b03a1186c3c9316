import { randomUUID } from "node:crypto";
import { LostError } from "../../src/client/reasons.ts";
import type { Attempt } from "../../src/client/worker.ts";
import type { Database, Db } from "../../src/db.ts";
import { RECORD_RUN } from "./runs.ts";
import { type Action, actionsOf, type Ending, indexOf, type Script } from "./script.ts";

/** How long to wait before what the database refused is tried again. */
const AGAIN_MS = 50;

/** Does what the job's args say, and writes down when it begins and how it is about to end: whatever becomes of this process, that is known. */
export async function play(attempt: Attempt<unknown>, db: Database, client: string): Promise<void> {
  const run = new Run(attempt, db, client);
  await run.began();
  for (const action of actionsOf(
    attempt.args as Script,
    indexOf(attempt.attempt, snoozesOf(attempt)),
  ))
    await run.act(action);
  await run.ended("complete");
}

function snoozesOf({ job }: Attempt<unknown>): number {
  const { snoozes = 0 } = JSON.parse(job.metadataText) as { snoozes?: number };
  return snoozes;
}

/** What ends an attempt by throwing. */
type Final = Extract<Action, { do: "snooze" | "cancel" | "discard" | "panic" | "error" }>;

class Run {
  readonly #attempt: Attempt<unknown>;
  readonly #db: Database;
  readonly #client: string;
  readonly #id = randomUUID();

  constructor(attempt: Attempt<unknown>, db: Database, client: string) {
    this.#attempt = attempt;
    this.#db = db;
    this.#client = client;
  }

  began(): Promise<void> {
    return insist(() => this.#write(this.#db, "began", null));
  }

  ended(how: Ending | "signal"): Promise<void> {
    return insist(() => this.#write(this.#db, "ended", how));
  }

  async act(action: Action): Promise<void> {
    const attempt = this.#attempt;
    switch (action.do) {
      case "sleep":
        return sleep(action.ms);
      case "heed":
        return this.#heed(action.ms);
      case "output":
        return attempt.output(JSON.parse(action.json));
      case "complete_tx":
        return insist(() => this.#completeWithin());
      case "hang":
        return new Promise(() => {});
      case "complete":
        return;
      default:
        return this.#end(action);
    }
  }

  async #end(action: Final): Promise<never> {
    await this.ended(action.do);
    const { snooze, cancel, discard } = this.#attempt;
    switch (action.do) {
      case "snooze":
        return snooze(action.ms);
      case "cancel":
        return cancel("scripted");
      case "discard":
        return discard("scripted");
      case "panic":
        // What is no error at all is the worst that a handler in this language can throw.
        throw "scripted";
      case "error":
        throw new Error("scripted");
    }
  }

  async #heed(ms: number): Promise<void> {
    const { signal } = this.#attempt;
    const isHeard = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      const hear = () => {
        clearTimeout(timer);
        resolve(true);
      };
      if (signal.aborted) hear();
      else signal.addEventListener("abort", hear, { once: true });
    });
    if (!isHeard) return;
    await this.ended("signal");
    throw signal.reason;
  }

  /** What the handler writes and the job's end are committed together, or neither is. */
  async #completeWithin(): Promise<void> {
    await this.#db.begin(async (tx) => {
      await this.#write(tx, "ended", "complete_tx");
      await this.#attempt.complete(tx);
    });
  }

  async #write(db: Db, event: "began" | "ended", how: string | null): Promise<void> {
    const { job } = this.#attempt;
    const at = String(job.attemptedAt ?? 0n);
    await db.query(RECORD_RUN, [
      this.#id,
      event,
      String(job.id),
      job.attempt,
      at,
      this.#client,
      how,
    ]);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Until the database takes it, or the job is no longer this attempt's: then what was done for it must not be committed. */
async function insist(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof LostError) return;
      await sleep(AGAIN_MS);
    }
  }
}
