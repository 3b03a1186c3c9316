import fc from "fast-check";
import { expect, test } from "vitest";
import { lawOf } from "../../conformance/law.ts";
import {
  oddClean,
  oddCleanQueues,
  oddRescue,
} from "../../conformance/reference/odd-maintenance.ts";
import {
  oddFetch,
  oddFinish,
  oddInstant,
  oddMetadata,
  oddNow,
  oddSchedule,
  oddState,
} from "../../conformance/reference/odd-rows.ts";
import { checkInvariants } from "../invariants.ts";
import { EDITIONS, NEWEST } from "./edition.ts";
import type { Op } from "./op.ts";
import { JOB_STATES, type State } from "./state.ts";
import { step } from "./step.ts";

const insertJob = fc.record(
  {
    id: fc.integer({ min: 10, max: 12 }),
    kind: fc.constantFrom("", "weir", "k".repeat(128), "\0"),
    args: fc.constantFrom("{", "[]", "[1]", '{"a":1e999999}', '{"b":1,"a":"\\ud800"}', '{"a":1}'),
    metadata: oddMetadata,
    tags: fc.constantFrom([""], ["abc"], []),
    priority: fc.integer({ min: 0, max: 5 }),
    queue: fc.constantFrom("", "default", "A"),
    maxAttempts: fc.constantFrom(0, 1, 32_768),
    scheduledAt: oddInstant,
    pending: fc.boolean(),
    unique: fc.record(
      {
        byArgs: fc.boolean(),
        byQueue: fc.boolean(),
        excludeKind: fc.boolean(),
        byPeriod: fc.constantFrom(1, 1_000_000, 3_600_000_000),
        byState: fc.subarray([...JOB_STATES]),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["id"] },
);
const insert = fc.record({
  op: fc.constant("insert" as const),
  now: oddNow,
  jobs: fc.uniqueArray(insertJob, { maxLength: 3, selector: (each) => each.id }),
});
const op: fc.Arbitrary<Op> = fc.oneof(
  oddFinish,
  oddFetch,
  oddSchedule,
  oddRescue,
  oddClean,
  oddCleanQueues,
  insert,
);

test("no row that the table permits, and no operation, is too odd for the rules", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(oddState, op, fc.constantFrom(...EDITIONS), (before, each, edition) => {
      const done = step(before, each, lawOf(edition));
      for (const { rule } of done.effects) seen.add(rule);
      expect(done.effects.length > 0 || done.state.jobs.size === 0 || each.op !== "insert").toBe(
        true,
      );
      expect(() => checkInvariants(before, done.state, each)).not.toThrow();
    }),
    { numRuns: 4000 },
  );
  expect(seen.size).toBeGreaterThan(35);
});

test("what the rules do keeps the invariants, whatever was there before", () => {
  fc.assert(
    fc.property(oddState, op, (before, each) => {
      const { state: after } = step(before, each, lawOf(NEWEST));
      const { violations } = checkInvariants(before, after, each);
      // Only a row that nobody's operations make is available with no attempt left; fetching it breaks INV-5, as in River.
      expect(violations.filter(({ rule }) => rule !== "INV-5")).toEqual([]);
    }),
    { numRuns: 4000 },
  );
});

test("the same step twice is the same, and leaves what it was given alone", () => {
  const show = ({ jobs, fetches }: State) => JSON.stringify([[...jobs], [...fetches]]);
  fc.assert(
    fc.property(oddState, op, (before, each) => {
      const was = show(before);
      const first = step(before, each, lawOf(NEWEST));
      const second = step(before, each, lawOf(NEWEST));
      expect(show(before)).toBe(was);
      expect(show(first.state)).toBe(show(second.state));
      expect(first.effects).toEqual(second.effects);
    }),
    { numRuns: 500 },
  );
});
