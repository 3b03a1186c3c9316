// Works what resize-insert.ts inserts in another process, until it is told to stop: DATABASE_URL=… npx tsx src/examples/resize-work.ts
import { Client, postgres, worker } from "../index.ts";
import { resize } from "./resize.ts";

const url = process.env.DATABASE_URL;
if (url === undefined) throw new Error("DATABASE_URL must name a Postgres, but is not set.");

const resizing = worker(
  resize,
  async ({ args, attempt, signal }) => {
    signal.throwIfAborted(); // also for fetch, child processes and whatever else takes a signal
    console.log(`resized ${args.file} to ${args.width} at attempt ${attempt}`);
  },
  { timeoutMs: 30_000 },
);

const client = new Client(postgres(url), {
  queues: { images: { maxWorkers: 2 } },
  workers: [resizing],
});
await client.migrate();
await client.start(); // until SIGTERM, which lets what runs end; a second one does not
console.log("working");
