import { availableParallelism, cpus, totalmem } from "node:os";
import type { Rounds } from "./rounds.ts";
import { median } from "./stage.ts";

/** What is to be reached: the least ratio. */
export type Goal = Readonly<{ least: number }>;

/** One line of the table. Without a ratio it is only told, or `other` says why it could not be measured. */
export interface Line {
  readonly what: string;
  readonly weir: string;
  readonly other: string;
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** How many times better the first is than the other, by the median of their rounds' ratios; what they show is the median of each. */
export function compare(
  what: string,
  own: Rounds | undefined,
  other: Rounds | undefined,
  show: (value: number) => string,
  goal?: Goal,
): Line {
  if (own === undefined || other === undefined) throw new Error(`${what} must have been measured.`);
  const ratios = own.rounds.map((value, round) => (other.rounds[round] ?? Number.NaN) / value);
  return {
    what,
    weir: show(median(own.rounds)),
    other: `${other.name} ${show(median(other.rounds))}`,
    ratio: median(ratios),
    ...(goal !== undefined && { goal }),
  };
}

/** Milliseconds as how many a second, of so many. */
export const perSecond =
  (count: number) =>
  (ms: number): string =>
    `${Math.round((count * 1000) / ms).toLocaleString("en-US")}/s`;

/** With as many digits as say something. */
export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;

/** Aligned, with what was missed marked. */
export function table(lines: readonly Line[]): string {
  const rows = [
    ["", "Weir", "against", "ratio", "goal", ""],
    ...lines.map(({ what, weir, other, ratio, goal }) => [
      what,
      weir,
      other,
      ratio === undefined ? "" : ratio.toFixed(2),
      goal === undefined ? "" : `≥ ${goal.least}`,
      goal === undefined || ratio === undefined || ratio >= goal.least ? "" : "missed",
    ]),
  ];
  const widths =
    rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, at) =>
      at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    );
  return rows.map((row) => `  ${line(row).join("  ")}`.trimEnd()).join("\n");
}

/** When and where, in words. */
export function about(postgresVersion: string): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${availableParallelism()} cores of ${model}, ${memory} GB · Node ${process.versions.node} · Postgres ${postgresVersion} with its own settings`;
}
