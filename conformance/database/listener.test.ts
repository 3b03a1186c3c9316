import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { Listener } from "./listener.ts";
import { createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
let db: Database;
let listener: Listener;
beforeAll(async () => {
  scratch = await createScratch(inject("postgresUrl"));
  db = postgres(scratch.url);
  listener = await Listener.open(scratch.url);
});
afterAll(async () => {
  await listener.close();
  await db.close();
  await scratch.drop();
});

const tell = (to: Pick<Database, "query">, channel: string, payload: string) =>
  to.query("select pg_notify($1, $2)", [channel, payload]);

test("what was committed since the last look is heard, in order and once", async () => {
  await tell(db, "public.river_insert", "1");
  await tell(db, "public.river_control", "2");
  await tell(db, "public.river_leadership", "3");
  expect(await listener.take()).toEqual([
    { channel: "insert", payload: "1" },
    { channel: "control", payload: "2" },
    { channel: "leadership", payload: "3" },
  ]);
  expect(await listener.take()).toEqual([]);
});

test("what another schema says, and what is rolled back, is not heard", async () => {
  await tell(db, "elsewhere.river_insert", "1");
  const undone = db.begin(async (tx) => {
    await tell(tx, "public.river_insert", "2");
    throw new Error("rolled back");
  });
  await expect(undone).rejects.toThrow("rolled back");
  expect(await listener.take()).toEqual([]);
});

test("a transaction under way is heard of once it is committed", async () => {
  await db.begin(async (tx) => {
    await tell(tx, "public.river_insert", "late");
    expect(await listener.take()).toEqual([]);
  });
  expect(await listener.take()).toEqual([{ channel: "insert", payload: "late" }]);
});
