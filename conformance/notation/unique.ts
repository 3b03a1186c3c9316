import type { UniqueOptions } from "../../spec/model/op.ts";
import { JOB_STATES, type JobState } from "../../spec/model/state.ts";
import { isKey, type Scanner } from "./scanner.ts";
import { parseMicros, printMicros } from "./time.ts";

/** River's states of uniqueness if none are given: all but cancelled and discarded. */
const DEFAULT_STATES = JOB_STATES.filter((state) => state !== "cancelled" && state !== "discarded");

/** The uniqueness of a job: its options, and its args if they were said as a key. */
export type KeyedUnique = Readonly<{ unique: UniqueOptions; args?: string }>;

/** The key `A` that stands for the args `{"key":"A"}`, or null if the args are other ones. */
export function keyOfArgs(args: string | undefined): string | null {
  const key = /^\{"key":"(\w+)"\}$/.exec(args ?? "")?.[1] ?? "";
  return isKey(key) ? key : null;
}

/** What stands after `unique`: `A`, `A by args+queue`, `by period 15m except retryable`; null if there are no words for it. */
export function printUnique(unique: UniqueOptions, key: string | null): string | null {
  if ([unique.byArgs, unique.byQueue, unique.excludeKind].includes(false)) return null;
  const states = unique.byState === undefined ? "" : printStates(unique.byState);
  if (states === null) return null;
  const dimensions = printDimensions(unique);
  if (key === null) return ` by ${dimensions}${states}`;
  return dimensions === "args" ? ` ${key}${states}` : ` ${key} by ${dimensions}${states}`;
}

/** Reads what stands after `unique`. A key alone is unique by its args. */
export function parseUnique(scanner: Scanner): KeyedUnique {
  const key = scanner.takeKey();
  let unique: UniqueOptions = { byArgs: true };
  if (scanner.take("by")) unique = parseDimensions(scanner);
  else if (key === null) throw scanner.unexpected();
  const byState = parseStates(scanner);
  return {
    unique: byState === null ? unique : { ...unique, byState },
    ...(key !== null && { args: JSON.stringify({ key }) }),
  };
}

function printDimensions(unique: UniqueOptions): string {
  const dimensions = [
    ...(unique.byArgs ? ["args"] : []),
    ...(unique.byQueue ? ["queue"] : []),
    ...(unique.byPeriod === undefined ? [] : [`period ${printMicros(unique.byPeriod)}`]),
    ...(unique.excludeKind ? ["any kind"] : []),
  ];
  return dimensions.length === 0 ? "nothing" : dimensions.join("+");
}

function parseDimensions(scanner: Scanner): UniqueOptions {
  if (scanner.take("nothing")) return {};
  let unique: UniqueOptions = {};
  do {
    switch (scanner.oneOf("a part of the key", ["args", "queue", "period", "any", "nothing"])) {
      case "args":
        unique = { ...unique, byArgs: true };
        break;
      case "queue":
        unique = { ...unique, byQueue: true };
        break;
      case "period":
        unique = { ...unique, byPeriod: parsePeriod(scanner) };
        break;
      case "any":
        scanner.expect("kind");
        unique = { ...unique, excludeKind: true };
        break;
      case "nothing":
        throw scanner.error("nothing must stand alone, but follows a part of the key");
    }
  } while (scanner.take("+"));
  return unique;
}

function parsePeriod(scanner: Scanner): number {
  const period = scanner.takeAs("a duration such as 15m", parseMicros);
  if (period === null) throw scanner.unexpected();
  return period;
}

/** Only lists in the enum's order and without repetition have words. */
function printStates(states: readonly JobState[]): string | null {
  const ordered = JOB_STATES.filter((state) => states.includes(state));
  if (states.length === 0 || ordered.join() !== states.join()) return null;
  const missing = DEFAULT_STATES.filter((state) => !states.includes(state));
  const exceptFits = missing.length > 0 && missing.length + states.length === DEFAULT_STATES.length;
  if (exceptFits && missing.length < states.length) return ` except ${missing.join(" ")}`;
  return ` in ${states.join(" ")}`;
}

function parseStates(scanner: Scanner): readonly JobState[] | null {
  if (scanner.take("in")) return parseStateList(scanner, JOB_STATES);
  if (!scanner.take("except")) return null;
  const missing = parseStateList(scanner, DEFAULT_STATES);
  return DEFAULT_STATES.filter((state) => !missing.includes(state));
}

/** The order in which states are listed has no meaning to a reader, so they are read into the enum's. */
function parseStateList(scanner: Scanner, states: readonly JobState[]): readonly JobState[] {
  const listed = new Set([scanner.oneOf("a state of the key", states)]);
  for (;;) {
    const state = scanner.takeOne(states.filter((candidate) => !listed.has(candidate)));
    if (state === null) return states.filter((candidate) => listed.has(candidate));
    listed.add(state);
  }
}
