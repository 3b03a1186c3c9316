import { expect, test } from "vitest";
import { type Can, type Scenario, scenarioOf } from "./scenario.ts";
import { actionsOf } from "./script.ts";

const ALL: Can = { unique: true, cancel: true, queue: true, resign: true };
const jobsOf = ({ events }: Scenario) =>
  events.flatMap(({ what }) => (what.do === "insert" ? what.jobs : []));
const kindsOf = ({ events }: Scenario) => new Set(events.map(({ what }) => what.do));

test("a seed has one scenario, and another seed another", () => {
  expect(scenarioOf(1, ALL)).toEqual(scenarioOf(1, ALL));
  expect(scenarioOf(1, ALL)).not.toEqual(scenarioOf(2, ALL));
});

test.each([1, 2, 3, 42])(
  "seed %d has all kinds of weather, in order, and scripts that can be played",
  (seed) => {
    const scenario = scenarioOf(seed, ALL);
    expect([...kindsOf(scenario)].sort()).toEqual([
      "cancel",
      "cut",
      "hold",
      "insert",
      "kill",
      "pause",
      "resign",
      "resume",
      "stop",
    ]);
    const times = scenario.events.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const jobs = jobsOf(scenario);
    expect(jobs.length).toBeGreaterThan(200);
    for (const { script, job } of jobs) {
      script.attempts.forEach((_, index) => void actionsOf(script, index));
      expect(JSON.parse(job.args)).toEqual(script);
    }
    expect(new Set(jobs.map(({ job }) => job.queue)).size).toBe(3);
    expect(jobs.some(({ job }) => job.unique !== undefined)).toBe(true);
    expect(jobs.some(({ dueMs }) => dueMs !== null)).toBe(true);
  },
);

test("what an implementation cannot be asked for is left out", () => {
  const scenario = scenarioOf(1, { unique: false, cancel: false, queue: false, resign: false });
  expect([...kindsOf(scenario)].sort()).toEqual(["cut", "hold", "insert", "kill", "stop"]);
  expect(scenario.resignEveryMs).toBeNull();
  expect(jobsOf(scenario).every(({ job }) => job.unique === undefined)).toBe(true);
});
