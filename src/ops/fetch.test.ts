import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { type FetchParams, fetch } from "./fetch.ts";
import { insert } from "./insert.ts";

const NOW = 1_893_456_000_000_001n;
const KEY = `\\x${"ab".repeat(32)}`;
const all = { queue: "default", limit: 100, client: "me" };

onBoth((subject) => {
  const ids = async (params: FetchParams = all) =>
    (await fetch(subject.db, NOW, params)).map(({ id }) => id);

  test("due jobs of the queue are taken in order, up to the limit", async () => {
    await insert(subject.db, NOW - 10n, [
      { kind: "k", priority: 2 },
      { kind: "k" },
      { kind: "k", queue: "other" },
      { kind: "k", scheduledAt: NOW - 20n },
      { kind: "k", pending: true },
      { kind: "k" },
    ]);
    await insert(subject.db, NOW - 15n, [{ kind: "k" }]);
    await insert(subject.db, NOW + 1n, [{ kind: "k" }]);
    expect(await ids({ ...all, limit: 0 })).toEqual([]);
    expect(await ids({ ...all, limit: 2 })).toEqual([7n, 2n]);
    expect(await ids()).toEqual([6n, 1n]);
    expect(await ids()).toEqual([]);
  });

  test("an attempt begins", async () => {
    const [inserted] = await insert(subject.db, NOW, [{ kind: "k", args: { a: 1 } }]);
    const [fetched] = await fetch(subject.db, NOW + 3n, all);
    expect(fetched).toEqual({
      ...inserted?.job,
      state: "running",
      attempt: 1,
      attemptedAt: NOW + 3n,
      attemptedBy: ["me"],
    });
  });

  test("the last hundred clients are kept", async () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);
    const name = (count: number) =>
      names(count)
        .map((each) => `"${each}"`)
        .join(",");
    await putRow(subject, { id: 1, attempted_by: `{${name(99)}}` });
    await putRow(subject, { id: 2, attempted_by: `{${name(100)}}` });
    await putRow(subject, { id: 3, attempted_by: `{${name(150)}}` });
    await putRow(subject, { id: 4, attempted_by: "[5:6]={a,b}" });
    await putRow(subject, { id: 5, attempted_by: "{{a,b},{c,d}}" });
    const fetched = await fetch(subject.db, NOW, all);
    expect(fetched.map(({ attemptedBy }) => attemptedBy)).toEqual([
      [...names(99), "me"],
      [...names(100).slice(1), "me"],
      [...names(150).slice(51), "me"],
      ["a", "b", "me"],
      ["a", "b", "c", "d", "me"],
    ]);
  });

  test("a row that could only raise an error does not stop the others", async () => {
    const legacy = { unique_key: KEY, unique_states: "01000000" };
    await putRow(subject, { id: 1, attempt: 32_767 });
    await putRow(subject, { id: 2, ...legacy });
    await putRow(subject, { id: 3, ...legacy });
    await putRow(subject, { id: 4 });
    expect(await ids()).toEqual([2n, 4n]);
    expect(await ids()).toEqual([]);
  });

  test("rows that others have locked are skipped", async () => {
    await insert(subject.db, NOW, [{ kind: "k" }, { kind: "k" }, { kind: "k" }]);
    if (!subject.isConcurrent) {
      expect(await ids({ ...all, limit: 2 })).toEqual([1n, 2n]);
      return;
    }
    await subject.db.begin(async (tx) => {
      expect((await fetch(tx, NOW, { ...all, limit: 1 })).map(({ id }) => id)).toEqual([1n]);
      expect(await ids({ ...all, limit: 1 })).toEqual([2n]);
    });
    expect(await ids()).toEqual([3n]);
  });

  test("jobs of other kinds are passed over before the limit counts, and not locked", async () => {
    await insert(subject.db, NOW, [{ kind: "a" }, { kind: "b" }, { kind: "c" }, { kind: "b" }]);
    const ofKinds = (...kinds: string[]) => ids({ ...all, limit: 1, kinds });
    expect(await ofKinds()).toEqual([]);
    expect(await ofKinds('b,"', "d")).toEqual([]);
    if (!subject.isConcurrent) {
      expect(await ofKinds("b", "c")).toEqual([2n]);
    } else {
      await subject.db.begin(async (tx) => {
        const [job] = await fetch(tx, NOW, { ...all, limit: 1, kinds: ["b", "c"] });
        expect(job?.id).toBe(2n);
        expect(await ofKinds("a")).toEqual([1n]);
      });
    }
    expect(await ofKinds("a")).toEqual(subject.isConcurrent ? [] : [1n]);
    expect(await ids()).toEqual([3n, 4n]);
  });

  // A plan made now would read all of the table again for each job, however many there will be.
  test.runIf(subject.isConcurrent)(
    "a plan made for an empty table is kept for few jobs only",
    async () => {
      await subject.db.begin(async (tx) => {
        await tx.query("analyze river_job", []);
        for (const expectsFew of [false, true]) {
          for (let i = 0; i < 8; i++) {
            expect(await fetch(tx, NOW, { ...all, expectsFew })).toEqual([]);
          }
        }
        const { rows } = await tx.query(
          `select statement not like '%generate_series%' as few, generic_plans > 0 as is_kept
         from pg_prepared_statements where statement like '%skip locked%' order by few`,
          [],
        );
        expect(rows).toEqual([
          { few: false, is_kept: false },
          { few: true, is_kept: true },
        ]);
      });
    },
  );

  test("without now the database's clock counts", async () => {
    await insert(subject.db, null, [{ kind: "k" }]);
    const [job] = await fetch(subject.db, null, all);
    expect(job?.attemptedAt).toBeGreaterThanOrEqual(job?.createdAt ?? 0n);
  });

  test.each([
    { ...all, limit: -1 },
    { ...all, limit: 1.5 },
    { ...all, limit: 2 ** 31 },
    { ...all, queue: "\0" },
    { ...all, client: "\ud800" },
    { ...all, kinds: ["a", "\0"] },
  ])("%j is refused", async (params) => {
    await expect(fetch(subject.db, NOW, params)).rejects.toMatchObject({ code: "invalid" });
  });
});
