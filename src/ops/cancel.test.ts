import pg from "pg";
import { expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { postgres } from "../drivers/pg.ts";
import type { Job } from "../job.ts";
import { migrate } from "../migrate.ts";
import { cancel } from "./cancel.ts";
import { fetch } from "./fetch.ts";
import { type InsertParams, insert } from "./insert.ts";

const NOW = 1_893_456_000_000_000n;
const LATER = NOW + 1_500_000n;
const marked = (text: string) => `{"cancel_attempted_at": "${text}"}`;
const MARK = marked("2030-01-01T00:00:01.5Z");
const KEY = `\\x${"ab".repeat(32)}`;

onBoth((subject) => {
  const add = async (more: Partial<InsertParams> = {}): Promise<Job> => {
    const [inserted] = await insert(subject.db, NOW, [{ kind: "k", ...more }]);
    if (inserted === undefined) throw new Error("A job must have been inserted.");
    return inserted.job;
  };

  test.each([
    ["available", {}],
    ["scheduled", { scheduledAt: NOW }],
    ["pending", { pending: true }],
  ])("%s: it ends at once, and keeps all else", async (_, more) => {
    const job = await add(more);
    const want = { ...job, state: "cancelled", finalizedAt: LATER, metadataText: MARK };
    expect(await cancel(subject.db, LATER, job.id)).toEqual(want);
  });

  test("running: it is marked, and marked again", async () => {
    await add();
    const [job] = await fetch(subject.db, NOW, { queue: "default", limit: 1, client: "c" });
    const asked = await cancel(subject.db, LATER, job?.id ?? 0n);
    expect(asked).toEqual({ ...job, metadataText: MARK });
    const again = await cancel(subject.db, LATER + 500_001n, asked.id);
    expect(again.metadataText).toBe(marked("2030-01-01T00:00:02.000001Z"));
    const whole = await cancel(subject.db, NOW + 10_000_000n, asked.id);
    expect(whole.metadataText).toBe(marked("2030-01-01T00:00:10Z"));
  });

  test.each(["cancelled", "completed", "discarded"])("%s: it stays as it is", async (state) => {
    const finalized_at = "2029-01-01T00:00:00Z";
    await putRow(subject, { id: 1, state, finalized_at, metadata: { a: 1 } });
    const job = await cancel(subject.db, NOW, 1n);
    expect(job).toMatchObject({ state, metadataText: '{"a": 1}' });
    expect(job.finalizedAt).toBeLessThan(NOW);
  });

  test("a key that another holds is not taken, and all other bits stay", async () => {
    const [unique_key, unique_states] = [KEY, "11010011"];
    await putRow(subject, { id: 1, state: "retryable", unique_key, unique_states });
    await putRow(subject, { id: 2, state: "available", unique_key, unique_states });
    expect((await cancel(subject.db, NOW, 1n)).uniqueStates).not.toContain("cancelled");
    // Nobody else has it now: the last one may keep it.
    const last = await cancel(subject.db, NOW, 2n);
    expect(last.uniqueStates).toEqual([
      "available",
      "cancelled",
      "pending",
      "running",
      "scheduled",
    ]);
  });

  test("metadata that are no object give way to the mark", async () => {
    await putRow(subject, { id: 1, metadata: [1] });
    expect((await cancel(subject.db, LATER, 1n)).metadataText).toBe(MARK);
  });

  test("without now the database's clock counts", async () => {
    const job = await add();
    expect((await cancel(subject.db, null, job.id)).finalizedAt).toBeGreaterThan(0n);
  });

  test("an id that no job has is not found, one that cannot be is invalid", async () => {
    const code = (id: bigint) => cancel(subject.db, NOW, id).catch((error) => error.code);
    expect(await code(1n)).toBe("not_found");
    expect(await code(1n << 63n)).toBe("invalid");
  });
});

test("clients that listen are told of each cancel of an unfinished job", async () => {
  const { url } = await freshDatabase(inject("postgresUrl"));
  const db = postgres(url);
  const client = new pg.Client({ connectionString: url });
  try {
    await migrate(db);
    await client.connect();
    const heard: [string, unknown][] = [];
    client.on("notification", ({ channel, payload = "" }) => {
      heard.push([channel, JSON.parse(payload)]);
    });
    await client.query('listen "public.river_control"');
    await insert(db, NOW, [{ kind: "k", queue: "a|b" }]);
    await cancel(db, NOW, 1n);
    await cancel(db, NOW, 1n);
    // Whatever was sent before the answer of a listener's own query has come by then.
    await client.query("select");
    expect(heard).toEqual([
      ["public.river_control", { action: "cancel", job_id: 1, queue: "a|b" }],
    ]);
  } finally {
    await client.end();
    await db.close();
  }
});
