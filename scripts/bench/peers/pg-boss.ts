import { createRequire } from "node:module";
import pg from "pg";
import { type Subject, serve } from "./serve.ts";

/** What is used of pg-boss 10. */
interface Boss {
  start(): Promise<unknown>;
  createQueue(name: string): Promise<unknown>;
  send(name: string, data: object): Promise<unknown>;
  insert(jobs: readonly object[]): Promise<unknown>;
  fetch(name: string, options: { batchSize: number }): Promise<readonly { id: string }[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
  work(
    name: string,
    options: object,
    handle: (jobs: readonly object[]) => Promise<void>,
  ): Promise<string>;
  offWork(name: string): Promise<unknown>;
}

const PgBoss: new (options: object) => Boss = createRequire(`${process.env.PEERS}/`)("pg-boss");

const QUEUE = "bench";
/** Its own workers wait half a second after each batch; so it is worked by its fetch and complete, in two loops as the bare one. */
const BATCH = 500;
const LOOPS = 2;

let boss: Boss;
let pool: pg.Pool;
let number = 0;
let working: Promise<unknown> = Promise.resolve();

async function loop(onHandled: () => void): Promise<void> {
  for (;;) {
    const jobs = await boss.fetch(QUEUE, { batchSize: BATCH });
    if (jobs.length === 0) return;
    const handle = async (_: object) => onHandled();
    await Promise.all(jobs.map(handle));
    await boss.complete(
      QUEUE,
      jobs.map(({ id }) => id),
    );
  }
}

const insertMany = (jobs: number) =>
  boss.insert(Array.from({ length: jobs }, () => ({ name: QUEUE, data: { number: number++ } })));

const subject: Subject = {
  open: async (connectionString) => {
    pool = new pg.Pool({ connectionString });
    boss = new PgBoss({ connectionString, supervise: false, schedule: false });
    await boss.start();
    await boss.createQueue(QUEUE);
  },
  fill: async (jobs) => {
    await pool.query("truncate pgboss.job");
    await insertMany(jobs);
  },
  start: async (onHandled, purpose) => {
    if (purpose === "throughput") {
      working = Promise.all(Array.from({ length: LOOPS }, () => loop(onHandled)));
    } else {
      await boss.work(QUEUE, { pollingIntervalSeconds: 0.5 }, async () => onHandled());
    }
  },
  stop: async () => {
    await working;
    await boss.offWork(QUEUE);
  },
  insertMany,
  insertOne: () => boss.send(QUEUE, { number: number++ }),
};

await serve(subject);
