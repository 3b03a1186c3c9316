import fc from "fast-check";
import { expect, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import { parseStory } from "./parse.ts";
import { printOp, printStory } from "./print.ts";

const HOUR = 3600e6;
const number = fc.oneof(fc.nat(), fc.constantFrom(-1, 0, 1, 0.5, 10_000));
const time = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-1, 0, 1, HOUR, 24 * HOUR));
const now = fc.maxSafeInteger();

const anyOp: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ op: fc.constant("rescue"), now, after: time, timeout: time, limit: number }),
  fc.record({
    op: fc.constant("clean"),
    now,
    cancelled: time,
    completed: time,
    discarded: time,
    limit: number,
  }),
  fc.record({ op: fc.constant("clean_queues"), now, after: time, limit: number }),
);

test("parse(print(op)) is op, in words", () => {
  fc.assert(
    fc.property(anyOp, (op) => {
      expect(printOp(op)).not.toMatch(/^op /);
      expect(parseStory(printStory([op])).steps.map((step) => step.op)).toEqual([op]);
    }),
    { numRuns: 1000 },
  );
});

const DAY = 24 * HOUR;
const RESCUE = { op: "rescue", now: 0, after: HOUR, timeout: 60e6, limit: 10_000 } as const;
const KEPT = { cancelled: DAY, completed: DAY, discarded: 7 * DAY };
const CLEAN = { op: "clean", now: 0, ...KEPT, limit: 10_000 } as const;
test.each<[string, Op]>([
  ["rescue", RESCUE],
  ["rescue 2 after 30s timeout never", { ...RESCUE, limit: 2, after: 30e6, timeout: -1 }],
  ["clean", CLEAN],
  ["clean 1 cancelled 1h discarded never", { ...CLEAN, limit: 1, cancelled: HOUR, discarded: -1 }],
  ["clean_queues", { op: "clean_queues", now: 0, after: DAY, limit: 10_000 }],
  ["clean_queues 1 after 1h", { op: "clean_queues", now: 0, after: HOUR, limit: 1 }],
])("%s", (words, op) => {
  expect(printOp(op)).toBe(words);
});
