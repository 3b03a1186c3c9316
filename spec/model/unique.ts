import { compareBytes, parseJson } from "./json.ts";
import { quote } from "./jsonb.ts";
import type { UniqueOptions } from "./op.ts";
import type { JobState, Micros } from "./state.ts";

/** What a unique key is made of. Instants are microseconds since the Unix epoch here, as periods are absolute. */
export type Identity = Readonly<{
  kind: string;
  args: string;
  queue: string;
  /** The instant whose period counts. */
  at: Micros;
}>;

/** INS-9 to INS-12: the text whose SHA-256, as lowercase hex, is the unique key; null when the args are no object. */
export function uniqueText(unique: UniqueOptions, job: Identity): string | null {
  let text = unique.excludeKind === true ? "" : `&kind=${job.kind}`;
  if (unique.byArgs === true) {
    const sorted = sortedMembers(job.args);
    if (sorted === null) return null;
    text += `&args=${sorted}`;
  }
  if (unique.byPeriod !== undefined) text += `&period=${periodOf(job.at, unique.byPeriod)}`;
  if (unique.byQueue === true) text += `&queue=${job.queue}`;
  return text;
}

/** INS-10: the top-level members by the bytes of their keys, each value's text untouched; the first of repeated keys. */
function sortedMembers(args: string): string | null {
  const node = parseJson(args);
  if (node?.kind === "array" && node.items.length === 0) return "{}";
  if (node?.kind !== "object") return null;
  const members = new Map<string, string>();
  for (const [key, value] of node.members) if (!members.has(key)) members.set(key, value.raw);
  const sorted = [...members].sort(([a], [b]) => compareBytes(a, b));
  return `{${sorted.map(([key, raw]) => `${encodeKey(key)}:${raw}`).join(",")}}`;
}

/** Whether args take more than copying into the key: members to sort or leave out, or keys that are no plain words. */
export function isOddlyEncoded(args: string): boolean {
  const node = parseJson(args);
  const isPlain = node?.kind === "object" && node.members.every(([key]) => /^[a-z]\w*$/i.test(key));
  return !isPlain || sortedMembers(args) !== args;
}

/** Plain ASCII keys (DEL among them) verbatim, any other as Go's encoding/json writes them. */
function encodeKey(key: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7f]*$/.test(key)) return `"${key}"`;
  return quote(key).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What River 0.10 and 0.11 hashed: the args as they were encoded, the period of the insertion, the states that count; the kind stood beside the key. */
export function textBeforeMasks(
  unique: UniqueOptions,
  job: Identity,
  states: readonly JobState[],
): string {
  let text = unique.byArgs === true ? `&args=${job.args}` : "";
  if (unique.byPeriod !== undefined) text += `&period=${periodOf(job.at, unique.byPeriod)}`;
  if (unique.byQueue === true) text += `&queue=${job.queue}`;
  return `${text}&state=${states.join(",")}`;
}

/** Microseconds from 0001-01-01T00:00:00Z to the Unix epoch: Go counts periods from there. */
const YEAR_ONE = 62_135_596_800_000_000n;

/** INS-11: the start of the period, RFC 3339 in UTC to the second. */
const periodOf = (at: Micros, period: Micros): string =>
  `${new Date(Math.floor(startOfPeriod(at, period) / 1000)).toISOString().slice(0, 19)}Z`;

/** INS-11: when the period began in which an instant lies; microseconds since the Unix epoch, as `at`. */
export function startOfPeriod(at: Micros, period: Micros): Micros {
  const since = BigInt(at) + YEAR_ONE;
  return Number(since - (since % BigInt(period)) - YEAR_ONE);
}
