import { expect, inject, test, vi } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { postgres } from "../drivers/pg.ts";
import { migrate } from "../migrate.ts";
import { Client } from "./client.ts";
import { job } from "./job-type.ts";

const email = job<{ n: number }>("email");

type Run = (client: Client, heard: readonly string[], url: string) => Promise<unknown>;

/** What is told on `river_insert` while `run` runs. */
async function told(run: Run): Promise<string[]> {
  const { url, drop } = await freshDatabase(inject("postgresUrl"));
  const db = postgres(url);
  try {
    await migrate(db);
    const payloads: string[] = [];
    const end = await db.listen?.(["river_insert", "river_control"], {
      hear: (_, payload) => payloads.push(payload),
      lost: () => {},
    });
    await run(new Client(db), payloads, url);
    // Postgres delivers in the order of commits, so this comes after all that was told.
    await vi.waitFor(async () => {
      await db.query("select pg_notify(current_schema() || '.river_control', 'end')", []);
      expect(payloads.at(-1)).toBe("end");
    });
    await end?.();
    return payloads.filter((payload) => payload !== "end");
  } finally {
    await db.close();
    await drop();
  }
}

const ONE = '{"queue": "default"}';

test("a lone insert tells at once, jobs that wait tell nothing", async () => {
  const heard = await told(async (client) => {
    await client.insert(email({ n: 1 }), { scheduledAt: new Date(Date.now() + 60_000) });
    await client.insert(email({ n: 2 }), { pending: true });
    await client.insert(email({ n: 3 }), { queue: "other" });
  });
  expect(heard).toEqual(['{"queue": "other"}']);
});

test("a burst tells at its beginning and once its quiet time is over, so that none goes untold", async () => {
  const heard = await told(async (client, payloads) => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => client.insert(email({ n }))));
    await vi.waitFor(() => expect(payloads.length).toBeGreaterThanOrEqual(2));
  });
  expect(heard.length).toBeGreaterThanOrEqual(2);
  expect(heard.length).toBeLessThan(100);
  expect(new Set(heard)).toEqual(new Set([ONE]));
});

test("an insert that fails swallows nobody's wake-up, and a transaction tells itself", async () => {
  const heard = await told(async (client, payloads, url) => {
    const failing = client.insert(email({ n: 1 }), { tags: ["!"] });
    const other = client.insert(email({ n: 2 }));
    await expect(failing).rejects.toMatchObject({ code: "invalid" });
    await other;
    const db = postgres(url, { maxConnections: 1 });
    await db.begin((tx) => client.insert(email({ n: 3 }), { tx }));
    await db.close();
    await vi.waitFor(() => expect(payloads.length).toBeGreaterThanOrEqual(2));
  });
  expect(heard.length).toBeGreaterThanOrEqual(2);
});
