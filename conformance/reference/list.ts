import type { Step } from "../../spec/model/effect.ts";
import { list as listModel } from "../../spec/model/list.ts";
import type { DeleteManyOp, JobFilter, ListOp } from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import type { JobFilter as QueueFilter } from "../../src/filter.ts";
import { deleteMany } from "../../src/ops/delete-many.ts";
import { get } from "../../src/ops/get.ts";
import { cursorAfter, list } from "../../src/ops/list.ts";
import type { Names, Reply } from "../adapter.ts";
import { type AskPage, followPages, offered, PAGE, type Page } from "../run/pages.ts";
import { idOf, jobOf, micros } from "./row.ts";

const idsOf = ({ ids }: JobFilter, names: Names): Pick<QueueFilter, "ids"> =>
  ids === undefined ? {} : { ids: ids.map((label) => idOf(label, names)) };

async function runDeleteMany(db: Db, op: DeleteManyOp, names: Names): Promise<Reply> {
  const { op: name, now: _, ids: __, ...params } = op;
  const jobs = await deleteMany(db, { ...params, ...idsOf(op, names) });
  return { op: name, jobs: jobs.map(jobOf) };
}

/** What the model says of a list: what was there, and what must be answered. */
export type Foreseen = Readonly<{ before: State; expected: Step }>;

/** Deletes many on the reference, or lists from cursor to cursor; where what must be answered is foreseen, all pages at once. */
export function runOnMany(
  db: Db,
  op: DeleteManyOp | ListOp,
  names: Names,
  foreseen: Foreseen | null,
): Promise<Reply> {
  if (op.op === "delete_many") return runDeleteMany(db, op, names);
  return foreseen === null ? follow(db, op, names) : askAtOnce(db, op, names, foreseen);
}

const follow = (db: Db, op: ListOp, names: Names): Promise<Reply> =>
  followPages(op, async (asked, cursor) => {
    const { after } = asked;
    if (cursor !== null || after === undefined || !("job" in after)) {
      return pageOf(db, asked, cursor, names);
    }
    const job = await get(db, idOf(after.job, names));
    return pageOf(db, asked, cursorAfter(job, asked), names);
  });

async function pageOf(db: Db, op: ListOp, after: string | null, names: Names): Promise<Page> {
  const { op: _, now: __, after: ___, ids: ____, ...params } = op;
  const { jobs, cursor } = await list(db, { ...params, ...idsOf(op, names), after });
  return { jobs: jobs.map(jobOf), cursor };
}

/**
 * Like `follow`, with all pages asked for at once, at the cursors that the reference must give. Rejects where it gives others: then only
 * following them shows where they lead.
 */
async function askAtOnce(
  db: Db,
  op: ListOp,
  names: Names,
  { before, expected }: Foreseen,
): Promise<Reply> {
  const { after } = op;
  const { answer } = expected;
  const first = offered(op);
  if (after !== undefined && "job" in after && !before.jobs.has(after.job)) {
    await get(db, idOf(after.job, names));
    throw new Error("The job must not be there, but is.");
  }
  const cursorOf = (label: number | undefined, by: ListOp): string | null => {
    const job = label === undefined ? undefined : before.jobs.get(label);
    if (job === undefined) return null;
    const { id, scheduledAt, attemptedAt, finalizedAt, ...rest } = job;
    const time = (at: number | null) => (at === null ? null : micros(at));
    const placed = {
      ...rest,
      id: idOf(id, names),
      scheduledAt: micros(scheduledAt),
      attemptedAt: time(attemptedAt),
      finalizedAt: time(finalizedAt),
    };
    return cursorAfter(placed, by);
  };
  const ask: AskPage = (asked, cursor) => pageOf(db, asked, cursor, names);
  const firstOwed = first === null ? null : listModel(before, first).answer;
  const label = firstOwed?.op === "list" ? firstOwed.pages[0]?.[0] : undefined;
  const offer = first === null ? null : { page: ask(first, null), cursor: cursorOf(label, first) };
  const start =
    after !== undefined && "job" in after ? cursorOf(after.job, op) : (offer?.cursor ?? null);
  const owed = answer.op === "list" ? answer.pages : [];
  const isFull = owed.length === 0 || owed.at(-1)?.length === (op.limit ?? PAGE);
  const cursors = owed.map((page) => cursorOf(page.at(-1), op));
  const asked = [start, ...(isFull ? cursors : cursors.slice(0, -1))];
  const offers = offer === null ? [] : [offer.page];
  const told = await Promise.all([...asked.map((cursor) => ask(op, cursor)), ...offers]);
  const pages = told.slice(0, asked.length);
  const foreseen = [
    ...cursors,
    ...(isFull ? [null] : []),
    ...(offer === null ? [] : [offer.cursor]),
  ];
  const isForeseen = told.every((page, i) => !("op" in page) && page.cursor === foreseen[i]);
  if (!isForeseen) throw new Error("The cursors must be those foreseen, but are not.");
  const rows = pages.flatMap((page) => ("op" in page ? [] : [page.jobs]));
  return { op: "list", pages: rows.filter((jobs) => jobs.length > 0) };
}
