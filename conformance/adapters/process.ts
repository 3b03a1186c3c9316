import type { Op } from "../../spec/model/op.ts";
import type { Micros, State } from "../../spec/model/state.ts";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import type { About, Adapter, Names, Observation, Reply } from "../adapter.ts";
import { ORIGIN } from "../adapter.ts";
import { type DatabaseClock, installClock, virtualReply } from "../database/clock.ts";
import { Listener } from "../database/listener.ts";
import { observe } from "../database/observe.ts";
import { pin, put, renumber } from "../database/put.ts";
import { schemaFault } from "../database/river-schema.ts";
import { createScratch, type Scratch } from "../database/scratch.ts";
import { type Answer, isMethodNotFound } from "../protocol/answer.ts";
import { AdapterError, type FailureKind } from "../protocol/failure.ts";
import type { MethodName, Params, Result } from "../protocol/messages.ts";
import { instantOf } from "../protocol/time.ts";
import { type Budgets, Transport } from "../protocol/transport.ts";
import { replyOf, requestOf } from "../protocol/wire.ts";
import { followPages } from "../run/pages.ts";
import { type BrokenClaim, brokenClaims } from "./claims.ts";
import { aboutOf, handshake, hasMasksAfter, migrateFor } from "./handshake.ts";
import { words } from "./words.ts";

/** What to start, and the server on which it gets a database of its own. */
export type ProcessAdapterOptions = Readonly<{
  /** Words as for a shell, but no shell reads them; or the program and its arguments. */
  command: string | readonly string[];
  serverUrl: string;
  /** Milliseconds; those of `DEFAULT_BUDGETS` where not given. */
  budgets?: Partial<Budgets>;
  /** What the adapter finds in its environment beside this process' own and `DATABASE_URL`. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  maxLineBytes?: number;
}>;

/** An adapter in a process of its own. Whatever it does wrong is an `AdapterError`, after which it is gone and only `close` may be called. */
export interface ProcessAdapter extends Adapter {
  /** The URL of the database that it works in, which is there until `close`. Holds the server's password. */
  readonly databaseUrl: string;
  put(state: State): Promise<void>;
  pin(jobs: readonly Readonly<{ id: number; nominal: Micros }>[]): Promise<void>;
  renumber(ids: ReadonlyMap<number, number>): Promise<void>;
  /** Calls every method that the handshake claims. Leaves the queue empty. */
  probe(): Promise<void>;
  /** The claims that are not kept, as they are found. To be read after a `reset`. */
  brokenClaims(): AsyncGenerator<BrokenClaim>;
  /** From its start to its answer to `handshake`. */
  readonly handshakeMs: number;
}

/**
 * Starts an adapter on a scratch database and shakes hands. Rejects with an `AdapterError`, or with a `ServerError` if the server cannot be
 * used; nothing is left behind then. `close` ends the process and drops the database.
 */
export async function processAdapter(options: ProcessAdapterOptions): Promise<ProcessAdapter> {
  const argv = typeof options.command === "string" ? words(options.command) : options.command;
  if (argv === null) {
    const message = `the adapter's command must close its quotes, but is ${options.command}`;
    throw new AdapterError("could_not_start", message);
  }
  if ((argv[0] ?? "") === "") {
    throw new AdapterError("could_not_start", "the adapter's command must not be empty, but is");
  }
  const scratch = await createScratch(options.serverUrl);
  const db = postgres(scratch.url, { maxConnections: 1 });
  let listener: Listener | null = null;
  const start = () => startTransport(argv, options, scratch);
  let transport = start();
  const started = performance.now();
  try {
    let shaken = await handshake(transport);
    const handshakeMs = performance.now() - started;
    let clock: DatabaseClock | null = null;
    if (shaken.clock === "database") {
      await transport.close();
      clock = await shadowClock(db, scratch, transport);
      // Only sessions that begin now see the shadowed clock.
      transport = start();
      shaken = await handshake(transport);
    }
    const about = await aboutOf(shaken, db, transport);
    await migrateFor(shaken, scratch.url);
    listener = await Listener.open(scratch.url);
    const hasMasks = hasMasksAfter(shaken);
    return new StartedAdapter(
      about,
      transport,
      { db, listener, scratch, hasMasks, clock },
      handshakeMs,
    );
  } catch (error) {
    // What went wrong first is what is told; a database that cannot be dropped now is tried again at exit.
    await transport.close().catch(() => {});
    await listener?.close();
    await db.close();
    await scratch.drop().catch(() => {});
    throw error;
  }
}

/** What the suite itself has of the database in which the adapter works. */
type Post = Readonly<{
  db: Database;
  listener: Listener;
  scratch: Scratch;
  hasMasks: boolean;
  clock: DatabaseClock | null;
}>;

class StartedAdapter implements ProcessAdapter {
  readonly about: About;
  readonly databaseUrl: string;
  readonly #transport: Transport;
  readonly #post: Post;
  readonly handshakeMs: number;
  #isRiver = false;
  /** Whether the operation that was run last is one that tells listeners what the rules want. */
  #tells = true;

  constructor(about: About, transport: Transport, post: Post, handshakeMs: number) {
    this.about = about;
    this.databaseUrl = post.scratch.url;
    this.#transport = transport;
    this.#post = post;
    this.handshakeMs = handshakeMs;
  }

  async probe(): Promise<void> {
    await this.reset();
    for await (const { claim, why } of this.brokenClaims()) {
      throw this.#blame("claim_not_kept", `claims ${claim}, but ${why}`);
    }
    await this.#requireEmpty();
  }

  brokenClaims(): AsyncGenerator<BrokenClaim> {
    return brokenClaims(async (method, params) => {
      const now = "now" in params ? (instantOf(params.now) ?? 0) : 0;
      return (await this.#timed(method, params, now, delayOf(params))).answer;
    }, this.about.capabilities);
  }

  async reset(): Promise<void> {
    const answer = await this.#transport.request("reset", {});
    if (!answer.ok) {
      const { error } = answer;
      if (isMethodNotFound(error)) throw this.#blame("method_not_found", "does not know reset");
      throw this.#blame("internal", `could not reset: ${error.message}`);
    }
    if (!this.#isRiver) {
      const fault = await schemaFault(this.#post.db, this.#post.hasMasks);
      if (fault !== null) throw this.#blame("wrong_schema", `left a wrong schema: ${fault}`);
      this.#isRiver = true;
    }
    await this.#requireEmpty();
    await this.#post.listener.take();
  }

  async run(op: Op, names: Names): Promise<Reply> {
    this.#tells = (this.about.capabilities[`${op.op}.notify`] ?? "supported") === "supported";
    if (op.op !== "list") return (await this.#ask(op, names, null)).reply;
    return followPages(op, async (asked, cursor) => {
      const { reply, answer } = await this.#ask(asked, names, cursor);
      if (reply.op !== "list" || !answer.ok) return reply;
      return { jobs: reply.pages.flat(), cursor: (answer.result as Result<"list">).cursor };
    });
  }

  async #ask(op: Op, names: Names, cursor: string | null) {
    const { method, params } = requestOf(op, names, cursor);
    const { answer, virtual } = await this.#timed(method, params, op.now, delayOf(params));
    return { reply: virtual(replyOf(method, answer, this.#blame)), answer };
  }

  async observe(): Promise<Observation> {
    const { db, listener, hasMasks } = this.#post;
    const heard = await listener.take();
    return { ...(await observe(db, hasMasks)), notifications: this.#tells ? heard : null };
  }

  async put(state: State): Promise<void> {
    await put(this.#post.db, state);
  }

  async pin(jobs: Parameters<ProcessAdapter["pin"]>[0]): Promise<void> {
    await pin(this.#post.db, jobs);
  }

  async renumber(ids: ReadonlyMap<number, number>): Promise<void> {
    await renumber(this.#post.db, ids);
  }

  async close(): Promise<void> {
    try {
      await this.#transport.close();
    } finally {
      const { db, listener, scratch } = this.#post;
      await listener.close();
      await db.close();
      await scratch.drop();
    }
  }

  readonly #blame = (kind: FailureKind, what: string): AdapterError =>
    this.#transport.fail(kind, what);

  /** Asks at `now`, and afterwards takes for virtual what the adapter read from a clock that could not be set. */
  async #timed<M extends MethodName>(
    method: M,
    params: Params<M>,
    now: Micros,
    delay: Micros,
  ): Promise<{ answer: Answer<M>; virtual: (reply: Reply) => Reply }> {
    const { clock } = this.#post;
    if (clock === null) {
      return { answer: await this.#transport.request(method, params), virtual: (reply) => reply };
    }
    await clock.set(now);
    const start = realMicros(0);
    const answer = await this.#transport.request(method, params);
    const window = { start, end: realMicros(1) };
    await clock.rewrite(window, now, delay);
    return { answer, virtual: (reply) => virtualReply(reply, window, now, delay) };
  }

  async #requireEmpty(): Promise<void> {
    const { rows } = await this.#post.db.query<{ jobs: string }>(
      "select count(*)::text as jobs from river_job",
      [],
    );
    const jobs = Number(rows[0]?.jobs);
    if (jobs > 0) throw this.#blame("not_empty", `must empty river_job on reset, but left ${jobs}`);
  }
}

function startTransport(
  argv: readonly string[],
  options: ProcessAdapterOptions,
  scratch: Scratch,
): Transport {
  const { budgets, cwd, env, maxLineBytes } = options;
  return new Transport({
    argv,
    env: { ...process.env, ...env, DATABASE_URL: scratch.url },
    ...(budgets !== undefined && { budgets }),
    ...(cwd !== undefined && { cwd }),
    ...(maxLineBytes !== undefined && { maxLineBytes }),
  });
}

async function shadowClock(
  db: Database,
  scratch: Scratch,
  transport: Transport,
): Promise<DatabaseClock> {
  if (scratch.kind === "database") return installClock(db, scratch.name, 0);
  const what =
    "takes its time from the database, so Weir needs to create one, but this user may not";
  throw transport.fail("could_not_start", what);
}

/** The adapter's clock in microseconds since `ORIGIN`, to the millisecond: the last one begun, or the one after. */
const realMicros = (later: 0 | 1): Micros => (Date.now() + later) * 1_000 - ORIGIN;

/** How far from its now an operation itself puts an instant. */
function delayOf(params: Params<MethodName>): Micros {
  if (!("outcome" in params)) return 0;
  return params.outcome.kind === "snooze" ? params.outcome.for_us : 0;
}
