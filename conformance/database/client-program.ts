import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../../src/client/client.ts";
import { job } from "../../src/client/job-type.ts";
import { worker } from "../../src/client/worker.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { pglite } from "../../src/drivers/pglite.ts";

// A client in a process of its own, for tests of what becomes of processes. It says on standard output what happens, a line each.
// Arguments: a Postgres URL or a folder for PGlite, what its handlers do, and a file that gets the id of each job that was handled.
const [, , source = "", manner = "", log = ""] = process.argv;
const say = (line: string) => console.log(line);

const HANDLERS: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  quick: async () => {},
  slow: () => sleep(300),
  obedient: (signal) => sleep(60_000, undefined, { signal }),
  deaf: () => sleep(60_000),
  never: () => new Promise(() => {}),
};

let onBegun = () => {};
const begun = new Promise<void>((resolve) => {
  onBegun = resolve;
});

const isServer = source.startsWith("postgres");
const db = isServer ? postgres(source) : await pglite(source);
const client = new Client(db, {
  queues: { default: { maxWorkers: 10 } },
  hardStopMs: 200,
  onProblem: ({ what, error }) => say(`problem ${what} ${error}`),
  workers: [
    worker(job("task"), async ({ job: { id }, signal }) => {
      say(`begun ${id}`);
      onBegun();
      if (log !== "") appendFileSync(log, `${id}\n`);
      await HANDLERS[manner]?.(signal);
    }),
  ],
});
if (!isServer) await client.migrate();
try {
  const running = await client.start();
  say("started");
  if (manner === "never") {
    await client.insert({ kind: "task" });
    await begun;
    // Nothing of the client's may keep the process alive then.
    await running.stop({ hard: true });
    await db.close();
    say("closed");
  }
  if (!isServer && manner !== "never") {
    for (let n = 0; ; n++) {
      await client.insertMany(Array.from({ length: 20 }, () => ({ kind: "task" })));
      say(`inserted ${n}`);
    }
  }
  await running.stopped;
  say("stopped");
} catch (error) {
  say(`refused ${(error as { code?: string }).code}`);
}
