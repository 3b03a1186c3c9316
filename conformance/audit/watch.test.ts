import { expect, test } from "vitest";
import type { Audit } from "./audit.ts";
import type { Outcome } from "./check.ts";
import { type Look, type News, type Outside, watch } from "./watch.ts";

type Round = Readonly<{ jobs?: readonly string[]; outcomes?: readonly Outcome[] }> | Error;

/** Runs one look after another; what is said and waited is written down. */
async function watched(rounds: readonly Round[], everyMs = 60_000) {
  const said: string[] = [];
  let at = 0;
  const outside: Outside = {
    look: async (use) => {
      const round = rounds[at++];
      if (round === undefined || round instanceof Error) throw round;
      return use(lookOf(round));
    },
    wait: async (ms) => {
      said.push(`wait ${ms}`);
    },
    isStopped: () => at >= rounds.length,
    first: async () => {
      said.push("first");
    },
    news: async (news) => {
      said.push(textOf(news));
    },
    lost: (error, ms) => said.push(`lost ${(error as Error).message}, ${ms}`),
    back: (attempts) => said.push(`back ${attempts}`),
  };
  const done = await watch(outside, everyMs);
  return { said, done };
}

function lookOf({ jobs = [], outcomes = [] }: Exclude<Round, Error>): Look {
  async function* all() {
    for (const each of jobs) {
      const [id = "", at = ""] = each.split("@");
      yield { check: "discarded", job: { id, discarded_at: at } } as const;
    }
  }
  return { audit: { outcomes } as unknown as Audit, jobs: all() };
}

const textOf = (news: News): string =>
  "job" in news
    ? `job ${news.job.id}`
    : `${news.check} ${"count" in news.outcome ? news.outcome.count : 0}`;

const stuck = (count: number): Outcome =>
  count === 0
    ? { check: "stuck", kept: true }
    : { check: "stuck", weight: "hint", count, says: "", details: [], names: [] };

const paused = (...names: readonly string[]): Outcome => ({
  check: "paused",
  weight: "hint",
  count: names.length,
  says: "",
  details: [],
  names,
});

test("the first look is told whole, later ones only where something is new", async () => {
  const { said, done } = await watched([
    { jobs: ["1@a"] },
    { jobs: ["1@a"] },
    { jobs: ["1@a", "2@a"] },
    { jobs: [] },
    // Put back, and discarded again.
    { jobs: ["1@b", "2@a"] },
  ]);
  expect(said.filter((each) => !each.startsWith("wait"))).toEqual(["first", "job 2", "job 1"]);
  expect(done).toMatchObject({ looks: 5, failures: 0, news: 2 });
});

test("a count is new when it rises, a name when it was not there", async () => {
  const { said } = await watched([
    { outcomes: [stuck(2), paused("a")] },
    { outcomes: [stuck(2), paused("a")] },
    { outcomes: [stuck(3), paused("b")] },
    { outcomes: [stuck(0), paused("b")] },
    { outcomes: [stuck(1), paused("b")] },
  ]);
  const news = said.filter((each) => !each.startsWith("wait"));
  expect(news).toEqual(["first", "stuck 3", "paused 1", "stuck 1"]);
});

test("a lost database is asked ever less often, and what happened meanwhile is told", async () => {
  const lost = new Error("gone");
  const { said, done } = await watched([{}, lost, lost, lost, { jobs: ["7@a"] }, lost, {}], 3000);
  expect(said).toEqual([
    "first",
    "wait 3000",
    "lost gone, 1000",
    "wait 1000",
    "lost gone, 2000",
    "wait 2000",
    "lost gone, 3000",
    "wait 3000",
    "back 3",
    "job 7",
    "wait 3000",
    "lost gone, 1000",
    "wait 1000",
    "back 1",
  ]);
  expect(done).toMatchObject({ looks: 3, failures: 4, news: 1 });
});

test("a database that never answered is an error", async () => {
  await expect(watched([new Error("nobody there"), {}])).rejects.toThrow("nobody there");
});
