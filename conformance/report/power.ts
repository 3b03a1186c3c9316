import type { Column } from "./report-columns.ts";
import type { RunReport } from "./run-report.ts";
import { countOf } from "./summary.ts";

/** When a run found a rule that it had not found before; sequence 0 is the tour. */
type Find = Readonly<{ rule: string; sequence: number; seconds: number }>;

/** How soon a run found the rules that it found by itself: the later the last one, the more there may be to find. */
export type Power = Readonly<{
  /** How many rules, broken or different by design. */
  rules: number;
  /** Null where it found none. */
  first: Find | null;
  last: Find | null;
}>;

/** What a run found by walks of its own; a story of another implementation that was run here says nothing of that. */
export function powerOf({ findings }: RunReport): Power {
  const own = findings
    .filter(({ kind, from, steps }) => kind !== "unclear" && from === undefined && steps !== null)
    .toSorted((a, b) => a.sequence - b.sequence || a.seconds - b.seconds);
  const finds = own
    .filter(({ rule }, i) => own.findIndex((each) => each.rule === rule) === i)
    .map(({ rule, sequence, seconds }) => ({ rule, sequence, seconds }));
  return { rules: finds.length, first: finds[0] ?? null, last: finds.at(-1) ?? null };
}

/** `300 sequences each: the first rule found in sequence 1 to 3, the last in 88 to 260`; null where nothing was found. */
export function powerSentence(columns: readonly Column[]): string | null {
  const powers = columns.map(({ report }) => powerOf(report));
  const range = (pick: (power: Power) => Find | null) => {
    const all = powers.flatMap((power) => pick(power)?.sequence ?? []);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return least === most ? `${most}` : `${least} to ${most}`;
  };
  const most = Math.max(0, ...columns.map(({ report }) => report.footer.sequences));
  if (most === 0 || powers.every(({ rules }) => rules === 0)) return null;
  const each = columns.length > 1 ? " each" : "";
  return `${countOf(most, "sequence")}${each}: the first rule found in sequence ${range(({ first }) => first)}, the last in ${range(({ last }) => last)}`;
}

/** A table: for each column its rules, and the sequence and the second in which the first and the last of them were found. */
export function printPower(columns: readonly Column[]): readonly string[] {
  const width = Math.max(...columns.map(({ label }) => label.length), 5) + 2;
  const cell = (text: string | number, size: number) => String(text).padStart(size);
  const find = (one: Find | null) =>
    one === null
      ? cell("–", 22)
      : `${cell(one.sequence, 5)} ${cell(`${one.seconds.toFixed(1)} s`, 8)}  ${one.rule.padEnd(6)}`;
  return [
    `  ${"found".padEnd(width)}rules   first: sequence, rule   last: sequence, rule`,
    ...columns.map(({ report, label }) => {
      const { rules, first, last } = powerOf(report);
      return `  ${label.padEnd(width)}${cell(rules, 5)}  ${find(first)}  ${find(last)}`.trimEnd();
    }),
  ];
}
