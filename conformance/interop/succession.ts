import { expect } from "vitest";
import { HOME, type Pair, scripted } from "./pair.ts";

const RESCUED = { attempt: 1, error: "Stuck job rescued by JobRescuer" };

/** Jobs that the first was working when it was killed. */
type Legacy = Readonly<{ again: number; lastAttempt: number; unwanted: number }>;

/** What happens one after the other when the first of a pair dies. */
export const SUCCESSION = [
  "the second takes over the lead when the first is killed",
  "the second rescues what the first was working",
  "the first, come back, works on, and takes over the lead when the second stops",
] as const;

/** Begins the succession; each of it ends, or fails, by itself. */
export function succeed(pair: Pair): Readonly<Record<(typeof SUCCESSION)[number], Promise<void>>> {
  const legacy = leave(pair);
  const inherited = legacy.then(() => pair.leadsNow("second"));
  const rescued = Promise.all([legacy, inherited]).then(([jobs]) => rescue(pair, jobs));
  const returned = Promise.all([legacy, rescued]).then(([jobs]) => comeBack(pair, jobs));
  return { [SUCCESSION[0]]: inherited, [SUCCESSION[1]]: rescued, [SUCCESSION[2]]: returned };
}

/** The first leads and works, and is killed in the midst of it; one of its jobs is cancelled too late for it to know. */
async function leave(pair: Pair): Promise<Legacy> {
  const { first, second } = pair;
  const insert = async (runs: readonly string[], max_attempts: number) => {
    const { job } = await second.call("insert", scripted(HOME, runs, { max_attempts }));
    await first.told({ event: "started", job });
    return job;
  };
  const again = await insert(["hang", "complete"], 25);
  const lastAttempt = await insert(["hang"], 1);
  const unwanted = await insert(["hang"], 25);
  expect(await pair.leader()).toBe("first");
  await first.kill();
  await second.call("cancel", { job: unwanted });
  for (const job of [again, lastAttempt, unwanted]) {
    expect(await pair.job(job)).toMatchObject({ state: "running", attempted_by: ["first"] });
    await pair.age(job);
  }
  return { again, lastAttempt, unwanted };
}

async function rescue(pair: Pair, { again, lastAttempt, unwanted }: Legacy): Promise<void> {
  const errors = [RESCUED];
  const rescued = await pair.jobOnce(again, ["retryable", "available"]);
  expect(rescued).toMatchObject({ attempt: 1, errors });
  expect(await pair.jobOnce(lastAttempt, ["discarded"])).toMatchObject({ attempt: 1, errors });
  expect(await pair.jobOnce(unwanted, ["cancelled"])).toMatchObject({ attempt: 1, errors });
}

async function comeBack(pair: Pair, { again }: Legacy): Promise<void> {
  const back = await pair.comeBack("back");
  await back.told({ event: "completed", job: again, attempt: 2 });
  expect(await pair.job(again)).toMatchObject({ attempted_by: ["first", "back"] });
  await pair.second.call("stop", {});
  expect(await pair.leader()).not.toBe("second");
  await pair.leadsNow("back");
}
