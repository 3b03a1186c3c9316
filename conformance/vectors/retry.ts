import type { Micros } from "../../spec/model/state.ts";
import type { Adapter } from "../adapter.ts";
import { type Asked, failureOf, namesOf, type Outcome, Tally } from "./family.ts";
import type { RetryVector } from "./files.ts";

/** As many errors are waited for, one after the other: the last of these retries is 65 years after the first. */
const AWAITED = 100;

/** Fails one job again and again, each time when its retry is due, and reads how far off the next one is. */
export async function askRetry(
  { adapter, scope }: Asked,
  vectors: readonly RetryVector[],
): Promise<Outcome> {
  const tally = new Tally("retry delays");
  const needs = ["fetch", "finish", "finish.error", "finish.retry_policy", "schedule"];
  const missing = needs.find((capability) => !scope.can(capability));
  if (missing !== undefined) {
    tally.leave(`the adapter has no ${missing}`, vectors.length);
    return tally.outcome();
  }
  await adapter.reset();
  const jobs = [{ id: 1, maxAttempts: AWAITED + 1 }];
  await adapter.run({ op: "insert", now: 0, jobs }, namesOf([]));
  let now = 0;
  for (const vector of vectors.slice(0, AWAITED)) {
    const delay = await nextDelay(adapter, now);
    const isRight = typeof delay === "number" && isWithin(vector, delay);
    const range = `${vector.least} to ${vector.most} ns`;
    const is = typeof delay === "number" ? `${delay * 1000} ns` : delay;
    tally.compare("FIN-20", `${vector.errors} errors before`, range, isRight ? range : is);
    if (typeof delay === "string") break;
    now += Math.max(delay, 0);
  }
  const { kept, failures } = tally.outcome();
  tally.leave("more errors than are waited for", vectors.length - kept - failures.length);
  return tally.outcome();
}

/** Whether a delay in microseconds is one that River could have drawn: rows keep no nanoseconds. */
export const isWithin = ({ least, most }: RetryVector, delay: Micros): boolean =>
  BigInt(delay) >= BigInt(least) / 1000n && BigInt(delay) <= (BigInt(most) + 999n) / 1000n;

/** In microseconds; what went wrong, where there is none. */
async function nextDelay(adapter: Adapter, now: Micros): Promise<Micros | string> {
  await adapter.run({ op: "schedule", now, horizon: now, limit: 1 }, namesOf([]));
  const fetch = { op: "fetch", now, queue: "default", limit: 1, client: "weir" } as const;
  const fetched = await adapter.run(fetch, namesOf([]));
  const [job] = fetched.op === "fetch" ? fetched.jobs : [];
  if (fetched.op !== "fetch") return failureOf(fetched);
  if (job === undefined || job.attemptedAt === null) return "not fetched";
  const held = { attempt: job.attempt, attemptedAt: job.attemptedAt };
  const outcome = { kind: "error", message: "vector", retryAt: null } as const;
  const finish = { op: "finish", now, job: 1, outcome } as const;
  const finished = await adapter.run(finish, namesOf([job], [held]));
  if (finished.op !== "finish") return failureOf(finished);
  const [after] = (await adapter.observe()).jobs;
  return after === undefined ? "gone" : after.scheduledAt - now;
}
