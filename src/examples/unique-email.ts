// Nobody gets the same e-mail twice a day, however often and from wherever it is asked for.
import { z } from "zod";
import { Client, job, worker } from "../index.ts";
import { openDatabase } from "./database.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const sendEmail = job("send_email", {
  args: z.object({ to: z.email(), template: z.string(), name: z.string() }),
  unique: { byArgs: ["to", "template"], byPeriodMs: DAY_MS },
});

const db = await openDatabase();
const client = new Client(db, {
  queues: { default: { maxWorkers: 10 } },
  workers: [worker(sendEmail, ({ args }) => console.log(`sent ${args.template} to ${args.to}`))],
});
await client.migrate();

const welcome = { to: "ada@example.com", template: "welcome" };
const results = await Promise.all([
  client.insert(sendEmail({ ...welcome, name: "Ada" })),
  client.insert(sendEmail({ ...welcome, name: "Ada Lovelace" })),
  client.insert(sendEmail({ ...welcome, to: "bob@example.com", name: "Bob" })),
]);
console.log(`${results.filter(({ duplicate }) => duplicate).length} duplicate`);

await client.insert(sendEmail({ ...welcome, to: "nobody", name: "" })).catch((error: Error) => {
  console.log(error.message);
});

const completed = client.events("job_completed");
const running = await client.start();
await completed.next();
await completed.next();
await running.stop();
await db.close();
