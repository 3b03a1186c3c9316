import { QueueError } from "./errors.ts";
import { MAX_DEPTH, stringEnd } from "./jsonb.ts";

/** A member of a JSON object: its key without escapes, its value as it was written. */
export interface Member {
  readonly key: string;
  readonly raw: string;
}

/** The top-level members in the order of the text, repeated keys included; null if the text, which must be JSON, holds no object. */
export function splitObject(text: string): readonly Member[] | null {
  if (!/^[ \t\n\r]*\{/.test(text)) return null;
  const members: Member[] = [];
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    const keyEnd = stringEnd(text, at);
    const valueStart = text.indexOf(":", keyEnd) + 1;
    const valueStop = valueEnd(text, valueStart);
    const key: string = JSON.parse(text.slice(at, keyEnd));
    members.push({ key, raw: text.slice(valueStart, valueStop).trim() });
    at = valueStop;
  }
  return members;
}

/** The index of the comma or bracket after the value. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const character = text.charAt(at);
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    if (depth === 0 && (character === "," || character === "}")) return at;
    if (character === "}" || character === "]") depth -= 1;
    at += 1;
  }
  return text.length;
}

/** Whether the text, which must be JSON, is an array without elements. */
export const isEmptyArray = (text: string): boolean =>
  /^[ \t\n\r]*\[[ \t\n\r]*\][ \t\n\r]*$/.test(text);

/** The order of the UTF-8 bytes, which is Go's and, from U+10000 on, not JavaScript's. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
  }
  return a.length - b.length;
}

/** A JSON string as Go's encoding/json writes it: also `<`, `>`, `&`, U+2028 and U+2029 are escaped. */
export function encodeString(text: string): string {
  return escapeAsGo(JSON.stringify(text));
}

/** What Go escapes in a string beside what JavaScript does. */
const GO_ESCAPES = /[<>&\u2028\u2029]/g;

/** Looked for first, as most texts have none and a replacement takes longer. */
const escapeAsGo = (json: string): string =>
  json.search(GO_ESCAPES) === -1 ? json : json.replace(GO_ESCAPES, escaped);

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * JSON text of `value` as Go's encoding/json (1.26) would write the same data, so that the same args get the same unique key from every
 * client. Members keep JavaScript's order. A bigint is an integer, `toJSON` is honoured, a member that is undefined is left out; anything
 * else that JSON has no word for throws `invalid`.
 */
export function encodeArgs(value: unknown): string {
  return encodeJson(value, "args");
}

/** The same of other data; `field` is what an error names it. */
export function encodeJson(value: unknown, field: string): string {
  return isOrdinary(value, 0) ? escapeAsGo(JSON.stringify(value)) : encode(value, field, []);
}

/** Whether JSON.stringify, which is quicker, writes the value as `encode` does, but for `GO_ESCAPES`: what most args are. */
function isOrdinary(value: unknown, depth: number): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || depth === MAX_DEPTH || "toJSON" in value) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isOrdinary(item, depth + 1)) return false;
    return true;
  }
  if (tagOf(value) !== PLAIN) return false;
  const members = value as Readonly<Record<string, unknown>>;
  for (const key in members) {
    if (members[key] !== undefined && !isOrdinary(members[key], depth + 1)) return false;
  }
  return true;
}

function encode(value: unknown, path: string, around: object[]): string {
  switch (typeof value) {
    case "string":
      return encodeString(value);
    case "number":
      return encodeNumber(value, path);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : encodeObject(value, path, around);
    default:
      throw refusal(path, `must be a JSON value, but is ${typeof value}`);
  }
}

/** Go and JavaScript write the same shortest digits and take an exponent from the same sizes on; they differ in negative zero. */
function encodeNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw refusal(path, `must be a finite number, but is ${value}`);
  return Object.is(value, -0) ? "-0" : String(value);
}

function encodeObject(value: object, path: string, around: object[]): string {
  if (around.includes(value)) throw refusal(path, "must not hold itself, but does");
  if (around.length >= MAX_DEPTH) throw refusal("args", `must be nested ${MAX_DEPTH} deep at most`);
  around.push(value);
  try {
    if ("toJSON" in value && typeof value.toJSON === "function") {
      return encode(value.toJSON(""), path, around);
    }
    return Array.isArray(value)
      ? `[${Array.from(value, (item, at) => encode(item, `${path}[${at}]`, around)).join(",")}]`
      : encodeMembers(value, path, around);
  } finally {
    around.pop();
  }
}

function encodeMembers(value: object, path: string, around: object[]): string {
  const tag = tagOf(value);
  // A Map, a Set or a typed array would lose its content without a word.
  if (tag !== PLAIN) throw refusal(path, `must be a JSON value, but is ${tag}`);
  let members = "";
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const comma = members === "" ? "" : ",";
    members += `${comma}${encodeString(key)}:${encode(member, `${path}.${key}`, around)}`;
  }
  return `{${members}}`;
}

const PLAIN = "[object Object]";

const tagOf = (value: object): string => Object.prototype.toString.call(value);

const refusal = (path: string, why: string): QueueError =>
  new QueueError("invalid", `${path} ${why}. Give JSON data, or text as argsText.`, {
    field: "args",
  });
