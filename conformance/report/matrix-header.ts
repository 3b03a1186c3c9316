import type { Column } from "./report-columns.ts";
import { clip, fill, SCREEN_WIDTH, widthOf } from "./screen.ts";

/** Where the columns of a matrix stand on a screen. */
export type MatrixLayout = Readonly<{
  /** Lines above the rows. */
  head: readonly string[];
  /** The width of what stands before the cells, indent included. */
  label: number;
  /** Whether versions stand upright, a few places wide. */
  isNarrow: boolean;
  /** A row: its label and a text for each column. */
  line: (label: string, cells: readonly string[]) => string;
}>;

const INDENT = 2;
/** What a rule's id and the start of its sentence need. */
const LABEL_LEAST = 38;

type Head = Readonly<{ family: string; version: string }>;

const headOf = ({ report: { header } }: Column): Head => {
  const family = /^([a-z][a-z-]*)@/.exec(header.name)?.[1] ?? header.adapter;
  return { family, version: header.version };
};

/** How many columns a screen has room for side by side; the others go into a table below. */
export const COLUMNS_MOST = Math.floor((SCREEN_WIDTH - LABEL_LEAST) / 3);

/** Whole versions where they fit; else `0.12.1` stands upright as 12 above .1, and what all have in front is said once. */
export function layoutOf(columns: readonly Column[], ascii: boolean): MatrixLayout {
  const heads = columns.map(headOf);
  const families = [...new Set(heads.map(({ family }) => family))];
  return wide(heads, families, ascii) ?? narrow(heads, families, ascii);
}

function wide(
  heads: readonly Head[],
  families: readonly string[],
  ascii: boolean,
): MatrixLayout | null {
  const isFirst = (i: number) => heads[i]?.family !== heads[i - 1]?.family;
  const isLast = (i: number) => heads[i]?.family !== heads[i + 1]?.family;
  const widths: number[] = [];
  for (const [i, { family, version }] of heads.entries()) {
    const start = heads.findLastIndex((_, j) => j <= i && isFirst(j));
    const before = widths.slice(start).reduce((sum, each) => sum + each, 0);
    const own = Math.max(widthOf(version) + 1, 4);
    // The last column of a family makes room for its name.
    const needed = families.length > 1 && isLast(i) ? widthOf(family) + 1 - before : 0;
    widths.push(Math.max(own, needed));
  }
  const label = SCREEN_WIDTH - widths.reduce((sum, each) => sum + each, 0);
  if (label < LABEL_LEAST) return null;
  const versions = heads.map(({ version }, i) => fill(` ${version}`, widths[i] ?? 0)).join("");
  const line = (text: string, cells: readonly string[]) =>
    labelled(text, label, ascii) +
    cells
      .map((cell, i) => centred(cell, widthOf(heads[i]?.version ?? "") + 1, widths[i] ?? 0))
      .join("");
  const names = heads.map(({ family }, i) => {
    const own = heads.flatMap((each, j) => (each.family === family ? [widths[j] ?? 0] : []));
    return isFirst(i)
      ? fill(
          ` ${family}`,
          own.reduce((sum, each) => sum + each, 0),
        )
      : "";
  });
  const [only = ""] = families;
  return {
    head:
      families.length === 1
        ? [(labelled(only, label, ascii) + versions).trimEnd()]
        : [names.join(""), versions].map((each) => (" ".repeat(label) + each).trimEnd()),
    label,
    isNarrow: false,
    line,
  };
}

function narrow(heads: readonly Head[], families: readonly string[], ascii: boolean): MatrixLayout {
  const fronts = families.map((family) => frontOf(heads.filter((each) => each.family === family)));
  const stacks = heads.map(({ family, version }) => {
    const front = fronts[families.indexOf(family)] ?? "";
    const [first = "", ...others] = version.slice(front.length).split(".");
    const pieces = [first, ...others.map((piece) => `.${piece}`)].map((each) => clip(each, 4));
    return families.length > 1 ? [letterOf(families.indexOf(family)), ...pieces] : pieces;
  });
  const width = Math.max(3, ...stacks.flat().map((piece) => widthOf(piece) + 1));
  const label = SCREEN_WIDTH - heads.length * width;
  const depth = Math.max(...stacks.map((stack) => stack.length));
  const names = families.map((family, i) => {
    const said = `${family} ${fronts[i]}`.trimEnd();
    return families.length > 1 ? `${letterOf(i)} ${said}` : said;
  });
  const line = (text: string, cells: readonly string[]) =>
    labelled(text, label, ascii) + cells.map((cell) => fill(cell, width, "before")).join("");
  const rows = Array.from({ length: depth }, (_, i) => stacks.map((stack) => stack[i] ?? ""));
  // Of several implementations each has a line of its own: their names do not fit beside one another.
  const above = families.length > 1 ? names.map((name) => `${" ".repeat(INDENT)}${name}`) : [];
  const [only = ""] = names;
  return {
    head: [
      ...above,
      ...rows.map((row, i) => line(i === 0 && families.length === 1 ? only : "", row)),
    ],
    label,
    isNarrow: true,
    line,
  };
}

const letterOf = (index: number): string => String.fromCharCode("a".charCodeAt(0) + index);

/** `0.`, where all versions begin so; else nothing. */
function frontOf(heads: readonly Head[]): string {
  const [first = ""] = heads.map(({ version }) => /^\d+\./.exec(version)?.[0] ?? "");
  return heads.every(({ version }) => version.startsWith(first)) ? first : "";
}

const labelled = (text: string, width: number, ascii: boolean): string =>
  fill(" ".repeat(INDENT) + clip(text, width - INDENT - 1, ascii), width);

/** In the middle of the version's place; the rest of a wider column stays free. */
function centred(cell: string, place: number, width: number): string {
  const before = Math.max(1, Math.ceil((place - widthOf(cell)) / 2));
  return fill(`${" ".repeat(before)}${cell}`, width);
}
