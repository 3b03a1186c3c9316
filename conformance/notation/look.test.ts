import { expect, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import { printExpectation } from "./expectation.ts";
import { parseStory } from "./parse.ts";
import { printOp } from "./print.ts";

const now = 10e6;

test.each<[string, Op]>([
  ["get #1", { op: "get", now, job: 1 }],
  ["delete #12", { op: "delete", now, job: 12 }],
  ['update #1 {"a":1}', { op: "update", now, job: 1, output: '{"a":1}' }],
  ['update #1 "1.0"', { op: "update", now, job: 1, output: "1.0" }],
  ['update #1 ""', { op: "update", now, job: 1, output: "" }],
])("%s", (words, op) => {
  expect(printOp(op)).toBe(words);
  expect(parseStory(`10s ${words}`).steps[0]?.op).toEqual(op);
});

test("a job without a label has no words, but JSON", () => {
  expect(printOp({ op: "delete", now, job: 0 })).toBe('op {"op":"delete","job":0}');
  const [step] = parseStory('10s op {"op":"delete","job":0}').steps;
  expect(step?.op).toEqual({ op: "delete", now, job: 0 });
});

test("a job can be expected to be gone", () => {
  const [step] = parseStory("0s delete #1\n   #1 gone DEL-1").steps;
  expect(step?.expect).toEqual([{ kind: "gone", job: 1, rule: "DEL-1" }]);
  expect(step?.expect.map(printExpectation)).toEqual(["#1 gone DEL-1"]);
});
