import { QueueError } from "./errors.ts";

/** A clock on the wall. Months and days count from 1, weekdays from Sunday, which is 0. */
export type LocalTime = Readonly<
  Record<"year" | "month" | "day" | "hour" | "minute" | "second" | "weekday", number>
>;

/** A time zone. Instants are whole seconds since the Unix epoch. */
export interface Zone {
  local(at: number): LocalTime;
  /**
   * The instant of a local time, the weekday aside; a month 13 or a day 32 runs over. Of a time that comes twice or never it is the one
   * that Go's `time.Date` takes.
   */
  instant(local: LocalTime): number;
}

/** The zone of an IANA name, spelt as the database spells it; empty, `UTC` and `Local` are UTC. Throws `invalid` for any other. */
export function zoneOf(name: string): Zone {
  if (name === "" || name === "UTC" || name === "Local") return zoneWith(() => 0);
  const format = formatOf(name);
  return zoneWith((at) => {
    const parts = format.formatToParts(at * 1000);
    const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
    const [year, month, day] = [part("year"), part("month"), part("day")];
    const [hour, minute, second] = [part("hour"), part("minute"), part("second")];
    return secondsOf({ year, month, day, hour, minute, second }) - at;
  });
}

function zoneWith(offsetAt: (at: number) => number): Zone {
  return {
    local(at) {
      const date = new Date((at + offsetAt(at)) * 1000);
      return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        weekday: date.getUTCDay(),
      };
    },
    instant(local) {
      const asUtc = secondsOf(local);
      return asUtc - offsetAt(asUtc - offsetAt(asUtc));
    },
  };
}

function secondsOf(local: Omit<LocalTime, "weekday">): number {
  const date = new Date(0);
  date.setUTCFullYear(local.year, local.month - 1, local.day);
  date.setUTCHours(local.hour, local.minute, local.second);
  return date.getTime() / 1000;
}

/** Intl takes any case, and offsets such as `+01:00`; Go finds a zone by the name of its file. */
function formatOf(name: string): Intl.DateTimeFormat {
  const isPlausible = name.split("/").every((part) => /^[A-Z]/.test(part));
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      ...(isPlausible ? { timeZone: name } : { timeZone: "" }),
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const { timeZone } = format.resolvedOptions();
    if (timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()) return format;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new QueueError(
    "invalid",
    `time zone must be a name such as Europe/Berlin, but is ${JSON.stringify(name)}.`,
    { field: "cron" },
  );
}
