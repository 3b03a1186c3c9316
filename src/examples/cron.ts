// A cron job: of however many processes run this, one leads and inserts it, and any of them works it. Ends after three runs.
import { Client, job, worker } from "../index.ts";
import { openDatabase } from "./database.ts";

const cleanUp = job<{ until: string }>("clean_up");

const db = await openDatabase();
const client = new Client(db, {
  queues: { default: { maxWorkers: 1 } },
  workers: [worker(cleanUp, ({ output }) => output({ removed: 7 }))],
  periodic: [
    {
      id: "clean_up",
      schedule: "@every 1s", // or "0 3 * * *", or "CRON_TZ=Europe/Berlin 0 3 * * *"
      job: (tick) => cleanUp({ until: tick.toISOString() }),
      runOnStart: true,
    },
  ],
});
await client.migrate();

const completed = client.events("job_completed");
const running = await client.start();
let runs = 0;
for await (const { job } of completed) {
  runs += 1;
  console.log(`run ${runs}: ${JSON.parse(job.metadataText).output.removed} rows removed`);
  if (runs === 3) break;
}
await running.stop();
await db.close();
