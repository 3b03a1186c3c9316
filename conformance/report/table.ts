import { JOB_STATES, type JobState, type Micros } from "../../spec/model/state.ts";
import { printMicros } from "../notation/time.ts";
import { columnsOf, type Fit, fitColumns, isAt } from "./columns.ts";
import { fill, NO_PAINT, type Paint, SCREEN_WIDTH, showState, widthOf, wrap } from "./screen.ts";

/** A job after a step: its state, `unchanged`, or any other short text, such as what stands for a duplicate. */
export type Cell = JobState | "unchanged" | Readonly<{ text: string }>;

/** Jobs by label, keys by name, services such as `queue default`; a job that does not exist yet has no cell, a key's cell is its holder: `#1`, `free`. */
export type TableStep = Readonly<{
  at: Micros;
  text: string;
  cells: ReadonlyMap<number, Cell>;
  keys: ReadonlyMap<string, string>;
  services?: ReadonlyMap<string, string>;
}>;

/** What differs: a job's, a key's or a service's cell, or the step itself. `must` is a state or any text that follows "must be". */
export type Mark = Readonly<{
  /** The step's index. */
  step: number;
  at:
    | Readonly<{ job: number }>
    | Readonly<{ key: string }>
    | Readonly<{ service: string }>
    | "step";
  /** The job's column that differs, as in the database; absent for its state. */
  column?: string;
  must: string;
}>;

/** A story, ready to be laid out. Jobs and keys are columns in the order given, the ones that matter first. */
export type StoryTable = Readonly<{
  steps: readonly TableStep[];
  jobs: readonly number[];
  keys: readonly string[];
  services?: readonly string[];
  marks: readonly Mark[];
  /** The index of the step somebody is looking at. */
  current?: number;
}>;

/** How a table is drawn; indentation and width in characters, by default 4 and 88. */
export type TableLook = Readonly<{
  indent?: number;
  width?: number;
  /** Words only, nothing outside ASCII. */
  ascii?: boolean;
  paint?: Paint;
}>;

type Canvas = Fit & Required<TableLook> & Readonly<{ timeWidth: number; textStart: number }>;

/**
 * A story's lines: time goes down, one line per step (a long step is wrapped), a column per job, then one per key, per queue and for the leader, and a line
 * below each cell that differs. Columns that do not fit are left out, the last unmarked ones first.
 */
export function printTable(table: StoryTable, look: TableLook = {}): readonly string[] {
  const canvas = layOut(table, look);
  const lines = table.steps.flatMap((step, i) => [
    ...stepLines(canvas, step, i, table.current === i),
    ...table.marks.filter((mark) => mark.step === i).flatMap((mark) => markLines(canvas, mark)),
  ]);
  const head = canvas.columns.length === 0 ? [] : [headLine(canvas)];
  return [...head, ...lines, ...moreLine(canvas)].map((line) => line.trimEnd());
}

function layOut(table: StoryTable, look: TableLook): Canvas {
  const { indent = 4, width = SCREEN_WIDTH, ascii = false, paint = NO_PAINT } = look;
  const timeWidth = Math.max(3, ...table.steps.map(({ at }) => widthOf(printMicros(at))));
  const textStart = indent + timeWidth + 3;
  const longest = Math.max(0, ...table.steps.map(({ text }) => widthOf(text)));
  const fit = fitColumns(columnsOf(table, ascii), longest, width - textStart);
  return { ...fit, indent, width, ascii, paint, timeWidth, textStart };
}

function headLine({ columns, gap, textStart, textWidth }: Canvas): string {
  const names = columns.map(({ head, width }) => " ".repeat(gap) + fill(head, width));
  return " ".repeat(textStart + textWidth) + names.join("");
}

function stepLines(canvas: Canvas, step: TableStep, i: number, current: boolean): string[] {
  const { columns, gap, indent, paint, textStart, textWidth, timeWidth } = canvas;
  const [first = "", ...rest] = wrap(step.text, textWidth, textWidth - 2);
  const cells = columns.map(({ cells, width, wrong, unchanged }) => {
    const cell = cells[i] ?? "";
    const painted = wrong.has(i) ? paint.red(cell) : cell === unchanged ? paint.dim(cell) : cell;
    return " ".repeat(gap) + painted + " ".repeat(width - widthOf(cell));
  });
  const pointer = current ? fill(canvas.ascii ? ">" : "▸", 2) : "";
  const start = fill(pointer, indent, "before");
  const time = fill(printMicros(step.at), timeWidth, "before");
  return [
    `${start}${time}   ${fill(first, textWidth)}${cells.join("")}`,
    ...rest.map((line) => `${" ".repeat(textStart + 2)}${line}`),
  ];
}

/** To the right of the arrow, else to its left, else below the step and by name: whatever fits. */
function markLines(canvas: Canvas, mark: Mark): string[] {
  const { ascii, paint, textStart, width } = canvas;
  const arrow = ascii ? "^" : "↑";
  const state = JOB_STATES.find((one) => one === mark.must);
  const must = state === undefined ? mark.must : showState(state, ascii);
  const subject = mark.column === undefined ? "" : `${mark.column} `;
  const text = `${subject}must be ${must}`;
  const painted = `${subject}must be ${paint.green(must)}`;
  const at = startOf(canvas, mark);
  if (at !== null && at + 2 + widthOf(text) <= width)
    return [`${" ".repeat(at)}${arrow} ${painted}`];
  const left = (at ?? 0) - 1 - widthOf(text);
  if (at !== null && left >= textStart) return [`${" ".repeat(left)}${painted} ${arrow}`];
  const named = `${arrow} ${nameOf(mark)}${text}`;
  const [first = "", ...rest] = wrap(named, width - textStart, width - textStart - 2);
  return [first, ...rest.map((line) => `  ${line}`)].map((line) => " ".repeat(textStart) + line);
}

/** Where the marked cell begins; null if it has no column here. */
function startOf({ columns, gap, textStart, textWidth }: Canvas, { at }: Mark): number | null {
  if (at === "step") return textStart;
  let start = textStart + textWidth + gap;
  for (const { of, width } of columns) {
    if (isAt(of, at)) return start;
    start += width + gap;
  }
  return null;
}

function nameOf({ at }: Mark): string {
  if (at === "step") return "";
  if ("service" in at) return `${at.service} `;
  return "job" in at ? `#${at.job} ` : `key ${at.key} `;
}

function moreLine(canvas: Canvas): string[] {
  const { ascii, indent, moreJobs, moreKeys, moreServices, paint } = canvas;
  const parts = [
    ...(moreJobs > 0 ? [`${moreJobs} more job${moreJobs === 1 ? "" : "s"}`] : []),
    ...(moreKeys > 0 ? [`${moreKeys} more key${moreKeys === 1 ? "" : "s"}`] : []),
    ...(moreServices > 0 ? [`${moreServices} more column${moreServices === 1 ? "" : "s"}`] : []),
  ];
  if (parts.length === 0) return [];
  return [" ".repeat(indent) + paint.dim(`${ascii ? "..." : "…"} and ${parts.join(" and ")}`)];
}
