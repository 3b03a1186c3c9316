import { Client, type Running } from "../../../src/client/client.ts";
import { job } from "../../../src/client/job-type.ts";
import { worker } from "../../../src/client/worker.ts";
import type { Database } from "../../../src/db.ts";
import { fillJobs } from "./rows.ts";
import type { Subject } from "./serve.ts";

const noop = job<{ number: number }>("noop");
/** As many as River's are given. */
const WORKERS = 2_000;

/** Weir's client on a database that `connect` opens. */
export function weir(connect: (url: string) => Database | Promise<Database>): Subject {
  let db: Database;
  let inserting: Client;
  let running: Running | null = null;
  let number = 0;
  const requests = (count: number) =>
    Array.from({ length: count }, () => noop({ number: number++ }));
  return {
    open: async (url) => {
      db = await connect(url);
      inserting = new Client(db);
      await inserting.migrate();
    },
    fill: (jobs) => fillJobs(db, jobs),
    start: async (onHandled) => {
      const queues = { default: { maxWorkers: WORKERS } };
      const client = new Client(db, { queues, workers: [worker(noop, async () => onHandled())] });
      running = await client.start();
    },
    stop: async () => running?.stop(),
    insertMany: (jobs) => inserting.insertMany(requests(jobs)),
    insertManyFast: (jobs) => inserting.insertManyFast(requests(jobs)),
    insertOne: () => inserting.insert(noop({ number: number++ })),
  };
}
