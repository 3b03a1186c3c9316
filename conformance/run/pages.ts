import type { ListOp } from "../../spec/model/op.ts";
import type { Job } from "../../spec/model/state.ts";
import type { Reply } from "../adapter.ts";

/** One page of a list; `cursor` null: there is none to go on with. */
export type Page = Readonly<{ jobs: readonly Job[]; cursor: string | null }>;

/** Asks for the page at a cursor, or for the first one; the answer is a reply where there is no page. */
export type AskPage = (op: ListOp, cursor: string | null) => Promise<Page | Reply>;

/** How many jobs a page has where nothing is said. */
export const PAGE = 100;

/** The list whose cursor an operation offers: all jobs in that order, the first one only. */
export const offered = (op: ListOp): ListOp | null =>
  op.after === undefined || "job" in op.after
    ? null
    : { op: "list", now: op.now, orderBy: op.after.cursorOf, limit: 1 };

/** Follows the cursors until a page is short. A job that comes again ends it too: it would never end. */
export async function followPages(op: ListOp, ask: AskPage): Promise<Reply> {
  let cursor: string | null = null;
  const first = offered(op);
  if (first !== null) {
    const page = await ask(first, null);
    if ("op" in page) return page;
    cursor = page.cursor;
  }
  const pages: (readonly Job[])[] = [];
  const seen = new Set<number>();
  for (;;) {
    const page: Page | Reply = await ask(op, cursor);
    if ("op" in page) return page;
    if (page.jobs.length === 0) break;
    pages.push(page.jobs);
    ({ cursor } = page);
    const isAgain = page.jobs.some(({ id }) => seen.has(id));
    if (cursor === null || isAgain || page.jobs.length < (op.limit ?? PAGE)) break;
    for (const { id } of page.jobs) seen.add(id);
  }
  return { op: "list", pages };
}
