import { type JsonNode, parseJson } from "./json.ts";
import type { JsonbText } from "./state.ts";

/** LST-6: `whole @> part` of two texts in the form of `jsonb`. */
export function contains(whole: JsonbText, part: JsonbText): boolean {
  const [left, right] = [parseJson(whole), parseJson(part)];
  if (left === null || right === null) return false;
  // At the top only, an array contains a scalar that is one of its items.
  const isItem = left.kind === "array" && isScalar(right);
  return isItem ? left.items.some((item) => isWithin(item, right)) : isWithin(left, right);
}

const isScalar = ({ kind }: JsonNode): boolean => kind !== "array" && kind !== "object";

function isWithin(whole: JsonNode, part: JsonNode): boolean {
  if (part.kind === "object") {
    if (whole.kind !== "object") return false;
    const members = new Map(whole.members);
    return part.members.every(([key, value]) => {
      const own = members.get(key);
      return own !== undefined && isWithin(own, value);
    });
  }
  if (part.kind === "array") {
    if (whole.kind !== "array") return false;
    return part.items.every((item) => whole.items.some((own) => isWithin(own, item)));
  }
  return whole.kind === part.kind && plain(whole) === plain(part);
}

/** Numbers are equal whatever zeros end their fractions. */
const plain = ({ kind, raw }: JsonNode): string =>
  kind === "number" && raw.includes(".") ? raw.replace(/\.?0+$/, "") : raw;
