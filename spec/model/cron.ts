import type { Micros } from "./state.ts";

const SECOND = 1_000_000;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** A date such as the 30th of February never comes. */
const MOST_DAYS = 5 * 366;

/**
 * The first tick of a schedule after an instant, both in microseconds since the run's origin; null if none comes. It reads `@every` with
 * one unit and, in UTC, five fields of stars, steps, numbers and lists of these: what the walks draw, worked out on its own rather than
 * by the parser that is under test. Anything else never ticks.
 */
export function nextTick(schedule: string, after: Micros, origin: Micros): Micros | null {
  const [, count, unit] = /^@every (\d+)([smh])$/.exec(schedule) ?? [];
  const second = Math.floor((after + origin) / SECOND);
  if (count !== undefined) {
    const seconds = Number(count) * (unit === "s" ? 1 : unit === "m" ? 60 : 3600);
    return (second + seconds) * SECOND - origin;
  }
  const fields = schedule.split(" ").map(readField);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) return null;
  let at = (Math.floor((second * 1000) / MINUTE) + 1) * MINUTE;
  const last = at + MOST_DAYS * DAY;
  while (at < last) {
    const date = new Date(at);
    const [onDay, onWeekday] = [day(date.getUTCDate()), weekday(date.getUTCDay())];
    // Days of the month and of the week are alternatives where both are restricted.
    const isDay = day.isAny || weekday.isAny ? onDay && onWeekday : onDay || onWeekday;
    if (!isDay || !month(date.getUTCMonth() + 1)) at = at - (at % DAY) + DAY;
    else if (hour(date.getUTCHours()) && minute(date.getUTCMinutes())) return at * 1000 - origin;
    else at += MINUTE;
  }
  return null;
}

type Field = ((value: number) => boolean) & Readonly<{ isAny: boolean }>;

/** Null for what is neither `*`, a step of it, nor a list of numbers. */
function readField(text: string): Field | null {
  const step = /^\*(?:\/(\d+))?$/.exec(text);
  if (step !== null) {
    const every = Number(step[1] ?? 1);
    return Object.assign((value: number) => value % every === 0, { isAny: true });
  }
  if (!/^\d+(,\d+)*$/.test(text)) return null;
  const numbers = text.split(",").map(Number);
  return Object.assign((value: number) => numbers.includes(value), { isAny: false });
}
