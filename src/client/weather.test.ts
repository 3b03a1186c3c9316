import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { openWire } from "../../conformance/database/wire.ts";
import type { Database } from "../db.ts";
import { postgres } from "../drivers/pg.ts";
import type { Job } from "../job.ts";
import { migrate } from "../migrate.ts";
import { fetch } from "../ops/fetch.ts";
import { finish } from "../ops/finish.ts";
import { job } from "./job-type.ts";
import { CancelledError } from "./reasons.ts";
import { worker } from "./worker.ts";

const task = job<{ n?: number }>("task");
/** Polls so seldom that only what is told can be why something happens. */
const deaf = { maxWorkers: 10, fetchPollMs: 60_000 };

let url = "";
let db: Database;
let drop: () => Promise<void>;
const opened: { close(): Promise<void> }[] = [];

/** Another way to the same database. */
function open(options: Parameters<typeof postgres>[1] = {}): Database {
  const one = postgres(url, options);
  opened.push(one);
  return one;
}

beforeEach(async () => {
  ({ url, drop } = await freshDatabase(inject("postgresUrl")));
  db = open();
  await migrate(db);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await drop();
});
const { start, make } = clientsOn({
  get db() {
    return db;
  },
});

/** Ends connections to the database other than `by`'s, those whose last statement is `like` this. */
async function cut(by: Database, like = "%"): Promise<number> {
  const { rows } = await by.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query ilike $1::text",
    [like],
  );
  return rows.length;
}

test("connections that are cut again and again while 2,000 jobs are worked: each ends once, and is handled once", async () => {
  const handled = new Map<bigint, number>();
  const wire = await openWire(url);
  const pool = postgres(wire.url, { maxConnections: 5 });
  opened.push(wire, pool);
  const { client, problems } = await start(
    {
      queues: { default: { maxWorkers: 100, fetchPollMs: 50 } },
      workers: [
        worker(task, async ({ job: { id } }) => {
          handled.set(id, (handled.get(id) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }),
      ],
    },
    pool,
  );
  const knife = open({ maxConnections: 1 });
  const count = 2_000;
  await make({}, knife).insertMany(Array.from({ length: count }, () => task({})));
  let cuts = 0;
  const left = await eventually("all have ended", async () => {
    const { rows } = await knife.query<{ left: number }>(
      "select count(*)::int as left from river_job where state <> 'completed'",
      [],
    );
    if (rows[0]?.left === 0) return rows;
    // The server's end of them, or ours, with the answers that are on their way.
    if (cuts === 60) return null;
    if (cuts % 2 === 0) await cut(knife);
    else wire.cutAnswers();
    cuts += 1;
    return null;
  });
  expect(left).toEqual([{ left: 0 }]);
  expect(cuts).toBeGreaterThan(3);
  expect([...handled.values()].filter((times) => times !== 1)).toEqual([]);
  expect(handled.size).toBe(count);
  const { rows } = await knife.query(
    "select attempt, cardinality(errors) as errors, count(*)::int from river_job group by 1, 2",
    [],
  );
  expect(rows).toEqual([{ attempt: 1, errors: null, count }]);
  expect((await client.list({ limit: 1 })).jobs).toHaveLength(1);
  expect(problems.splice(0).map(({ what }) => what)).toContain("fetch");
});

test("one connection is enough for a client", async () => {
  const { client, running } = await start(
    {
      queues: { a: { maxWorkers: 20 }, b: { maxWorkers: 20 } },
      workers: [worker(task, () => {})],
    },
    open({ maxConnections: 1 }),
  );
  await eventually("it leads", () => running.isLeader);
  const inserted = await client.insertMany(
    Array.from({ length: 200 }, (_, n) => [task({}), { queue: n % 2 ? "a" : "b" }] as const),
  );
  for (const result of inserted) await settled(client, result.job.id, "completed");
});

test("while the caller's own transactions hold every connection a client waits, and goes on then", async () => {
  const pool = open({ maxConnections: 2 });
  const { client, problems } = await start(
    { queues: { default: deaf }, workers: [worker(task, () => {})] },
    pool,
  );
  const end = gate();
  const holding = [1, 2].map(() => pool.begin(() => end.opened));
  const { job: inserted } = await make().insert(task({}));
  // The client has heard of it, and asks for a connection that it does not get.
  await eventually("it waits", async () => {
    const { rows } = await db.query(
      "select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
      [],
    );
    return rows.length === 2;
  });
  expect((await make().get(inserted.id)).state).toBe("available");
  end.open();
  await Promise.all(holding);
  await settled(client, inserted.id, "completed");
  expect(problems).toEqual([]);
});

test("a listener that is lost listens again, and then finds at once what it did not hear", async () => {
  let signal: AbortSignal | undefined;
  const { client, problems } = await start({
    queues: { default: deaf, paused: deaf },
    workers: [
      worker(task, async (attempt) => {
        if (attempt.args.n !== 0) return;
        ({ signal } = attempt);
        await new Promise((resolve) => attempt.signal.addEventListener("abort", resolve));
        attempt.signal.throwIfAborted();
      }),
    ],
  });
  const { job: long } = await client.insert(task({ n: 0 }));
  await settled(client, long.id, "running");
  const silent = await db.begin(async (tx) => {
    // What is committed together with the cut is told to nobody: the listener is gone, or not there yet.
    await tx.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and query like 'listen%'",
      [],
    );
    const other = make();
    const inserted = await other.insertMany([task({ n: 1 })], { tx });
    await other.cancel(long.id, { tx });
    await other.queues.pause("paused", { tx });
    return inserted[0]?.job.id ?? 0n;
  });
  await settled(client, silent, "completed");
  await settled(client, long.id, "cancelled");
  expect(signal?.reason).toBeInstanceOf(CancelledError);
  const { job: held } = await client.insert(task({}), { queue: "paused" });
  const { job: free } = await client.insert(task({}));
  await settled(client, free.id, "completed");
  expect((await client.get(held.id)).state).toBe("available");
  expect(problems.splice(0).map(({ what, tries }) => [what, tries])).toContainEqual(["listen", 1]);
});

test("batches of the same unique keys in opposite orders never lock each other out", async () => {
  const requests = Array.from({ length: 60 }, (_, n) => task({ n }));
  const pools = [open(), open(), open()];
  const unique = { unique: { byArgs: true } };
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, round) => {
      const ordered = round % 2 ? requests : requests.toReversed();
      const client = make({}, pools[round % pools.length]);
      return client.insertMany(ordered.map((request) => [request, unique] as const));
    }),
  );
  const fresh = results.flat().filter(({ duplicate }) => !duplicate);
  expect(fresh).toHaveLength(60);
  expect(new Set(results.flat().map((result) => result.job.id)).size).toBe(60);
});

test("batches of results in opposite orders never lock each other out", async () => {
  await make().insertMany(Array.from({ length: 200 }, () => task({})));
  const jobs = await fetch(db, null, { queue: "default", limit: 200, client: "c" });
  const of = ({ id, attempt, attemptedAt }: Job) => ({
    id,
    attempt,
    attemptedAt: attemptedAt ?? 0n,
    outcome: { kind: "complete", metadata: '{"n": 1}' } as const,
  });
  await Promise.all(
    Array.from({ length: 8 }, (_, round) =>
      finish(db, null, (round % 2 ? jobs : jobs.toReversed()).map(of)),
    ),
  );
  const { jobs: ended } = await make().list({ states: ["completed"], limit: 200 });
  expect(ended).toHaveLength(200);
});

test.each(["repeatable read", "serializable"])(
  "in a caller's transaction at %s a key that was taken since it began is a serialization failure",
  async (level) => {
    const client = make();
    const unique = { unique: { byArgs: true } };
    const { job: old } = await client.insert(task({ n: 0 }), unique);
    const running = db.begin(async (tx) => {
      await tx.query(`set transaction isolation level ${level}`, []);
      // The holder that the transaction sees is a duplicate as ever.
      const seen = await client.insert(task({ n: 0 }), { ...unique, tx });
      expect(seen).toMatchObject({ duplicate: true, job: { id: old.id } });
      await client.insert(task({ n: 1 }), unique);
      await client.insert(task({ n: 1 }), { ...unique, tx });
    });
    await expect(running).rejects.toMatchObject({ code: "40001" });
    // All of it again, as for every such failure.
    const again = await db.begin(async (tx) => {
      await tx.query(`set transaction isolation level ${level}`, []);
      return client.insert(task({ n: 1 }), { ...unique, tx });
    });
    expect(again.duplicate).toBe(true);
  },
);
