/** As deep as Weir lets JSON be nested. Postgres' own limit depends on its stack, and PGlite 0.5 does not survive reaching it (about 5,000). */
export const MAX_DEPTH = 1000;

/** Postgres' numeric holds this many digits before the point, and after it. */
const MAX_INTEGER_DIGITS = 131_072;
const MAX_FRACTION_DIGITS = 16_383;
/** Zero takes any exponent that Postgres can read. */
const MAX_EXPONENT = 1_073_741_823;

/** Whether Postgres can keep the text: it takes no NUL, and half of a surrogate pair has no UTF-8. */
export function isStorable(text: string): boolean {
  if (text.includes("\0")) return false;
  // Most text has no surrogates at all, and to see that is quicker than to see that they are paired.
  return !/[\ud800-\udfff]/.test(text) || !/\p{Surrogate}/u.test(text);
}

/** What keeps a text from being cast to `jsonb`, as the end of a sentence ("… but holds a lone surrogate"); null if nothing does. */
export function whyNotJsonb(text: string): string | null {
  if (!isStorable(text)) return "holds NUL or half of a surrogate pair";
  try {
    JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  // Only an escape, an exponent, sheer length or depth can make JSON too much for jsonb; most args have none of these.
  return isShortAndPlain(text) && !/\d[eE]/.test(text) ? null : whyNotTokens(text);
}

/** Whether nothing can keep JSON text from being cast to `jsonb` whose numbers are as JavaScript writes them, and its characters escaped where they must be. */
export const isShortAndPlain = (text: string): boolean =>
  text.length <= 2 * MAX_DEPTH && !text.includes("\\u");

function whyNotTokens(text: string): string | null {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.charAt(at);
    if (first === '"') {
      const end = stringEnd(text, at);
      if (!isStorableString(text.slice(at, end))) return "escapes NUL or half of a surrogate pair";
      at = end;
    } else if (first === "-" || (first >= "0" && first <= "9")) {
      const end = numberEnd(text, at);
      if (!isNumeric(text.slice(at, end))) return "holds a number that Postgres' numeric cannot";
      at = end;
    } else {
      if (first === "{" || first === "[") depth += 1;
      if (first === "}" || first === "]") depth -= 1;
      if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH}`;
      at += 1;
    }
  }
  return null;
}

/** The index after the string that starts at `start`. The text must be JSON. */
export function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character === "\\") at += 1;
  }
  return text.length;
}

function numberEnd(text: string, start: number): number {
  const pattern = /[-+.\deE]*/y;
  pattern.lastIndex = start;
  pattern.exec(text);
  return pattern.lastIndex;
}

const isStorableString = (raw: string): boolean =>
  !raw.includes("\\u") || isStorable(JSON.parse(raw));

function isNumeric(raw: string): boolean {
  const [, whole = "", fraction = "", exponentText = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw) ?? [];
  const exponent = Number(exponentText);
  if (/^0+$/.test(whole + fraction) && exponent > 0) return exponent <= MAX_EXPONENT;
  if (Math.abs(exponent) > MAX_INTEGER_DIGITS + MAX_FRACTION_DIGITS) return false;
  if (fraction.length - exponent > MAX_FRACTION_DIGITS) return false;
  const significant = (whole + fraction).replace(/^0+/, "").length;
  return significant === 0 || significant - fraction.length + exponent <= MAX_INTEGER_DIGITS;
}
