import { parseDelay } from "./cron-delay.ts";
import { QueueError } from "./errors.ts";
import type { Micros } from "./time.ts";
import { type LocalTime, type Zone, zoneOf } from "./zone.ts";

/** When a periodic job runs. */
export interface CronSchedule {
  /** The first tick after the instant, on a whole second; null: none in the next five years, as for a 30th of February. */
  next(after: Micros): Micros | null;
}

/**
 * Reads an expression exactly as `ParseStandard` of robfig/cron 3.0.1, which River's periodic jobs are made with: five fields, a
 * descriptor such as `@daily`, or `@every 1h30m`, each behind an optional `TZ=` or `CRON_TZ=` zone. Without a zone it is UTC. Throws
 * `invalid`. Its own code: no cron library passes `spec/vectors/cron.json`, see CONTRIBUTING.md.
 */
export function parseCron(expression: string): CronSchedule {
  const [, name, rest = ""] = /^(?:CRON_)?TZ=([^ ]*)(.*)$/s.exec(expression) ?? [];
  if (name === undefined) return parseSchedule(expression, zoneOf("UTC"));
  if (rest === "") throw refusal(expression, "have fields behind its time zone");
  return parseSchedule(rest.replace(AROUND, ""), zoneOf(name));
}

const SPACE = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const AROUND = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const BETWEEN = new RegExp(SPACE);

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

function parseSchedule(text: string, zone: Zone): CronSchedule {
  if (text.startsWith("@every ")) return every(parseDelay(text.slice("@every ".length)));
  const known = Object.hasOwn(DESCRIPTORS, text) ? DESCRIPTORS[text] : undefined;
  if (known === undefined && text.startsWith("@")) {
    throw refusal(text, `be one of ${Object.keys(DESCRIPTORS).join(", ")} or @every`);
  }
  const fields = (known ?? text).split(BETWEEN).filter((field) => field !== "");
  const [minute, hour, day, month, weekday] = fields;
  if (weekday === undefined || !minute || !hour || !day || !month || fields.length > 5) {
    throw refusal(text, `have 5 fields, not ${fields.length}`);
  }
  return calendar(zone, {
    minute: parseField(minute, 0, 59),
    hour: parseField(hour, 0, 23),
    day: parseField(day, 1, 31),
    month: parseField(month, 1, 12, MONTHS),
    weekday: parseField(weekday, 0, 6, WEEKDAYS),
  });
}

const SECOND = 1_000_000n;

/** Counts from the instant, not from a tick, and cuts it down to the second. */
const every = (seconds: bigint): CronSchedule => ({
  next: (after) => secondOf(after) * SECOND + seconds * SECOND,
});

const secondOf = (at: Micros): bigint => (at - (((at % SECOND) + SECOND) % SECOND)) / SECOND;

/** What a field admits; `any` where it was a star, which matters for days: days and weekdays both named are alternatives. */
type Field = Readonly<{ values: ReadonlySet<number>; any: boolean }>;
type Names = readonly string[];

const MONTHS: Names = "- jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const WEEKDAYS: Names = "sun mon tue wed thu fri sat".split(" ");

function parseField(text: string, least: number, most: number, names: Names = []): Field {
  const ranges = text
    .split(",")
    .filter((range) => range !== "")
    .map((range) => parseRange(range, least, most, names));
  return {
    values: new Set(ranges.flatMap(({ values }) => [...values])),
    any: ranges.some(({ any }) => any),
  };
}

function parseRange(text: string, least: number, most: number, names: Names): Field {
  const [range = "", stepText, ...tooMany] = text.split("/");
  const [low = "", high, ...more] = range.split("-");
  const isStar = low === "*" || low === "?";
  // Whatever a hyphen joins to a star goes unread.
  if (tooMany.length > 0 || (more.length > 0 && !isStar)) {
    throw refusal(text, "be a number, a range or a star, with one step at most");
  }
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  const start = isStar ? least : parseNumber(low, names);
  const toTheEnd = isStar || (high === undefined && stepText !== undefined);
  const end = toTheEnd ? most : high === undefined ? start : parseNumber(high, names);
  if (start < least || end > most || start > end || step === 0) {
    throw refusal(text, `lie within ${least} to ${most}, rise, and have a step of at least 1`);
  }
  const values = new Set<number>();
  for (let value = start; value <= end; value += step) values.add(value);
  return { values, any: isStar && step === 1 };
}

function parseNumber(text: string, names: Names = []): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named;
  if (/^(?:\+?\d+|-0+)$/.test(text) && BigInt(text) < 2n ** 63n) return Number(text);
  throw refusal(text, "be a number or a name that its field knows");
}

const refusal = (text: string, rule: string): QueueError =>
  new QueueError("invalid", `cron expression must ${rule}, but is ${JSON.stringify(text)}.`, {
    field: "cron",
  });

type Fields = Readonly<Record<"minute" | "hour" | "day" | "month" | "weekday", Field>>;

/** How to look for one field: whether an instant fits, where its unit starts, the next one, and whether that entered a larger unit. */
type Search = Readonly<{
  fits(local: LocalTime): boolean;
  start(at: number): number;
  advance(at: number): number;
  wraps(local: LocalTime): boolean;
}>;

const YEARS = 5;

/**
 * Steps forward as robfig/cron does, by months, then days, hours, minutes and seconds, from the top again when a step enters the next
 * larger unit. That decides the days on which clocks change: an hour that is missing is skipped, one that comes twice ticks twice.
 */
function calendar(zone: Zone, fields: Fields): CronSchedule {
  const searches = searchesOf(zone, fields);
  const isEmpty = [fields.minute, fields.hour, fields.month].some(
    ({ values }) => values.size === 0,
  );
  return {
    next(after) {
      let at = Number(secondOf(after)) + 1;
      const limit = isEmpty ? Number.NEGATIVE_INFINITY : zone.local(at).year + YEARS;
      let isCut = false;
      fromTheTop: while (zone.local(at).year <= limit) {
        for (const search of searches) {
          while (!search.fits(zone.local(at))) {
            at = search.advance(isCut ? at : search.start(at));
            isCut = true;
            if (search.wraps(zone.local(at))) continue fromTheTop;
          }
        }
        return BigInt(at) * SECOND;
      }
      return null;
    },
  };
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

function searchesOf(zone: Zone, fields: Fields): readonly Search[] {
  const { minute, hour, day, month, weekday } = fields;
  const toMinute = (at: number) => at - (((at % MINUTE) + MINUTE) % MINUTE);
  return [
    {
      fits: (local) => month.values.has(local.month),
      start: (at) => zone.instant({ ...zone.local(at), day: 1, ...MIDNIGHT }),
      advance: (at) => zone.instant({ ...zone.local(at), month: zone.local(at).month + 1 }),
      wraps: (local) => local.month === 1,
    },
    {
      fits(local) {
        const [isDay, isWeekday] = [day.values.has(local.day), weekday.values.has(local.weekday)];
        return day.any || weekday.any ? isDay && isWeekday : isDay || isWeekday;
      },
      start: (at) => zone.instant({ ...zone.local(at), ...MIDNIGHT }),
      advance: (at) => nextDay(zone, at),
      wraps: (local) => local.day === 1,
    },
    {
      fits: (local) => hour.values.has(local.hour),
      start: (at) => zone.instant({ ...zone.local(at), minute: 0, second: 0 }),
      advance: (at) => at + HOUR,
      wraps: (local) => local.hour === 0,
    },
    {
      fits: (local) => minute.values.has(local.minute),
      start: toMinute,
      advance: (at) => at + MINUTE,
      wraps: (local) => local.minute === 0,
    },
    {
      fits: (local) => local.second === 0,
      start: (at) => at,
      advance: (at) => at + 1,
      wraps: (local) => local.second === 0,
    },
  ];
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0 } as const;

/** The next midnight, or what stands for one that clocks skip. A day that a zone left out would hold robfig/cron for ever; here it is passed. */
function nextDay(zone: Zone, at: number): number {
  const local = zone.local(at);
  const tomorrow = zone.instant({ ...local, day: local.day + 1 });
  const { hour } = zone.local(tomorrow);
  const midnight = tomorrow + (hour > 12 ? 24 - hour : -hour) * HOUR;
  return midnight > at ? midnight : at + DAY;
}
