import { QueueError } from "./errors.ts";
import type { JobState } from "./job.ts";
import { compareBytes, encodeString, isEmptyArray, type Member, splitObject } from "./json.ts";
import { type Micros, secondsText, YEAR_ONE } from "./time.ts";

/** What makes a job unique. Only what is named enters the key; the kind does unless excluded. */
export interface UniqueOptions {
  /**
   * All args, or only those at the given paths: keys joined by dots, a dot or backslash within a key escaped by a backslash. A path that
   * the args lack is passed over. Paths lead through objects, never into arrays.
   */
  readonly byArgs?: boolean | readonly string[];
  /** At least a second; periods are counted from year 1, and the one of scheduledAt (else of now) is meant. */
  readonly byPeriod?: Micros;
  readonly byQueue?: boolean;
  /** The states in which the job holds its key; must include available, pending, running and scheduled. Empty means the default. */
  readonly byState?: readonly JobState[];
  readonly excludeKind?: boolean;
}

/** The states in which a unique job holds its key unless told otherwise: all but cancelled and discarded. */
export const DEFAULT_UNIQUE_STATES: readonly JobState[] = [
  "available",
  "completed",
  "pending",
  "retryable",
  "running",
  "scheduled",
];

/** What a unique key is made of. `at` is the instant whose period counts. */
export interface UniqueIdentity {
  readonly kind: string;
  readonly argsText: string;
  readonly queue: string;
  readonly at: Micros;
}

/** Whether the options ask for anything; River takes options that say nothing for none. */
export const isUnique = (options: UniqueOptions): boolean =>
  options.byArgs === true ||
  typeof options.byArgs === "object" ||
  options.byPeriod !== undefined ||
  options.byQueue === true ||
  options.byState !== undefined ||
  options.excludeKind === true;

/**
 * The text whose SHA-256 is the unique key, byte for byte that of River's Go client 0.51. The options must have been checked, and the args be
 * JSON; throws `invalid` if they are to count but are not an object.
 */
export function uniqueKeyText(options: UniqueOptions, of: UniqueIdentity): string {
  const { byArgs, byPeriod, byQueue, excludeKind } = options;
  let text = excludeKind === true ? "" : `&kind=${of.kind}`;
  if (byArgs !== undefined && byArgs !== false) text += `&args=${argsPart(byArgs, of.argsText)}`;
  if (byPeriod !== undefined) text += `&period=${periodStart(of.at, byPeriod)}`;
  if (byQueue === true) text += `&queue=${of.queue}`;
  return text;
}

function argsPart(byArgs: true | readonly string[], argsText: string): string {
  const members = isEmptyArray(argsText) ? [] : splitObject(argsText);
  if (members === null) {
    throw new QueueError(
      "invalid",
      `args must be an object to be unique by args, but are ${argsText.slice(0, 40)}. Wrap them in one.`,
      { field: "args" },
    );
  }
  if (byArgs === true) return objectText(sorted(firstOfEach(members)));
  const nested = select(members, byArgs);
  return nested.size === 0 ? "" : treeText(nested);
}

function firstOfEach(members: readonly Member[]): Map<string, string> {
  const first = new Map<string, string>();
  for (const { key, raw } of members) if (!first.has(key)) first.set(key, raw);
  return first;
}

const sorted = (members: ReadonlyMap<string, string>): [string, string][] =>
  [...members].sort(([a], [b]) => compareBytes(a, b));

const objectText = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([key, raw]) => `${keyText(key)}:${raw}`).join(",")}}`;

/** Verbatim while its bytes are 0x20 to 0x7f without quote and backslash; `<`, `>` and `&` are escaped only where another character forces encoding. */
function keyText(key: string): string {
  return /^[\x20\x21\x23-\x5b\x5d-\x7f]*$/.test(key) ? `"${key}"` : encodeString(key);
}

/** Selected values by key, nested as they are in the args, in the order they were selected. */
type Tree = Map<string, string | Tree>;

function select(members: readonly Member[], paths: readonly string[]): Tree {
  const tree: Tree = new Map();
  for (const path of inRiversOrder(paths)) {
    const raw = lookUp(members, path);
    if (raw !== null) graft(tree, path, raw);
  }
  return tree;
}

/** By the keys joined with dots, unescaped; the path itself decides where a key with a dot makes two of them alike. */
function inRiversOrder(paths: readonly string[]): (readonly string[])[] {
  const order = (a: string, b: string) =>
    compareBytes(splitPath(a).join("."), splitPath(b).join(".")) || compareBytes(a, b);
  return [...new Set(paths)].sort(order).map(splitPath);
}

const splitPath = (path: string): string[] =>
  path.split(/(?<=(?:^|[^\\])(?:\\\\)*)\./).map((key) => key.replaceAll(/\\([\s\S])/g, "$1"));

/** Of repeated keys the first that the path goes on from. */
function lookUp(members: readonly Member[], [key, ...rest]: readonly string[]): string | null {
  for (const member of members) {
    if (member.key !== key) continue;
    const found = rest.length === 0 ? member.raw : lookUp(splitObject(member.raw) ?? [], rest);
    if (found !== null) return found;
  }
  return null;
}

/** A path below one that was selected adds nothing: its value is there already. */
function graft(tree: Tree, path: readonly string[], raw: string): void {
  let level = tree;
  for (const key of path.slice(0, -1)) {
    const next = level.get(key) ?? new Map();
    if (typeof next === "string") return;
    level.set(key, next);
    level = next;
  }
  level.set(path.at(-1) ?? "", raw);
}

const treeText = (tree: Tree): string =>
  objectText(
    [...tree].map(([key, value]) => [key, typeof value === "string" ? value : treeText(value)]),
  );

function periodStart(at: Micros, period: Micros): string {
  const start = at - ((at - YEAR_ONE) % period);
  return `${secondsText(start)}Z`;
}
