import { expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";
import { onBoth, putRow, type Subject } from "../../conformance/database/on-both.ts";
import { postgres } from "../drivers/pg.ts";
import { QueueError } from "../errors.ts";
import { migrate } from "../migrate.ts";
import { type CleanParams, clean } from "./clean.ts";

const NOW = 1_893_456_000_000_000n;
const DAY = 86_400_000_000n;
const KEPT: CleanParams = { cancelled: DAY, completed: DAY, discarded: 7n * DAY, limit: 10 };
const START = "2030-01-01T00:00:00Z";

const put = (subject: Pick<Subject, "db">, id: number, state: string) =>
  putRow(subject as Subject, { id, state, finalized_at: START });

async function ids({ db }: Pick<Subject, "db">) {
  const { rows } = await db.query<{ id: string }>("select id::text from river_job order by 1", []);
  return rows.map(({ id }) => id).join(" ");
}

onBoth((subject) => {
  const run = (now: bigint, params: Partial<CleanParams> = {}) =>
    clean(subject.db, now, { ...KEPT, ...params });

  test("each state is kept for its own time, strictly, and for ever with -1", async () => {
    await put(subject, 1, "cancelled");
    await put(subject, 2, "completed");
    await put(subject, 3, "discarded");
    await putRow(subject, { id: 4, scheduled_at: "2020-01-01T00:00:00Z" });
    expect(await run(NOW + DAY)).toBe(0);
    expect(await run(NOW + DAY + 1n, { cancelled: -1n })).toBe(1);
    expect(await ids(subject)).toBe("1 3 4");
    expect(await run(NOW + 8n * DAY)).toBe(2);
    expect(await run(NOW + 99n * DAY, { cancelled: 0n, completed: 0n, discarded: 0n })).toBe(0);
    expect(await ids(subject)).toBe("4");
  });

  test("the limit counts only what is past its retention, by id", async () => {
    await put(subject, 1, "discarded");
    for (const id of [4, 3, 2]) await put(subject, id, "completed");
    expect(await run(NOW + 2n * DAY, { limit: 2 })).toBe(2);
    expect(await ids(subject)).toBe("1 4");
  });

  test.each<[string, Partial<CleanParams>]>([
    ["cancelled", { cancelled: -2n }],
    ["completed", { completed: 9_223_372_036_854_776n }],
    ["discarded", { discarded: 1 as never }],
    ["limit", { limit: 0 }],
  ])("%s out of range is refused", async (field, params) => {
    const error = await run(NOW, params).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: "invalid", field });
  });

  test("without a time it is the database's", async () => {
    await put(subject, 1, "completed");
    await putRow(subject, { id: 2, state: "completed", finalized_at: "2020-01-01T00:00:00Z" });
    expect(await clean(subject.db, null, KEPT)).toBe(1);
  });
});

test("a job that is just being retried is not deleted, nor waited for", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const db = postgres(fresh.url);
  try {
    await migrate(db);
    await put({ db }, 1, "completed");
    await put({ db }, 2, "completed");
    await db.begin(async (tx) => {
      await tx.query(
        "update river_job set state = 'available', finalized_at = null where id = 1",
        [],
      );
      expect(await clean(db, NOW + 2n * DAY, KEPT)).toBe(1);
    });
    expect(await clean(db, NOW + 2n * DAY, KEPT)).toBe(0);
    expect(await ids({ db })).toBe("1");
  } finally {
    await db.close();
    await fresh.drop();
  }
});
