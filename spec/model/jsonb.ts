import { compareBytes, type JsonNode, parseJson } from "./json.ts";
import type { JsonbText } from "./state.ts";

/** Postgres' numeric holds this many digits before the point. */
const MAX_INTEGER_DIGITS = 131_072;
const MAX_FRACTION_DIGITS = 16_383;
/** Zero takes any exponent that Postgres can read. */
const MAX_EXPONENT = 1_073_741_823;

/** What `text::jsonb::text` prints; null where Postgres refuses it: not JSON, `\u0000`, lone surrogates, numbers beyond numeric. */
export function jsonb(text: string): JsonbText | null {
  if (text === "{}") return text;
  const node = parseJson(text);
  return node === null ? null : print(node);
}

/** The top-level members of an object in the form of `jsonb`; null when it is not an object. */
export function membersOf(text: JsonbText): ReadonlyMap<string, JsonbText> | null {
  const node = parseJson(text);
  if (node?.kind !== "object") return null;
  return new Map(node.members.map(([key, value]) => [key, value.raw]));
}

/** `base || updates` for two objects: top-level members of `updates` replace those of `base`. A base that is not an object counts as an empty one. */
export function merge(base: JsonbText, updates: JsonbText): JsonbText {
  if (updates === "{}") return base;
  return ofMembers([...(membersOf(base) ?? []), ...(membersOf(updates) ?? [])]);
}

/** An object in the form of `jsonb`; the last of repeated keys wins. */
export function ofMembers(members: Iterable<readonly [string, JsonbText]>): JsonbText {
  const sorted = [...new Map(members)].sort(([a], [b]) => compareKeys(a, b));
  return `{${sorted.map(([key, value]) => `${quote(key)}: ${value}`).join(", ")}}`;
}

function print(node: JsonNode): string | null {
  switch (node.kind) {
    case "literal":
      return node.raw;
    case "number":
      return printNumber(node.raw);
    case "string":
      return isStorable(node.value) ? quote(node.value) : null;
    case "array": {
      const items = node.items.map(print);
      return items.includes(null) ? null : `[${items.join(", ")}]`;
    }
    case "object": {
      const members: [string, string][] = [];
      for (const [key, value] of node.members) {
        const printed = print(value);
        if (printed === null || !isStorable(key)) return null;
        members.push([key, printed]);
      }
      return ofMembers(members);
    }
  }
}

/** Shorter keys first, then by bytes: the order in which jsonb keeps members. */
function compareKeys(a: string, b: string): number {
  return byteLength(a) - byteLength(b) || compareBytes(a, b);
}

/** The length of the text in UTF-8. */
export function byteLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** Text that Postgres can keep: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A JSON string as jsonb prints it: only what must be escaped is. */
export function quote(text: string): string {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
    /["\\\u0000-\u001f]/g,
    (found) => ESCAPES[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** Postgres' numeric keeps trailing zeros of a fraction and writes no exponent. */
function printNumber(raw: string): string | null {
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw) ?? [];
  const exponent = Number(exponentText);
  if (exponent > 0 && exponent <= MAX_EXPONENT && /^0+$/.test(whole + fraction)) {
    const scale = Math.max(fraction.length - exponent, 0);
    return scale === 0 ? "0" : `0.${"0".repeat(scale)}`;
  }
  if (Math.abs(exponent) > MAX_INTEGER_DIGITS + MAX_FRACTION_DIGITS) return null;
  const point = whole.length + exponent;
  const digits = whole + fraction;
  const padded =
    point > 0 ? digits.padEnd(point, "0") : digits.padStart(digits.length - point, "0");
  const at = Math.max(point, 0);
  const integer = padded.slice(0, at).replace(/^0+(?=.)/, "") || "0";
  const scale = Math.max(fraction.length - exponent, 0);
  const rest = padded.slice(at).padEnd(scale, "0").slice(0, scale);
  if (integer.length > MAX_INTEGER_DIGITS || scale > MAX_FRACTION_DIGITS) return null;
  const isZero = /^0*$/.test(integer + rest);
  return `${isZero ? "" : sign}${integer}${rest === "" ? "" : `.${rest}`}`;
}
