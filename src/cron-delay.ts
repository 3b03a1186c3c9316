import { QueueError } from "./errors.ts";

const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const LONGEST = 2n ** 63n - 1n;
const TERM = /(?=\.?\d)(\d*)(?:\.(\d*))?([^\d.]+)/y;

/** A duration as Go's `time.ParseDuration` reads it, such as `1h30m` or `1.5s`, in whole seconds, cut down, at least one. Throws `invalid`. */
export function parseDelay(text: string): bigint {
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  const terms = text.slice(sign.length);
  if (terms === "0") return 1n;
  let total = 0n;
  TERM.lastIndex = 0;
  do {
    const [, whole = "", fraction = "", unit = ""] = TERM.exec(terms) ?? [];
    const nanos = Object.hasOwn(NANOS, unit) ? NANOS[unit] : undefined;
    if (nanos === undefined) throw refusal(text);
    total += BigInt(whole) * nanos + partOf(fraction, nanos);
    if (total > LONGEST + (sign === "-" ? 1n : 0n)) throw refusal(text);
  } while (TERM.lastIndex < terms.length);
  const seconds = sign === "-" ? 0n : total / 1_000_000_000n;
  return seconds < 1n ? 1n : seconds;
}

/** In doubles, as Go does it, so that the last nanosecond is the same; digits that an int64 cannot hold go unread. */
function partOf(fraction: string, nanos: bigint): bigint {
  let digits = 0n;
  let scale = 1;
  for (const digit of fraction) {
    const more = digits * 10n + BigInt(digit);
    if (more > LONGEST + 1n) break;
    digits = more;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(digits) * (Number(nanos) / scale)));
}

const refusal = (text: string): QueueError =>
  new QueueError(
    "invalid",
    `delay must be a duration such as 1h30m, but is ${JSON.stringify(text)}.`,
    { field: "cron" },
  );
