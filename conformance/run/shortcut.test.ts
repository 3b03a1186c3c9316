import { expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, JOB_STATES, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { killBug } from "../bugs/kill.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { printStory } from "../notation/print.ts";
import { pgliteGround } from "../reference/ground.ts";
import type { Divergence } from "./sequence.ts";
import { ofLatest, shortcuts } from "./shortcut.ts";

const law = lawOf(NEWEST);
const read = (text: string): readonly Op[] => parseStory(text).steps.map(({ op }) => op);
const print = (ops: readonly Op[]): readonly string[] =>
  printStory(ops)
    .trim()
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s+/g, " "));

function stateAfter(ops: readonly Op[]): State {
  return ops.reduce((state, op) => step(state, op, law).state, EMPTY);
}

/** What `shortcuts` needs to know of a divergence at the last step that shows on a job, or on none. */
function divergenceAt(ops: readonly Op[], job: number | null): Divergence {
  const [op] = ops.slice(-1);
  if (op === undefined) throw new Error("There must be a step.");
  const before = stateAfter(ops.slice(0, -1));
  const expected = step(before, op, law);
  return {
    at: ops.length - 1,
    op,
    signature: "",
    differences: [{ rule: "SCH-3", job, column: "state", expected: 0, got: 1, because: "" }],
    violations: [],
    before,
    expected,
    observed: new Map(),
    services: EMPTY,
    reply: { op: "schedule", jobs: [] },
  };
}

test("a job that was given back again and again is fetched once", () => {
  const ops = read(`
    0s  insert #1 metadata {"a": 1}
    0s  insert #2
    0s  fetch 1
    0s  finish #1 interrupt
    1s  fetch 1
    1s  finish #1 snooze 5s
    9s  fetch 2
    9s  finish #1 complete, merging {"a":2}`);
  const [first = []] = shortcuts(ops, divergenceAt(ops, 1));
  expect(print(first)).toEqual([
    '0s insert #1 metadata {"a": 1, "snoozes": 1}',
    "0s fetch 1",
    '9s finish #1 complete, merging {"a":2}',
  ]);
});

test("rivals come with the job they compete with, and waiting is told in the fewest steps first", () => {
  const ops = read(`
     0s  insert #1
     0s  insert #2 unique A except retryable
     0s  fetch 2
     0s  finish #2 error, again at 20s
     1s  insert #3 unique A except retryable, due 20s
    20s  schedule`);
  const ways = shortcuts(ops, divergenceAt(ops, 3)).map(print);
  expect(ways[0]).toEqual(["0s insert #1 unique A except retryable, due 20s", "20s schedule"]);
  expect(ways).toContainEqual([
    "0s insert #1 unique A except retryable",
    "0s fetch 1",
    "0s finish #1 error, again at 20s",
    "0s insert #2 unique A except retryable, due 20s",
    "20s schedule",
  ]);
});

test("every state can be come to in three steps at most", () => {
  const ops = read(`
     0s  insert #1; #2 due 30s; #3 pending; #4; #5; #6; #7; #8 max 1
     0s  fetch 6
     0s  finish #4 complete
     0s  finish #5 cancel
     0s  finish #6 discard
     0s  finish #7 error, again at 30s
     9s  insert #9
    10s  schedule`);
  const before = stateAfter(ops.slice(0, -1));
  const seen = new Set([...before.jobs.values()].map(({ state }) => state));
  expect([...seen].sort()).toEqual([...JOB_STATES].sort());
  for (const { id, state } of before.jobs.values()) {
    const ways = shortcuts(ops, divergenceAt(ops, id));
    const alone = ways.filter((way) => way.filter(({ op }) => op === "insert").length === 1);
    const reached = alone.map((way) => stateAfter(way.slice(0, -1)).jobs.get(1)?.state);
    expect(reached, `#${id}`).toContain(state);
    expect(Math.max(...alone.map((way) => way.length))).toBeLessThanOrEqual(4);
  }
});

test("a result of the latest fetch need not say which, one of an earlier fetch must", () => {
  const ops = read(`
    0s  insert #1
    0s  fetch 1
    0s  finish #1 interrupt, of fetch 1
    1s  fetch 1
    1s  finish #1 complete, of fetch 1
    2s  finish #1 complete, of fetch 2`);
  const finishes = ofLatest(ops, law).filter((op) => op.op === "finish");
  expect(finishes.map(({ fetch }) => fetch)).toEqual([undefined, 0, undefined]);
});

test("a bug that needs three steps is told in three, however it was found", async () => {
  const bug = BUGS.find(({ name }) => name === "finish-metadata-deep");
  if (bug === undefined) throw new Error("The bug must be in the catalogue.");
  const ground = await pgliteGround();
  try {
    const { verdict, ops } = await killBug(ground, bug, { seed: 42, seconds: 60 });
    expect(verdict).toBe("killed");
    expect(ops.map(({ op }) => op)).toEqual(["insert", "fetch", "finish"]);
  } finally {
    await ground.close();
  }
}, 90_000);
