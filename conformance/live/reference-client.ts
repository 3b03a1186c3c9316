import { Client, type Running } from "../../src/client/client.ts";
import { job } from "../../src/client/job-type.ts";
import { worker } from "../../src/client/worker.ts";
import type { Database } from "../../src/db.ts";
import type { Params } from "../protocol/messages.ts";
import { play } from "./reference-worker.ts";
import { SCRIPT_KIND } from "./script.ts";

/** After a hard stop a handler that hears nothing is left behind. */
const HARD_STOP_MS = 500;

/** The live client of a process: none, or one that works. */
export class LiveClient {
  readonly #open: () => Database;
  #running: Running | null = null;
  #db: Database | null = null;

  constructor(open: () => Database) {
    this.#open = open;
  }

  async start(params: Params<"start">): Promise<void> {
    const { client: id, queues, timeout_us, rescue_after_us } = params;
    const db = this.#open();
    const client = new Client(db, {
      id,
      queues: Object.fromEntries(
        queues.map(({ queue, max_workers }) => [queue, { maxWorkers: max_workers }]),
      ),
      workers: [worker(job(SCRIPT_KIND), (attempt) => play(attempt, db, id))],
      jobTimeoutMs: timeout_us / 1000,
      rescueAfterMs: rescue_after_us / 1000,
      hardStopMs: HARD_STOP_MS,
    });
    this.#db = db;
    this.#running = await client.start({ signals: [] });
  }

  /** Does nothing where none works. */
  async stop(hard: boolean): Promise<void> {
    await this.#running?.stop({ hard });
    await this.#db?.close();
    this.#running = null;
    this.#db = null;
  }
}
