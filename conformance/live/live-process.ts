import type { Db } from "../../src/db.ts";
import type { About } from "../adapter.ts";
import { isPositive } from "../adapters/claims.ts";
import { aboutOf, handshake } from "../adapters/handshake.ts";
import type { AdapterError, FailureKind } from "../protocol/failure.ts";
import type { MethodName, Params, Result } from "../protocol/messages.ts";
import { type Budgets, Transport } from "../protocol/transport.ts";

/** What is started, and in which database it works. */
export type Program = Readonly<{
  argv: readonly string[];
  databaseUrl: string;
  budgets: Partial<Budgets>;
}>;

/** A live client is asked to stop while it works. */
const STOP_MS = 15_000;

/** One process of an adapter that works jobs, or that is asked for single operations. */
export class LiveProcess {
  readonly name: string;
  readonly #transport: Transport;
  /** Its answer to the handshake. */
  readonly ready: Promise<Result<"handshake">>;

  /** Starts it; `name` is that of its connections, too, so that they can be told from others. */
  constructor({ argv, databaseUrl, budgets }: Program, name: string) {
    this.name = name;
    this.#transport = new Transport({
      argv,
      env: { ...process.env, DATABASE_URL: named(databaseUrl, name) },
      budgets: { operationMs: STOP_MS, ...budgets },
    });
    this.ready = handshake(this.#transport);
    // Whoever asks next is told.
    this.ready.catch(() => {});
  }

  /** Waits for the handshake. */
  async about(db: Db): Promise<About> {
    const about = await aboutOf(await this.ready, db, this.#transport);
    if (isPositive(about.capabilities.live)) return about;
    throw this.#transport.fail("nothing_to_check", "must support live, but does not");
  }

  /** Rejects with an `AdapterError`, also where the answer is an error. */
  async ask<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    await this.ready;
    const answer = await this.#transport.request(method, params);
    if (answer.ok) return answer.result;
    const { message } = answer.error;
    throw this.#transport.fail("internal", `failed in ${method}: ${message}`);
  }

  /** What is wrong with it, as an error that is its end. */
  fail(kind: FailureKind, what: string): AdapterError {
    return this.#transport.fail(kind, what);
  }

  kill(): Promise<void> {
    return this.#transport.kill();
  }

  /** Ends it by its input; what it did wrong before does not count any more. */
  async close(): Promise<void> {
    await this.#transport.close().catch(() => {});
  }
}

/** As in the URL of a scratch: clients of other languages take + for a plus sign. */
function named(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set("application_name", name);
  return url.href.replaceAll("+", "%20");
}
