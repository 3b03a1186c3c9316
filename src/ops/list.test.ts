import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { deleteMany } from "./delete-many.ts";
import { fetch } from "./fetch.ts";
import { get } from "./get.ts";
import { insert } from "./insert.ts";
import { cursorAfter, type ListParams, list } from "./list.ts";

const NOW = 1_893_456_000_000_000n;

onBoth((subject) => {
  const put = (id: number, more: object = {}) => putRow(subject, { id, ...more });
  const ids = async (params: ListParams = {}) =>
    (await list(subject.db, params)).jobs.map(({ id }) => Number(id));
  const running = (second: number) => ({
    state: "running",
    attempted_at: `2030-01-01T00:00:0${second}Z`,
  });

  /** All pages, from cursor to cursor. */
  async function pages(params: ListParams): Promise<number[][]> {
    const found: number[][] = [];
    for (let after: string | null = null; ; ) {
      const page = await list(subject.db, { ...params, after });
      if (page.cursor === null) return found;
      found.push(page.jobs.map(({ id }) => Number(id)));
      after = page.cursor;
    }
  }

  test("cursors lead through ties and nulls, in both directions", async () => {
    await put(1);
    await put(2, running(2));
    await put(3, running(1));
    await put(4);
    await put(5, running(2));
    const params = { orderBy: "time", states: ["running", "available"] } as const;
    expect((await pages({ ...params, limit: 1 })).flat()).toEqual([3, 2, 5, 1, 4]);
    expect(await pages({ ...params, limit: 2 })).toEqual([[3, 2], [5, 1], [4]]);
    const down = { ...params, descending: true };
    expect((await pages({ ...down, limit: 1 })).flat()).toEqual([4, 1, 5, 2, 3]);
    expect(await pages({ ...down, limit: 3 })).toEqual([
      [4, 1, 5],
      [2, 3],
    ]);
  });

  test("times that are infinite have their place", async () => {
    await put(1, { scheduled_at: "infinity" });
    await put(2, { scheduled_at: "-infinity" });
    await put(3);
    expect(await pages({ orderBy: "scheduled_at", limit: 1 })).toEqual([[2], [3], [1]]);
  });

  test("ids beyond 2⁵³ keep their digits", async () => {
    await subject.db.query("select setval('river_job_id_seq', 9007199254740993, false)", []);
    const inserted = await insert(subject.db, NOW, [{ kind: "k" }, { kind: "k" }]);
    const { cursor } = await list(subject.db, { limit: 1 });
    const { jobs } = await list(subject.db, { after: cursor });
    expect(jobs).toEqual([inserted[1]?.job]);
  });

  test("filters are combined, and an empty one is none", async () => {
    await put(1, { kind: "a", queue: "q", priority: 2, tags: "{one,two}" });
    await put(2, { kind: "b", queue: "q", priority: 2, tags: "{two}", metadata: { a: { b: 1 } } });
    await put(3, { kind: "b", priority: 3, ...running(1) });
    expect(await ids({ kinds: [], states: [], tagsAll: [] })).toEqual([1, 2, 3]);
    expect(await ids({ kinds: ["a", "b"], queues: ["q"], priorities: [2] })).toEqual([1, 2]);
    expect(await ids({ ids: [2n, 3n, 9n], states: ["running"] })).toEqual([3]);
    expect(await ids({ tagsAll: ["two", "one"] })).toEqual([1]);
    expect(await ids({ tagsAny: ["one", "two"], metadata: '{"a": {}}' })).toEqual([2]);
  });

  test("a list can begin after a job", async () => {
    await put(1, running(2));
    await put(2);
    await put(3, running(1));
    const params = { orderBy: "time", states: ["running", "available"] } as const;
    const after = cursorAfter(await get(subject.db, 3n), params);
    expect(await ids({ ...params, after })).toEqual([1, 2]);
    expect(await ids({ ...params, after, descending: true })).toEqual([]);
  });

  test.each<[string, ListParams, string]>([
    ["no limit", { limit: 0 }, "limit"],
    ["a limit too large", { limit: 10_001 }, "limit"],
    ["metadata that are no JSON", { metadata: "{" }, "metadata"],
    [
      "unfinished states by finalized_at",
      { orderBy: "finalized_at", states: ["running"] },
      "states",
    ],
    ["an unknown order", { orderBy: "kind" as never }, "orderBy"],
    ["an unknown state", { states: ["gone" as never] }, "states"],
    ["a cursor that is none", { after: "e30=" }, "after"],
    ["half a surrogate pair", { kinds: ["\ud800"] }, "kinds"],
  ])("refused: %s", async (_, params, field) => {
    await expect(list(subject.db, params)).rejects.toMatchObject({ code: "invalid", field });
  });

  test("a cursor of another order is refused, also that of another state's time", async () => {
    await put(1);
    const { cursor: after } = await list(subject.db, { orderBy: "time" });
    const refused = { code: "invalid", field: "after" };
    const as = (params: ListParams) => list(subject.db, { ...params, after });
    await expect(as({})).rejects.toMatchObject(refused);
    await expect(as({ orderBy: "scheduled_at" })).rejects.toMatchObject(refused);
    await expect(as({ orderBy: "time", states: ["running"] })).rejects.toMatchObject(refused);
    expect((await as({ orderBy: "time", states: ["pending"] })).jobs).toEqual([]);
  });

  test("many are deleted by id, none that runs", async () => {
    for (const id of [1, 2, 3, 4, 5]) await put(id, { queue: id === 2 ? "other" : "default" });
    await fetch(subject.db, NOW, { queue: "other", limit: 1, client: "c" });
    const before = (await list(subject.db)).jobs;
    const deleted = await deleteMany(subject.db, { all: true, limit: 2 });
    expect(deleted).toEqual([before[0], before[2]]);
    expect(await ids()).toEqual([2, 4, 5]);
  });

  // PGlite has one session.
  if (subject.isConcurrent)
    test("none is deleted that another session has locked", async () => {
      for (const id of [1, 2]) await put(id);
      await subject.db.begin(async (tx) => {
        await fetch(tx, NOW, { queue: "default", limit: 1, client: "c" });
        const deleted = await deleteMany(subject.db, { all: true });
        expect(deleted.map(({ id }) => id)).toEqual([2n]);
      });
      expect(await ids()).toEqual([1]);
    });

  test("a delete of many is refused without a filter, or with all and one", async () => {
    await put(1);
    for (const params of [{}, { ids: [] }, { all: true, ids: [1n] }]) {
      const call = deleteMany(subject.db, params);
      await expect(call).rejects.toMatchObject({ code: "invalid", field: "all" });
    }
    const call = deleteMany(subject.db, { all: true, limit: 0 });
    await expect(call).rejects.toMatchObject({ code: "invalid", field: "limit" });
    expect(await ids()).toEqual([1]);
  });
});
