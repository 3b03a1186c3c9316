import type { RuleId } from "../rules.generated.ts";
import type { Micros } from "./state.ts";

const SECOND: Micros = 1_000_000;
/** 2^63 − 1 nanoseconds, the longest duration that River's Go client knows, to the nearest microsecond that a double can hold. */
const LONGEST: Micros = (2 ** 63 - 1) / 1000;
const JITTER = 0.1;

/** When a failed job runs again; `rule` and `within` are null where the instant was given. */
export type Retry = Readonly<{
  at: Micros;
  within: readonly [Micros, Micros] | null;
  rule: RuleId | null;
  because: string | null;
}>;

/** The retry after the `count`-th error: as asked, or by the default policy of `count`⁴ seconds ± 10 %. */
export function retryAt(count: number, asked: Micros | null, now: Micros): Retry {
  if (asked !== null && asked >= now) return { at: asked, within: null, rule: null, because: null };
  const delay = Math.min(count ** 4 * SECOND, LONGEST);
  const room = delay === LONGEST ? 0 : Math.ceil(delay * JITTER);
  return {
    at: now + delay,
    within: [now + delay - room, now + Math.min(delay + room, LONGEST)],
    rule: asked === null ? "FIN-20" : "FIN-21",
    because: `It is error ${count}, so the delay is ${count}⁴ s, give or take a tenth.`,
  };
}
