import fc from "fast-check";
import { expect, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import { parseStory } from "./parse.ts";
import { printOp, printStory } from "./print.ts";

const text = fc.oneof(
  fc.constantFrom("default", "*", "", "a b", "of", "none", "SCH-4", "\n", "\ud800", "é漢🙂"),
  fc.string({ unit: "binary" }),
);
const json = fc.oneof(text, fc.json(), fc.constantFrom('{"a": 1}', "[]", "{"));
const number = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const now = fc.maxSafeInteger();
const lease = fc.oneof(number, fc.constantFrom(15e6, 30e6));

const anyOp = fc.oneof(
  fc.record({
    op: fc.constantFrom("queue_touch", "queue_pause", "queue_resume", "queue_get"),
    now,
    queue: text,
  }),
  fc.record(
    { op: fc.constant("queue_update"), now, queue: text, metadata: json },
    { requiredKeys: ["op", "now", "queue"] },
  ),
  fc.record({ op: fc.constant("queue_list"), now, limit: number }),
  fc.record({ op: fc.constant("elect"), now, client: text, lease }),
  fc.record(
    { op: fc.constant("reelect"), now, client: text, lease, term: number },
    { requiredKeys: ["op", "now", "client", "lease"] },
  ),
  fc.record(
    { op: fc.constant("resign"), now, client: text, term: number },
    { requiredKeys: ["op", "now", "client"] },
  ),
  fc.record({ op: fc.constant("request_resign"), now }),
) as unknown as fc.Arbitrary<Op>;

test("parse(print(op)) is op, whatever stands in it", () => {
  fc.assert(
    fc.property(anyOp, (op) => {
      const story = printStory([op]);
      expect(story.trimEnd().split(/[\n\r\u2028\u2029\u0085]/)).toHaveLength(1);
      // JSON has no minus zero.
      const [read] = parseStory(story).steps.map((step) => step.op);
      expect(read).toEqual(JSON.parse(JSON.stringify(op)));
    }),
    { numRuns: 1_000 },
  );
});

test.each<[string, Op]>([
  ["queue_touch default", { op: "queue_touch", now: 10e6, queue: "default" }],
  ["queue_pause *", { op: "queue_pause", now: 10e6, queue: "*" }],
  ["queue_resume other", { op: "queue_resume", now: 10e6, queue: "other" }],
  ["queue_update q", { op: "queue_update", now: 10e6, queue: "q" }],
  ['queue_update q {"a": 1}', { op: "queue_update", now: 10e6, queue: "q", metadata: '{"a": 1}' }],
  ["queue_list 10", { op: "queue_list", now: 10e6, limit: 10 }],
  ["elect c1", { op: "elect", now: 10e6, client: "c1", lease: 15e6 }],
  ["elect c1 for 30s", { op: "elect", now: 10e6, client: "c1", lease: 30e6 }],
  [
    "reelect c1 of term 1 for 30s",
    { op: "reelect", now: 10e6, client: "c1", lease: 30e6, term: 0 },
  ],
  ["resign c2 of term 2", { op: "resign", now: 10e6, client: "c2", term: 1 }],
  ["request_resign", { op: "request_resign", now: 10e6 }],
])("%s", (words, op) => {
  expect(printOp(op)).toBe(words);
  expect(parseStory(`10s ${words}`).steps[0]?.op).toEqual(op);
});

test("a term is counted from 1", () => {
  expect(() => parseStory("0s resign c1 of term 0")).toThrow(
    "line 1, column 22: a term must be counted from 1, but is 0",
  );
  expect(printOp({ op: "resign", now: 0, client: "c1", term: -1 })).toMatch(/^op /);
});
