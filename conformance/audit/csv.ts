import { rfc3339 } from "./duration.ts";
import type { ListedRow } from "./list.ts";

const INSTANT = /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/;

/** Instants as RFC 3339, everything else as it is. */
export const cellOf = (value: string | null): string | null =>
  value !== null && INSTANT.test(value) ? rfc3339(value) : value;

/** A line of CSV as RFC 4180 has it, with the line break of Unix. Null is nothing. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => quoted(cellOf(cell) ?? "")).join(",")}\n`;
}

const quoted = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** The cells of a row in the order of `columns`. */
export const cellsOf = (row: ListedRow, columns: readonly string[]): readonly (string | null)[] =>
  columns.map((column) => row[column] ?? null);
