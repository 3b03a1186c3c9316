import type { RuleId } from "../rules.generated.ts";
import type { Effect } from "./effect.ts";
import { quote } from "./jsonb.ts";
import type { Job, Micros, State } from "./state.ts";
import { listJobs } from "./words.ts";

/** INS-30: for how long a client may keep quiet about a queue: its cooldown between two fetches, unless it is set otherwise. */
const COOLDOWN: Micros = 100_000;

/** What listeners are told about queues, and when each of these was last told of, or could have been. */
export type Telling = Readonly<{
  effects: readonly Effect[];
  notifiedAt: State["notifiedAt"];
}>;

/**
 * Tells once of each queue of `jobs`, which this call has made available: by `rule`, or by INS-30 where an insert tells of it again or may leave that out.
 * The `optional` queues, those of duplicates and of retried jobs, may be told of.
 */
export function tell(
  { notifiedAt: before }: State,
  now: Micros,
  rule: RuleId,
  jobs: readonly Job[],
  optional: readonly string[] = [],
): Telling {
  const notifiedAt = new Map(before);
  const again = rule === "INS-29" ? "INS-30" : rule;
  const effects = [...new Set([...jobs.map((job) => job.queue), ...optional])].map((queue) => {
    const last = before.get(queue);
    notifiedAt.set(queue, now);
    const own = jobs.filter((job) => job.queue === queue);
    if (own.length === 0) return telling(rule, queue, "It need not be told.", true);
    const because = `This made ${listJobs(own)} available.`;
    if (last === undefined) return telling(rule, queue, because, false);
    if (now - last > COOLDOWN) return telling(again, queue, because, false);
    return telling("INS-30", queue, `${because} It was told of within the last 100 ms.`, true);
  });
  return { effects, notifiedAt };
}

function telling(rule: RuleId, queue: string, why: string, optional: boolean): Effect {
  const because = `Queue ${queue}: ${why}`;
  const payload = `{"queue": ${quote(queue)}}`;
  const notify = { channel: "insert", payload } as const;
  return {
    rule,
    job: null,
    set: {},
    because,
    notify: optional ? { ...notify, optional } : notify,
  };
}
