import { expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { ListOp } from "../../spec/model/op.ts";
import { EMPTY, type Job } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { lawOf } from "../law.ts";
import { followPages } from "./pages.ts";

const made = step(
  EMPTY,
  { op: "insert", now: 0, jobs: [{ id: 1 }, { id: 2 }, { id: 3 }] },
  lawOf(NEWEST),
);
const rows: readonly Job[] = [...made.state.jobs.values()];
const list: ListOp = { op: "list", now: 0, limit: 2 };

/** Pages whose cursor is the number of rows so far; `from` says where a cursor leads. */
const asked = (from: (cursor: number) => number) => {
  const cursors: (string | null)[] = [];
  const ask = async ({ limit = 100 }: ListOp, cursor: string | null) => {
    cursors.push(cursor);
    const start = cursor === null ? 0 : from(Number(cursor));
    const jobs = rows.slice(start, start + limit);
    return { jobs, cursor: jobs.length === 0 ? null : String(start + jobs.length) };
  };
  return { ask, cursors };
};

test("cursors are followed until a page is short", async () => {
  const { ask, cursors } = asked((cursor) => cursor);
  expect(await followPages(list, ask)).toEqual({
    op: "list",
    pages: [rows.slice(0, 2), rows.slice(2)],
  });
  expect(cursors).toEqual([null, "2"]);
});

test("after a last page that is full there is nothing", async () => {
  const { ask, cursors } = asked((cursor) => cursor);
  const reply = await followPages({ ...list, limit: 3 }, ask);
  expect(reply).toEqual({ op: "list", pages: [rows] });
  expect(cursors).toEqual([null, "3"]);
});

test("a job that comes again ends it", async () => {
  const { ask } = asked(() => 0);
  const page = rows.slice(0, 2);
  expect(await followPages(list, ask)).toEqual({ op: "list", pages: [page, page] });
});

test("the cursor of another list is asked for first", async () => {
  const { ask, cursors } = asked((cursor) => cursor);
  const reply = await followPages({ ...list, after: { cursorOf: "time" } }, ask);
  expect(reply).toEqual({ op: "list", pages: [rows.slice(1)] });
  expect(cursors).toEqual([null, "1", "3"]);
});

test("a refusal is the reply", async () => {
  const refused = { op: "refused", code: "invalid", message: "" } as const;
  expect(await followPages(list, async () => refused)).toBe(refused);
});
