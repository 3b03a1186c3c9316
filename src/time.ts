import { QueueError } from "./errors.ts";

/** Microseconds since the Unix epoch, as exact as Postgres keeps time. */
export type Micros = bigint;

/** 0001-01-01T00:00:00Z, from where Go counts periods; also the first instant that a call may name. */
export const YEAR_ONE: Micros = -62_135_596_800_000_000n;

/** 9999-12-31T23:59:59.999999Z, beyond which RFC 3339 has no name for an instant. */
const LAST: Micros = 253_402_300_799_999_999n;

/** 2⁶³ − 1 nanoseconds in whole microseconds, the longest duration of River's Go client. */
export const LONGEST: Micros = 9_223_372_036_854_775n;

/** What an infinite timestamp of a row is read as; its negative stands for -infinity. */
export const INFINITE: Micros = 9_223_372_036_854_775_807n;

/** The client's clock; it ticks in milliseconds. */
export const clientNow = (): Micros => BigInt(Date.now()) * 1000n;

/** The instant as text for a `timestamptz`, six decimals, UTC. Throws `invalid` outside the years 1 to 9999, naming `field`. */
export function timestampText(at: Micros, field: string): string {
  if (typeof at !== "bigint" || at < YEAR_ONE || at > LAST) {
    throw new QueueError(
      "invalid",
      `${field} must be in microseconds from year 1 to year 9999, but is ${at}.`,
      { field },
    );
  }
  if (at !== latest.at) {
    const micros = ((at % 1_000_000n) + 1_000_000n) % 1_000_000n;
    latest = { at, text: `${secondsText(at)}.${micros.toString().padStart(6, "0")}Z` };
  }
  return latest.text;
}

/** What was written last: all that one fetch brought has the same attempted_at. */
let latest: { readonly at: Micros | null; readonly text: string } = { at: null, text: "" };

/** RFC 3339 in UTC, cut down to the second, without the zone. */
export function secondsText(at: Micros): string {
  const micros = ((at % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return new Date(Number((at - micros) / 1000n)).toISOString().slice(0, 19);
}

/** Reads `extract(epoch from …)::text`, which Postgres writes with six decimals since version 14; infinities become the ends of int64. */
export function readEpoch(text: string): Micros {
  const known = read.get(text);
  if (known !== undefined) return known;
  const micros = parseEpoch(text);
  if (read.size >= MOST_READ) read.clear();
  read.set(text, micros);
  return micros;
}

/** What was read lately: four to every row, and jobs that were inserted or fetched together have theirs in common. */
const read = new Map<string, Micros>();
const MOST_READ = 16;

function parseEpoch(text: string): Micros {
  const point = text.length - 7;
  if (text.charAt(point) === ".") return BigInt(text.slice(0, point) + text.slice(point + 1));
  if (text === "Infinity") return INFINITE;
  if (text === "-Infinity") return -INFINITE;
  const [, sign = "", seconds = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const micros = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
  return sign === "-" ? -micros : micros;
}

/** An RFC 3339 instant with any number of decimals, cut down to the microsecond; null if it is not one. */
export function readRfc3339(text: string): Micros | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const millis = Date.parse(`${parts?.[1]}${parts?.[3]}`);
  if (parts === null || Number.isNaN(millis)) return null;
  return BigInt(millis) * 1000n + BigInt((parts[2] ?? "").padEnd(6, "0").slice(0, 6));
}
