import { describe, expect, test } from "vitest";
import { z } from "zod";
import { clientsOn } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { Client } from "./client.ts";
import { job } from "./job-type.ts";

onBoth((subject) => {
  const { make } = clientsOn(subject);

  test("the call outweighs the kind, the kind the client, the client River", async () => {
    const kind = job("kind", { priority: 2, tags: ["kind"], queue: "kind" });
    const client = make({ defaults: { priority: 3, queue: "client", maxAttempts: 7 } });
    const { job: inserted } = await client.insert(kind({}), {
      priority: 4,
      queue: undefined as never,
    });
    expect(inserted).toMatchObject({
      priority: 4,
      tags: ["kind"],
      queue: "kind",
      maxAttempts: 7,
      state: "available",
    });
    const { job: plain } = await make().insert({ kind: "by_hand", args: { a: [1, null] } });
    expect(plain).toMatchObject({ priority: 1, queue: "default", maxAttempts: 25, tags: [] });
    expect(JSON.parse(plain.argsText)).toEqual({ a: [1, null] });
  });

  test("a date schedules, null does not, pending waits for ever", async () => {
    const client = make({ defaults: { scheduledAt: new Date(Date.UTC(2040, 0, 1)) } });
    const results = await client.insertMany([
      { kind: "a" },
      [{ kind: "b" }, { scheduledAt: null }],
      [{ kind: "c" }, { scheduledAt: 1_900_000_000_000_001n }],
      [{ kind: "d" }, { pending: true, metadata: { big: 2n ** 60n } }],
    ]);
    expect(results.map((result) => result.job.state)).toEqual([
      "scheduled",
      "available",
      "scheduled",
      "pending",
    ]);
    expect(results[2]?.job.scheduledAt).toBe(1_900_000_000_000_001n);
    expect(results[3]?.job.metadataText).toBe('{"big": 1152921504606846976}');
  });

  test("unique jobs are found again, in the order in which they were asked for", async () => {
    const email = job<{ to: string; n: number }>("email", { unique: { byArgs: ["to"] } });
    const client = make();
    const [a, b, again] = await client.insertMany([
      email({ to: "a", n: 1 }),
      email({ to: "b", n: 1 }),
      email({ to: "a", n: 2 }),
    ]);
    expect([a?.duplicate, b?.duplicate, again?.duplicate]).toEqual([false, false, true]);
    expect(again?.job).toEqual(a?.job);
    const later = await client.insert(email({ to: "b", n: 3 }), {
      unique: { byArgs: true, byPeriodMs: 60_000 },
    });
    expect(later.duplicate).toBe(false);
  });

  test("a transaction takes it along, or takes it back", async () => {
    const client = make();
    const kept = await subject.db.begin((tx) => client.insert({ kind: "kept" }, { tx }));
    const failing = subject.db.begin(async (tx) => {
      await client.insert({ kind: "lost" }, { tx });
      await client.cancel(kept.job.id, { tx });
      throw new Error("back");
    });
    await expect(failing).rejects.toThrow("back");
    const { jobs } = await client.list();
    expect(jobs).toEqual([kept.job]);
  });

  describe("refuses, and inserts nothing", () => {
    const typed = job("typed", {
      args: z.object({ n: z.number().refine(async (n) => n > 0, "must be positive") }),
    });
    test.each<[string, Parameters<Client["insertMany"]>[0]]>([
      ["args that the schema refuses", [typed({ n: 1 }), typed({ n: -1 })]],
      ["an empty list", []],
      ["args with NUL", [{ kind: "k", args: { a: "\0" } }]],
      ["args that are no data", [{ kind: "k", args: { a: () => {} } }]],
      ["metadata that is no object", [[{ kind: "k" }, { metadata: [] as never }]]],
      ["an invalid date", [[{ kind: "k" }, { scheduledAt: new Date(Number.NaN) }]]],
      ["a period that is no number", [[{ kind: "k" }, { unique: { byPeriodMs: Number.NaN } }]]],
      ["a period under a second", [[{ kind: "k" }, { unique: { byPeriodMs: 999 } }]]],
      ["a priority that is none", [{ kind: "k" }, [{ kind: "k" }, { priority: 5 }]]],
    ])("%s", async (_, requests) => {
      const client = make();
      await expect(client.insertMany(requests)).rejects.toMatchObject({ code: "invalid" });
      expect((await client.list()).jobs).toEqual([]);
    });
  });

  test("anything with query will do, but is not migrated and not listened to", async () => {
    const bare = { query: subject.db.query };
    const client = new Client(bare);
    expect((await client.insert({ kind: "k" })).duplicate).toBe(false);
    expect(() => client.migrate()).toThrow("must have begin to be migrated");
    await (await client.start({ signals: [] })).stop();
  });
});
