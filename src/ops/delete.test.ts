import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { deleteJob } from "./delete.ts";
import { fetch } from "./fetch.ts";
import { get } from "./get.ts";
import { insert } from "./insert.ts";

const NOW = 1_893_456_000_000_000n;

onBoth((subject) => {
  const inserted = async () => {
    const [result] = await insert(subject.db, NOW, [
      { kind: "k", args: { a: 1 }, tags: ["two"], unique: { byArgs: true } },
    ]);
    if (result === undefined) throw new Error("A job must be inserted, but is not.");
    return result.job;
  };

  test("the row as it was is returned once, and its key is free", async () => {
    const job = await inserted();
    expect(await deleteJob(subject.db, job.id)).toEqual(job);
    await expect(deleteJob(subject.db, job.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(get(subject.db, job.id)).rejects.toMatchObject({ code: "not_found", field: "id" });
    expect((await inserted()).id).not.toBe(job.id);
  });

  test("a running job is refused and stays as it is", async () => {
    const { id } = await inserted();
    const [running] = await fetch(subject.db, NOW, { queue: "default", limit: 1, client: "c" });
    await expect(deleteJob(subject.db, id)).rejects.toMatchObject({ code: "running", field: "id" });
    expect(await get(subject.db, id)).toEqual(running);
  });

  test("an id beyond 64 bits is refused, one beyond 32 is not", async () => {
    const call = deleteJob(subject.db, 2n ** 63n);
    await expect(call).rejects.toMatchObject({ code: "invalid", field: "id" });
    await putRow(subject, { id: 2 ** 40 });
    expect((await deleteJob(subject.db, 2n ** 40n)).id).toBe(2n ** 40n);
  });

  test("of several sessions that delete one job exactly one gets it", async () => {
    const { id } = await inserted();
    const calls = Array.from({ length: 4 }, () =>
      deleteJob(subject.db, id).then(
        () => "deleted",
        (error) => error.code,
      ),
    );
    const ends = (await Promise.all(calls)).sort();
    expect(ends).toEqual(["deleted", "not_found", "not_found", "not_found"]);
  });

  // PGlite has one session, which cannot wait for another.
  if (subject.isConcurrent)
    test("what is fetched while the delete waits for it is running, and stays", async () => {
      const { id } = await inserted();
      let deleting: Promise<unknown> = Promise.resolve();
      await subject.db.begin(async (tx) => {
        await fetch(tx, NOW, { queue: "default", limit: 1, client: "c" });
        deleting = deleteJob(subject.db, id).catch((error) => error.code);
        await waiting();
      });
      expect(await deleting).toBe("running");
      expect((await get(subject.db, id)).state).toBe("running");
    });

  /** Until a session waits for another one's lock. */
  async function waiting(): Promise<void> {
    const sql =
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while ((await subject.db.query(sql, [])).rows.length === 0);
  }
});
