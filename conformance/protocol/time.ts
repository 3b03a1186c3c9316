import type { Micros } from "../../spec/model/state.ts";
import { ORIGIN } from "../adapter.ts";

const ORIGIN_US = BigInt(ORIGIN);
const SECOND_US = 1_000_000n;
const DAY_S = 86_400n;
const TIMESTAMP =
  /^(\d{4,6})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * RFC 3339 in UTC with microseconds, of an instant in whole microseconds since `ORIGIN`. Exact; years past 9999 get five digits,
 * which RFC 3339 does not know. Throws a `RangeError` before year 1, past year 999999, and for what is no whole number.
 */
export function timestampOf(instant: Micros): string {
  const micros = BigInt(instant) + ORIGIN_US;
  const second = floorDiv(micros, SECOND_US);
  const day = floorDiv(second, DAY_S);
  const { year, month, dayOfMonth } = civil(Number(day));
  if (year < 1 || year > 999_999) {
    throw new RangeError(`an instant must lie in the years 1 to 999999, but lies in ${year}.`);
  }
  const inDay = Number(second - day * DAY_S);
  const clock = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60];
  const date = `${pad(year, 4)}-${pad(month)}-${pad(dayOfMonth)}`;
  const fraction = pad(Number(micros - second * SECOND_US), 6);
  return `${date}T${clock.map((part) => pad(part)).join(":")}.${fraction}Z`;
}

/**
 * Microseconds since `ORIGIN` of an RFC 3339 instant with any offset; digits past microseconds are cut off. Null if the text is none.
 * Past 2^53 microseconds from `ORIGIN` (about 285 years) the nearest number that a double can hold.
 */
export function instantOf(timestamp: string): Micros | null {
  const match = TIMESTAMP.exec(timestamp);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const fields = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = fields;
  const days = daysOf(y, mo, d);
  const offset = /^[Zz]$/.test(zone) ? 0 : offsetSeconds(zone);
  if (days === null || offset === null || h > 23 || mi > 59 || s > 59) return null;
  const seconds = BigInt(days) * DAY_S + BigInt(h * 3600 + mi * 60 + s - offset);
  const micros = seconds * SECOND_US + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  return Number(micros - ORIGIN_US);
}

/** Microseconds since the Unix epoch, as Postgres counts them, as microseconds since `ORIGIN`. */
export function sinceOrigin(epochMicros: string): Micros {
  const number = Number(epochMicros);
  // A double holds it exactly for all instants that anybody stores: BigInt is ten times slower.
  if (Number.isSafeInteger(number)) return number - ORIGIN;
  return Number(BigInt(epochMicros) - ORIGIN_US);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; null if there is no such day. */
function daysOf(year: number, month: number, day: number): number | null {
  if (year < 1 || month < 1 || month > 12 || day < 1) return null;
  const days = civilDays(year, month, day);
  const back = civil(days);
  return back.month === month && back.dayOfMonth === day ? days : null;
}

/** Counted from 0000-03-01, so that a leap day is the last of its year. */
function civilDays(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const sinceMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * sinceMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + dayOfYear - 719_468;
}

function civil(days: number): { year: number; month: number; dayOfMonth: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const leapDays = Math.floor(doe / 1460) - Math.floor(doe / 36_524) + Math.floor(doe / 146_096);
  const yoe = Math.floor((doe - leapDays) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const sinceMarch = Math.floor((5 * doy + 2) / 153);
  const month = sinceMarch < 10 ? sinceMarch + 3 : sinceMarch - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, dayOfMonth: doy - Math.floor((153 * sinceMarch + 2) / 5) + 1 };
}

function offsetSeconds(zone: string): number | null {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1n : quotient;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, "0");
