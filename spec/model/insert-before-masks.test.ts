import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { editionNamed, NEWEST } from "./edition.ts";
import { insert } from "./insert.ts";
import type { InsertJob } from "./op.ts";
import { EMPTY } from "./state.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const edition = editionNamed("0.10") ?? NEWEST;
const law = { edition, origin: 0, sha256 };
const AT = 40_000_000;

function run(...jobs: readonly InsertJob[]) {
  let state = EMPTY;
  const answers = jobs.map((job) => {
    const step = insert(state, { op: "insert", now: job.id * AT, jobs: [job] }, law);
    state = step.state;
    return step.answer.op === "insert" ? step.answer.jobs[0] : step.answer;
  });
  return { state, answers };
}

test("a key is of the args as they were written, and of the states that count", () => {
  const { state } = run({ id: 1, args: '{"b":1,"a":2}', unique: { byArgs: true } });
  const states = "available,completed,pending,retryable,running,scheduled";
  expect(state.jobs.get(1)).toMatchObject({
    uniqueKey: sha256(`&args={"b":1,"a":2}&state=${states}`),
    uniqueStates: null,
  });
});

test("for other states the rows are looked at, unique or not, and which is told is open", () => {
  const unique = { byState: ["available" as const] };
  const { state, answers } = run({ id: 1 }, { id: 2 }, { id: 3, unique });
  expect(answers[2]).toEqual({ id: 1, duplicate: true, orOf: [1, 2] });
  expect(state.jobs.size).toBe(2);
  const other = run({ id: 1, kind: "other" }, { id: 2, unique });
  expect(other.answers[1]).toEqual({ id: 2, duplicate: false });
  expect(other.state.jobs.get(2)?.uniqueKey).toBeNull();
});

test("a job whose own state does not count is not unique", () => {
  const unique = { byState: ["running" as const] };
  expect(run({ id: 1, unique }, { id: 2, unique }).state.jobs.size).toBe(2);
});

test("a period is that of the insertion", () => {
  const unique = { byPeriod: 60_000_000, byState: ["available" as const] };
  // At 40, 80 and 120 seconds.
  const jobs = [1, 2, 3].map((id) => ({ id, unique }));
  const { answers } = run(...jobs);
  expect(answers.map((each) => each && "duplicate" in each && each.duplicate)).toEqual([
    false,
    false,
    false,
  ]);
  const half = { byPeriod: 90_000_000, byState: ["available" as const] };
  expect(run({ id: 1, unique: half }, { id: 2, unique: half }).answers[1]).toMatchObject({
    duplicate: true,
  });
});

test("a call of several takes no unique jobs", () => {
  const jobs = [{ id: 1 }, { id: 2, unique: { byArgs: true } }];
  const { answer } = insert(EMPTY, { op: "insert", now: 0, jobs }, law);
  expect(answer).toMatchObject({ op: "refused", rule: "INS-16" });
});
