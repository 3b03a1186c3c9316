const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** How long, in the largest unit and the next: `41 d`, `3 d 21 h`, `5 min 2 s`. */
export function lengthOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const at = UNITS.findIndex(([, size]) => whole >= size);
  const [unit, size] = UNITS[at] ?? ["s", 1];
  const [nextUnit, nextSize] = UNITS[at + 1] ?? ["", 0];
  const count = Math.floor(whole / size);
  const rest = nextSize === 0 ? 0 : Math.floor((whole % size) / nextSize);
  return rest === 0 || count >= 10 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${nextUnit}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Postgres' text of an instant in UTC as RFC 3339; `infinity` stays as it is. */
export const rfc3339 = (text: string): string => text.replace(" ", "T").replace(/\+00(:00)?$/, "Z");

/** `20 Nov 09:14`, with seconds if asked; the year is told by whoever needs it. */
export function shortTime(text: string, withSeconds = false): string {
  const [, month, day, time] = /^\d+-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  if (month === undefined || day === undefined || time === undefined) return text;
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${withSeconds ? time : time.slice(0, 5)}`;
}

/** Milliseconds since the Unix epoch of Postgres' text of an instant in UTC; infinite where it is. */
export function millisOf(text: string): number {
  if (text.endsWith("infinity"))
    return text === "infinity" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return Date.parse(rfc3339(text));
}
