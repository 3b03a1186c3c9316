import type { JsonbText } from "./state.ts";

const LEAST = -(2n ** 63n);
/** One below the largest 64-bit integer: the next snooze still fits. */
const MOST = 2n ** 63n - 2n;

/** What counts as a number in a string; one longer than this is none. */
const NUMERIC =
  /^([-+]?)(?:(\d{1,400})|(\d{1,200})\.(\d{0,200})|\.(\d{1,200}))(?:e([-+]?\d{1,3}))?$/i;
/** A number as JSONB prints it. */
const NUMBER = /^(-?)(\d+)(?:\.\d+)?$/;

/** FIN-10: the snoozes that a member of the metadata counts, as a 64-bit integer that has room for one more. */
export function countOf(value: JsonbText): bigint {
  if (value === "true") return 1n;
  if (!value.startsWith('"')) {
    const [, sign = "", whole = "0"] = NUMBER.exec(value) ?? [];
    return clamp(sign, whole);
  }
  const text: string = JSON.parse(value);
  const [, sign = "", alone = "", before = "", after = "", only = "", exponent = "0"] =
    NUMERIC.exec(text) ?? [];
  const digits = `${alone}${before}${after}${only}`;
  const point = alone.length + before.length + Number(exponent);
  return clamp(sign, digits.padEnd(point, "0").slice(0, Math.max(point, 0)));
}

function clamp(sign: string, digits: string): bigint {
  const size = BigInt(digits === "" ? "0" : digits);
  const count = sign === "-" ? -size : size;
  return count < LEAST ? LEAST : count > MOST ? MOST : count;
}
