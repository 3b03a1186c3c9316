import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect } from "vitest";
import { Client, type Running } from "../../src/client/client.ts";
import type { ClientOptions, Problem } from "../../src/client/options.ts";
import type { Database, Db } from "../../src/db.ts";
import type { Job } from "../../src/job.ts";

/** A client that works, and what it complained of. */
export interface Started {
  readonly client: Client;
  readonly running: Running;
  readonly problems: Problem[];
}

/** Clients of one file's tests, which are stopped after each of them. */
export interface Clients {
  /** Works the queue `default` with 10 workers unless told otherwise, and leaves signals alone. A problem that no test takes fails it. */
  start(options?: ClientOptions, db?: Db & Partial<Database>): Promise<Started>;
  /** One that is not started. */
  make(options?: ClientOptions, db?: Db & Partial<Database>): Client;
}

/** Makes clients of the database that `subject` has while a test runs. */
export function clientsOn(subject: { readonly db: Db & Partial<Database> }): Clients {
  const started: Started[] = [];
  afterEach(async () => {
    const all = started.splice(0);
    await Promise.all(all.map(({ running }) => running.stop({ hard: true })));
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  });
  const make = (options: ClientOptions = {}, db = subject.db) => new Client(db, options);
  const start = async (options: ClientOptions = {}, db = subject.db) => {
    const problems: Problem[] = [];
    const client = make(
      {
        queues: { default: { maxWorkers: 10 } },
        hardStopMs: 1_000,
        onProblem: (problem) => problems.push(problem),
        ...options,
      },
      db,
    );
    const one = { client, running: await client.start({ signals: [] }), problems };
    started.push(one);
    return one;
  };
  return { start, make };
}

const PATIENCE_MS = 40_000;
const STEP_MS = 5;

/** Waits until `look` answers something other than false, null or undefined, and returns it; fails in the end, after 40 s by default, naming `what`. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | false | null | undefined> | Value | false | null | undefined,
  patienceMs = PATIENCE_MS,
): Promise<Value> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`It must come to this, but did not: ${what}.`);
    await sleep(STEP_MS);
  }
}

/** The job when it has come to one of the states. */
export const settled = (
  client: Client,
  id: bigint,
  ...states: readonly Job["state"][]
): Promise<Job> =>
  eventually(`job ${id} is ${states.join(" or ")}`, async () => {
    const job = await client.get(id);
    return states.includes(job.state) ? job : null;
  });

/** A promise, and what resolves it. */
export function gate<Value = void>(): {
  readonly open: (value: Value) => void;
  readonly opened: Promise<Value>;
} {
  let open: (value: Value) => void = () => {};
  const opened = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
