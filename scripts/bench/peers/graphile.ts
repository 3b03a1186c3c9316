import { createRequire } from "node:module";
import pg from "pg";
import { type Subject, serve } from "./serve.ts";

/** What is used of graphile-worker 0.17. */
interface Graphile {
  Logger: new (factory: () => () => void) => object;
  run(options: object): Promise<{ stop(): Promise<void> }>;
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>;
    addJob(task: string, payload: object): Promise<unknown>;
    addJobs(jobs: readonly object[]): Promise<unknown>;
  }>;
}

const graphile: Graphile = createRequire(`${process.env.PEERS}/`)("graphile-worker");
const logger = new graphile.Logger(() => () => {});

const FILL = `
select count(*) from graphile_worker.add_jobs(array(
  select row('noop', json_build_object('number', number), null, null, null, null, null, null)::graphile_worker.job_spec
  from generate_series(1, $1::int) as number))`;

let url: string;
let pool: pg.Pool;
let utils: Awaited<ReturnType<Graphile["makeWorkerUtils"]>>;
let runner: { stop(): Promise<void> } | null = null;
let number = 0;

/** What was quickest of those tried: as many at a time as the local queue holds, completions of 5 ms together. */
const THROUGHPUT = {
  concurrentJobs: 500,
  localQueue: { size: 500 },
  completeJobBatchDelay: 5,
  failJobBatchDelay: 5,
};
const LATENCY = { concurrentJobs: 10 };

const subject: Subject = {
  open: async (connectionString) => {
    url = connectionString;
    pool = new pg.Pool({ connectionString });
    utils = await graphile.makeWorkerUtils({ connectionString, logger });
    await utils.migrate();
  },
  fill: async (jobs) => {
    await pool.query("truncate graphile_worker._private_jobs");
    await pool.query(FILL, [jobs]);
  },
  start: async (onHandled, purpose) => {
    const worker = { ...(purpose === "throughput" ? THROUGHPUT : LATENCY), pollInterval: 1_000 };
    const taskList = { noop: async () => onHandled() };
    runner = await graphile.run({
      connectionString: url,
      logger,
      noHandleSignals: true,
      taskList,
      preset: { worker },
    });
  },
  stop: async () => runner?.stop(),
  insertMany: (jobs) =>
    utils.addJobs(
      Array.from({ length: jobs }, () => ({ identifier: "noop", payload: { number: number++ } })),
    ),
  insertOne: () => utils.addJob("noop", { number: number++ }),
};

await serve(subject);
