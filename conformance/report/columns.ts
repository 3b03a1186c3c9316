import { clip, showState, widthOf } from "./screen.ts";
import { withoutGlyph } from "./services.ts";
import type { Cell, Mark, StoryTable } from "./table.ts";

/** Longer names and texts in a cell are shortened. */
const CELL_WIDTH = 16;
/** What a step's text keeps of its line before columns are left out. */
const TEXT_WIDTH = 36;
/** What it keeps in any case. */
const LEAST_TEXT_WIDTH = 12;

/** A column of a story table: one cell per step, and the indices of those that are wrong. */
export type Column = Readonly<{
  of: Readonly<{ job?: number; key?: string; service?: string }>;
  head: string;
  cells: readonly string[];
  width: number;
  wrong: ReadonlySet<number>;
  /** The sign for a cell in which nothing changed. */
  unchanged: string;
}>;

/** The columns there is room for, and the width that is left to the steps. */
export type Fit = Readonly<{
  columns: readonly Column[];
  gap: number;
  textWidth: number;
  moreJobs: number;
  moreKeys: number;
  moreServices: number;
}>;

/** Whether a mark belongs to a column. */
export const isAt = (of: Column["of"], at: Exclude<Mark["at"], "step">): boolean =>
  "job" in at ? of.job === at.job : "key" in at ? of.key === at.key : of.service === at.service;

/** All columns of a story: jobs, then keys, then queues and the leader. */
export function columnsOf(table: StoryTable, ascii: boolean): readonly Column[] {
  const unchanged = ascii ? "." : "·";
  const jobs = table.jobs.map((job) => {
    const cells = table.steps.map((step) => show(step.cells.get(job)));
    return column({ job }, `#${job}`, cells);
  });
  const keys = table.keys.map((key) => {
    const cells = table.steps.map((step) => clip(step.keys.get(key) ?? "", CELL_WIDTH, ascii));
    return column({ key }, clip(`key ${key}`, CELL_WIDTH, ascii), cells);
  });
  const services = (table.services ?? []).map((service) => {
    const cells = table.steps.map((step) => step.services?.get(service) ?? "");
    const shown = cells.map((cell) => clip(ascii ? withoutGlyph(cell) : cell, CELL_WIDTH, ascii));
    return column({ service }, clip(service, CELL_WIDTH, ascii), shown);
  });
  return [...jobs, ...keys, ...services];

  function column(of: Column["of"], head: string, cells: readonly string[]): Column {
    const marks = table.marks.filter(({ at }) => at !== "step" && isAt(of, at));
    const wrong = new Set(marks.map(({ step }) => step));
    return { of, head, cells, width: Math.max(...[head, ...cells].map(widthOf)), wrong, unchanged };
  }

  function show(cell: Cell | undefined): string {
    if (cell === undefined) return "";
    if (cell === "unchanged") return unchanged;
    return typeof cell === "string" ? showState(cell, ascii) : clip(cell.text, CELL_WIDTH, ascii);
  }
}

/**
 * Fits columns beside texts of which the longest has `longest` characters: first with wide gaps, then with narrow ones, then with
 * wrapped texts, then without the last jobs, then without the last keys; marked ones only go if nothing else helps.
 */
export function fitColumns(all: readonly Column[], longest: number, room: number): Fit {
  for (const gap of [4, 3, 2]) {
    if (longest + taken(all, gap) <= room) return fitted(all, all, gap, longest);
  }
  let columns = all;
  while (Math.min(longest, TEXT_WIDTH) + taken(columns, 2) > room) {
    const victim = leastNeeded(columns);
    if (victim === undefined) break;
    columns = columns.filter((column) => column !== victim);
  }
  while (columns.length > 0 && LEAST_TEXT_WIDTH + taken(columns, 2) > room) {
    columns = columns.slice(0, -1);
  }
  const textWidth = Math.max(LEAST_TEXT_WIDTH, room - taken(columns, 2));
  return fitted(all, columns, 2, Math.min(longest, textWidth));
}

/** The last unmarked job if it is not the only one, else the last unmarked key. */
function leastNeeded(columns: readonly Column[]): Column | undefined {
  const jobs = columns.filter(({ of }) => of.job !== undefined);
  const keys = columns.filter(({ of }) => of.job === undefined);
  const job = jobs.length > 1 ? jobs.findLast(({ wrong }) => wrong.size === 0) : undefined;
  return job ?? keys.findLast(({ wrong }) => wrong.size === 0);
}

function taken(columns: readonly Column[], gap: number): number {
  return columns.reduce((sum, { width }) => sum + gap + width, 0);
}

function fitted(
  all: readonly Column[],
  columns: readonly Column[],
  gap: number,
  textWidth: number,
): Fit {
  const left = all.filter((column) => !columns.includes(column));
  const moreJobs = left.filter(({ of }) => of.job !== undefined).length;
  const moreKeys = left.filter(({ of }) => of.key !== undefined).length;
  const moreServices = left.length - moreJobs - moreKeys;
  return { columns, gap, textWidth, moreJobs, moreKeys, moreServices };
}
