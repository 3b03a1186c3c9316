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
  ["delete_many all", { op: "delete_many", now, all: true }],
  [
    'delete_many jobs #1 #12, kinds k "a b", priorities 1 2, queues q, states running available, limit 5',
    {
      op: "delete_many",
      now,
      ids: [1, 12],
      kinds: ["k", "a b"],
      priorities: [1, 2],
      queues: ["q"],
      states: ["running", "available"],
      limit: 5,
    },
  ],
  ["delete_many", { op: "delete_many", now }],
  ["list", { op: "list", now }],
  [
    'list jobs, all_tags a b, any_tags c, containing {"a":1}, by time, desc, limit 0, after #3',
    {
      op: "list",
      now,
      ids: [],
      tagsAll: ["a", "b"],
      tagsAny: ["c"],
      metadata: '{"a":1}',
      orderBy: "time",
      descending: true,
      limit: 0,
      after: { job: 3 },
    },
  ],
  ["list after cursor of scheduled_at", { op: "list", now, after: { cursorOf: "scheduled_at" } }],
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

test.each([
  '{"op":"list","descending":false}',
  '{"op":"list","after":{"job":0}}',
  '{"op":"list","ids":[0]}',
  '{"op":"delete_many","all":false}',
])("what has no words is JSON: %s", (json) => {
  const [step] = parseStory(`10s op ${json}`).steps;
  expect(step?.op).toEqual({ ...JSON.parse(json), now });
  expect(step && printOp(step.op)).toBe(`op ${json}`);
});

test("the pages of a list can be expected", () => {
  const [step] = parseStory("0s list\n   lists #1 #2; #3\n   lists nothing").steps;
  expect(step?.expect.map(printExpectation)).toEqual(["lists #1 #2; #3", "lists nothing"]);
  expect(step?.expect[0]).toEqual({ kind: "lists", pages: [[1, 2], [3]] });
});

test("a job can be expected to be gone", () => {
  const [step] = parseStory("0s delete #1\n   #1 gone DEL-1").steps;
  expect(step?.expect).toEqual([{ kind: "gone", job: 1, rule: "DEL-1" }]);
  expect(step?.expect.map(printExpectation)).toEqual(["#1 gone DEL-1"]);
});
