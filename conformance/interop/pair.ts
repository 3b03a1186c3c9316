import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { type FreshDatabase, freshDatabase } from "../database/fresh.ts";
import { Peer, type PeerJob } from "./peer.ts";
import { commandOf, type Language } from "./peers.ts";

/** A row of `river_job` as `to_jsonb` prints it, as far as it is looked at. */
export type Row = Readonly<{
  id: number;
  state: string;
  attempt: number;
  args: unknown;
  attempted_by: readonly string[] | null;
  errors: readonly Readonly<{ attempt: number; error: string }>[] | null;
  metadata: Readonly<Record<string, unknown>>;
}>;

/** Queues that the second works and polls every 60 s, so that nothing happens there unless it is told. */
export const QUEUES = ["woken", "scheduled", "cancelled", "paused", "witness"] as const;
/** The queue that the second polls ten times a second. */
export const POLLED = "polled";
/** The queue that the first works, also when it comes back. */
export const HOME = "home";

const NEVER_MS = 60_000;
const SOON_MS = 100;
const LOOK_MS = 50;
/** A leader's term of 15 s, a bid every 5 to 6 s, a service every 5 s; and a machine that is busy. */
const PATIENCE_MS = 45_000;

/** Two clients in processes of their own that share a database: the first has led since before the second began. */
export class Pair {
  readonly first: Peer;
  readonly second: Peer;
  readonly #db: Database;
  readonly #fresh: FreshDatabase;
  readonly #command: readonly string[];
  readonly #peers: Peer[];

  private constructor(
    fresh: FreshDatabase,
    db: Database,
    peers: readonly [Peer, Peer],
    command: readonly string[],
  ) {
    this.#fresh = fresh;
    this.#db = db;
    [this.first, this.second] = peers;
    this.#peers = [...peers];
    this.#command = command;
  }

  /** Builds what must be built. Rejects with nothing left behind. */
  static async open(serverUrl: string, languages: readonly [Language, Language]): Promise<Pair> {
    const [one, two] = await Promise.all(languages.map(commandOf));
    if (one === undefined || two === undefined) throw new Error("A pair has two languages.");
    const fresh = await freshDatabase(serverUrl);
    const db = postgres(fresh.url);
    const peers = [
      new Peer(`the first (${languages[0]})`, one, fresh.url),
      new Peer(`the second (${languages[1]})`, two, fresh.url),
    ] as const;
    const pair = new Pair(fresh, db, peers, one);
    try {
      await migrate(db);
      await pair.#start();
      return pair;
    } catch (error) {
      await pair.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    await startAtHome(this.first, "first", NEVER_MS);
    await this.leadsNow("first");
    const polls = QUEUES.map((name) => [name, { poll_interval_ms: NEVER_MS }] as const);
    const queues = { ...Object.fromEntries(polls), [POLLED]: { poll_interval_ms: SOON_MS } };
    await this.second.call("start", { client: "second", queues, max_workers: 10 });
  }

  /** Starts the first's program again, as a client of another name. It polls: of a job that becomes due between two looks no leader tells. */
  async comeBack(client: string): Promise<Peer> {
    const peer = new Peer(`${this.first.name} come back`, this.#command, this.#fresh.url);
    this.#peers.push(peer);
    await startAtHome(peer, client, SOON_MS);
    return peer;
  }

  async job(id: number): Promise<Row> {
    const sql = "select to_jsonb(river_job)::text as row from river_job where id = $1";
    const { rows } = await this.#db.query<{ row: string }>(sql, [id]);
    return JSON.parse(rows[0]?.row ?? "null");
  }

  /** The row, once it is in one of these states. */
  jobOnce(id: number, states: readonly string[]): Promise<Row> {
    return until(`job ${id} to be ${states.join(" or ")}`, async () => {
      const row = await this.job(id);
      return { found: states.includes(row.state) ? row : null, seen: row };
    });
  }

  /** Makes it look as if the attempt had begun two hours ago. */
  async age(id: number): Promise<void> {
    const sql =
      "update river_job set attempted_at = attempted_at - interval '2 hours' where id = $1";
    await this.#db.query(sql, [id]);
  }

  /** The id of the client that leads, also when its term has run out. */
  async leader(): Promise<string | null> {
    const { rows } = await this.#db.query<{ id: string }>(
      "select leader_id as id from river_leader",
      [],
    );
    return rows[0]?.id ?? null;
  }

  async leadsNow(client: string): Promise<void> {
    await until(`${client} to lead`, async () => {
      const leader = await this.leader();
      return { found: leader === client ? client : null, seen: leader };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.kill()));
    await this.#db.close();
    await this.#fresh.drop();
  }
}

/** A job whose runs do what the script says, the last run's part for all that follow. */
export const scripted = (
  queue: string,
  runs: readonly string[],
  options: Partial<PeerJob> & Readonly<{ note?: unknown }> = {},
): PeerJob => {
  const { note, ...rest } = options;
  const args = JSON.stringify({ runs, ...(note !== undefined && { note }) });
  return { kind: "weir_script", args, queue, ...rest };
};

async function startAtHome(peer: Peer, client: string, poll_interval_ms: number): Promise<void> {
  const queues = { [HOME]: { poll_interval_ms } };
  await peer.call("start", { client, queues, max_workers: 10 });
}

async function until<T>(
  what: string,
  look: () => Promise<Readonly<{ found: T | null; seen: unknown }>>,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { found, seen } = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) {
      throw new Error(
        `Waited ${PATIENCE_MS / 1000} s for ${what}, but found ${JSON.stringify(seen)}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
