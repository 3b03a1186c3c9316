import { startEmbeddedPostgres } from "../../conformance/database/embedded.ts";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import type { Database, Db } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import type { Child } from "./child.ts";
import type { Participant } from "./participants.ts";

/** How many jobs each is warmed up with. */
export const WARM_UP = 2_000;
/** How often it is looked whether the last job is final, once all handlers were called. */
const LOOK_MS = 1;

/** A Postgres with the settings that it comes with, and what is measured on it. */
export class Stage {
  readonly version: string;
  readonly #serverUrl: string;
  readonly #stop: () => Promise<void>;

  private constructor(version: string, serverUrl: string, stop: () => Promise<void>) {
    this.version = version;
    this.#serverUrl = serverUrl;
    this.#stop = stop;
  }

  static async open(): Promise<Stage> {
    const server = await startEmbeddedPostgres([], "durable");
    return new Stage(server.version, server.url, () => server.stop());
  }

  close(): Promise<void> {
    return this.#stop();
  }

  /** Runs with an empty database for each of these, which are dropped then. */
  async onEach<T>(
    all: readonly unknown[],
    run: (places: readonly Place[]) => Promise<T>,
    places: readonly Place[] = [],
  ): Promise<T> {
    if (places.length === all.length) return run(places);
    return this.on((place) => this.onEach(all, run, [...places, place]));
  }

  /** Runs with an empty database, which is dropped then. */
  async on<T>(run: (place: Place) => Promise<T>): Promise<T> {
    const { url, drop } = await freshDatabase(this.#serverUrl);
    const db = postgres(url, { maxConnections: 1, prepare: false });
    try {
      return await run(new Place(url, db));
    } finally {
      await db.close();
      await drop();
    }
  }
}

/** A database of the stage. */
export class Place {
  readonly url: string;
  readonly db: Database;

  constructor(url: string, db: Database) {
    this.url = url;
    this.db = db;
  }

  /** Runs with a participant's process, its tables made. */
  async with<T>(participant: Participant, run: (child: Child) => Promise<T>): Promise<T> {
    const child = participant.spawn(this.url);
    try {
      await child.ask({ verb: "open" });
      return await run(child);
    } finally {
      await child.end();
    }
  }

  /** Leaves so many jobs, nothing to vacuum, fresh statistics, and nothing for the next checkpoint. */
  async fill({ table }: Participant, child: Child, jobs: number): Promise<void> {
    await child.ask({ verb: "fill", jobs });
    await this.settle(table);
  }

  /** Vacuumed, with fresh statistics, and nothing left for the next checkpoint. */
  async settle(table: string): Promise<void> {
    await this.db.query(`vacuum analyze ${table}`, []);
    await this.db.query("checkpoint", []);
  }

  /** Milliseconds from the start of a warm process's client until so many jobs are final, and committed so. */
  async work(participant: Participant, child: Child, jobs: number): Promise<number> {
    await this.fill(participant, child, WARM_UP);
    await this.workAll(participant, [child], WARM_UP);
    await this.fill(participant, child, jobs);
    return this.workAll(participant, [child], jobs);
  }

  /** As `work`, of what is there, by all processes together. */
  async workAll(
    { unfinished }: Pick<Participant, "unfinished">,
    children: readonly Child[],
    jobs: number,
    atEnd: () => Promise<void> = async () => {},
  ): Promise<number> {
    const began = performance.now();
    await Promise.all(children.map((child) => child.ask({ verb: "start" })));
    await untilHandled(children, jobs);
    while (await isAny(this.db, unfinished)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const took = performance.now() - began;
    await atEnd();
    await Promise.all(children.map((child) => child.ask({ verb: "stop" })));
    return took;
  }
}

async function isAny(db: Db, sql: string): Promise<boolean> {
  return (await db.query(sql, [])).rows.length > 0;
}

/** Rejects where a process fails, or more handlers are called than there are jobs. */
export function untilHandled(children: readonly Child[], jobs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const sum = children.reduce((total, child) => total + child.handled, 0);
      const failure = children.find((child) => child.failure !== null)?.failure;
      if (failure) reject(failure);
      else if (sum > jobs) reject(new Error(`${jobs} handlers must be called, but ${sum} were.`));
      else if (sum === jobs) resolve();
    };
    for (const child of children) child.onHandled(look);
    look();
  });
}

/** The one in the middle; of an even number, the upper of the two there. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that this share of the others does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
