import type { Micros } from "../../spec/model/state.ts";

const UNITS = [
  ["d", 86_400_000_000],
  ["h", 3_600_000_000],
  ["m", 60_000_000],
] as const;

/**
 * An instant since the origin, or a duration: `8d`, `25h`, `90s`, `-1s`, `30.000001s`. The largest unit that leaves no rest is
 * taken. What is no whole, safe number of microseconds is printed as such: `0.5us`.
 */
export function printMicros(time: Micros): string {
  if (!Number.isSafeInteger(time)) return `${printNumber(time)}us`;
  for (const [unit, size] of UNITS) {
    if (time !== 0 && time % size === 0) return `${time / size}${unit}`;
  }
  const digits = String(Math.abs(time)).padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "");
  return `${time < 0 ? "-" : ""}${digits.slice(0, -6)}${fraction && `.${fraction}`}s`;
}

/** Reads what `printMicros` prints, and any other whole count of a unit; null if the text is no time or not exact. */
export function parseMicros(text: string): Micros | null {
  const [, sign = "", whole = "", fraction = "", unit = ""] =
    /^(-?)(\d+)(?:\.(\d{1,6}))?([dhms])$/.exec(text) ?? [];
  if (unit === "") return text.endsWith("us") ? parseNumber(text.slice(0, -2)) : null;
  if (fraction !== "" && unit !== "s") return null;
  const size = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const count = Number(unit === "s" ? whole + fraction.padEnd(6, "0") : whole) * size;
  if (!Number.isSafeInteger(count)) return null;
  return sign === "" || count === 0 ? count : -count;
}

/** A finite number in the shortest decimal form that reads back as itself; without a plus sign, which separates words here. */
export function printNumber(value: number): string {
  return String(value).replace("e+", "e");
}

/** Reads a decimal number; null if the text is none or is beyond what a number can hold. Minus zero is zero. */
export function parseNumber(text: string): number | null {
  if (!/^-?\d+(\.\d+)?(e-?\d+)?$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value + 0 : null;
}
