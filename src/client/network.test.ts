import pg from "pg";
import { afterEach, describe, expect, inject, test } from "vitest";
import { clientsOn, eventually, settled } from "../../conformance/database/clients.ts";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { hasPgBouncer, startPgBouncer } from "../../conformance/database/pgbouncer.ts";
import { hasOpenssl, startTlsPostgres } from "../../conformance/database/tls.ts";
import { openWire } from "../../conformance/database/wire.ts";
import type { Database } from "../db.ts";
import { postgres } from "../drivers/pg.ts";
import { listen } from "../drivers/pg-listen.ts";
import { migrate } from "../migrate.ts";
import { job } from "./job-type.ts";
import { worker } from "./worker.ts";

const task = job("task");
const noop = worker(task, () => {});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const { start, make } = clientsOn({
  get db(): Database {
    throw new Error("Each test names its database.");
  },
});

function open(url: string, options: Parameters<typeof postgres>[1] = {}): Database {
  const db = postgres(url, options);
  ends.push(() => db.close());
  return db;
}

async function database() {
  const fresh = await freshDatabase(inject("postgresUrl"));
  ends.push(fresh.drop);
  const db = open(fresh.url);
  await migrate(db);
  return { db, url: fresh.url };
}

async function wireTo(url: string) {
  const wire = await openWire(url);
  ends.push(wire.close);
  return wire;
}

describe("a wire on which nothing passes any more", () => {
  test("is noticed by who listens, whose connection is then closed", async () => {
    const { url, db } = await database();
    const wire = await wireTo(url);
    const heard: string[] = [];
    const lost: unknown[] = [];
    const ear = {
      hear: (_: string, payload: string) => heard.push(payload),
      lost: (error: unknown) => lost.push(error),
    };
    const config: pg.ClientConfig = { connectionString: wire.url, application_name: "listener" };
    const pulse = { everyMs: 20, withinMs: 100 };
    const end = await listen(config, ["river_insert"], ear, pulse);
    await db.query("select pg_notify(current_schema() || '.river_insert', 'here')", []);
    await eventually("it is heard", () => heard.length > 0);
    wire.hold();
    await eventually("it is lost", () => lost.length > 0);
    await end();
    expect(lost.map(String)).toEqual([
      "Error: The connection that listens must answer within 100 ms.",
    ]);
    await eventually("its connection is closed", async () => {
      const sql = "select from pg_stat_activity where application_name = 'listener'";
      return (await db.query(sql, [])).rows.length === 0;
    });
  });

  test("does not keep a hard stop from ending", async () => {
    const { url, db } = await database();
    const wire = await wireTo(url);
    const { client, running, problems } = await start(
      { workers: [noop], hardStopMs: 50 },
      open(wire.url),
    );
    const { job: inserted } = await client.insert(task({}));
    await settled(client, inserted.id, "completed");
    wire.hold();
    await make({}, db).insert(task({}));
    const since = performance.now();
    await running.stop({ hard: true });
    expect(performance.now() - since).toBeLessThan(10_000);
    wire.release();
    problems.splice(0);
  });
});

describe.skipIf(!hasOpenssl())("TLS with a certificate of one's own making", () => {
  const work = async (db: Database) => {
    ends.push(() => db.close());
    await migrate(db);
    const { client } = await start(
      { queues: { default: { maxWorkers: 1, fetchPollMs: 60_000 } }, workers: [noop] },
      db,
    );
    // What wakes it is heard by a connection of its own, by TLS and password too.
    const { job: inserted } = await client.insert(task({}));
    await settled(client, inserted.id, "completed");
  };

  test("sslmode and sslrootcert in the URL count for every connection", async () => {
    const { url, certificate, stop } = await startTlsPostgres();
    ends.push(stop);
    // node-postgres takes `require` for `verify-full`, unless it is told to be as libpq.
    const strict = make({}, open(`${url}?sslmode=require`));
    await expect(strict.start()).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await expect(make({}, open(url)).start()).rejects.toThrow(/no encryption|pg_hba/);
    await work(postgres(`${url}?sslmode=require&sslrootcert=${certificate}`));
    await work(postgres(`${url}?sslmode=require&uselibpqcompat=true`));
  });

  test("a pool of the caller's lends its listener password and certificate, which it hides", async () => {
    const { url, stop } = await startTlsPostgres();
    ends.push(stop);
    const { hostname: host, port, username: user, password } = new URL(url);
    const pool = new pg.Pool({
      host,
      port: Number(port),
      user,
      password,
      database: "postgres",
      ssl: { rejectUnauthorized: false },
    });
    ends.push(() => pool.end());
    await work(postgres(pool));
  });
});

describe.skipIf(!hasPgBouncer())("PgBouncer by transaction", () => {
  test("a client that prepares nothing and only polls works", async () => {
    const { url } = await database();
    const bouncer = await startPgBouncer(url);
    ends.push(bouncer.stop);
    const db = open(bouncer.url, { prepare: false });
    const { client, running } = await start(
      {
        pollOnly: true,
        queues: { default: { maxWorkers: 50, fetchPollMs: 50 } },
        workers: [
          noop,
          worker(job("long"), async ({ signal }) => {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            signal.throwIfAborted();
          }),
        ],
      },
      db,
    );
    await eventually("it leads", () => running.isLeader);
    const inserted = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.insertMany(Array.from({ length: 10 }, () => task({}))),
      ),
    );
    for (const result of inserted.flat()) await settled(client, result.job.id, "completed");
    const { job: long } = await client.insert({ kind: "long" });
    await settled(client, long.id, "running");
    await client.cancel(long.id);
    await settled(client, long.id, "cancelled");
    const kept = await db.begin(async (tx) => client.insert(task({}), { tx }));
    await settled(client, kept.job.id, "completed");
  });
});
