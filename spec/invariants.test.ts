import { expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import type { Op } from "./model/op.ts";
import { EMPTY, type Job, type State } from "./model/state.ts";

const JOB: Job = {
  id: 1,
  state: "available",
  attempt: 0,
  maxAttempts: 25,
  attemptedAt: null,
  createdAt: 0,
  finalizedAt: null,
  scheduledAt: 0,
  priority: 1,
  args: "{}",
  attemptedBy: [],
  errors: [],
  kind: "weir",
  metadata: "{}",
  queue: "default",
  tags: [],
  uniqueKey: null,
  uniqueStates: null,
};
const KEYED = { uniqueKey: "aa", uniqueStates: 0b1111_0101 };
const FETCH: Op = { op: "fetch", now: 5, queue: "default", limit: 9, client: "c1" };
const SCHEDULE: Op = { op: "schedule", now: 5, horizon: 5, limit: 9 };
const FAILED: Op = {
  op: "finish",
  now: 5,
  job: 1,
  outcome: { kind: "error", message: "x", retryAt: 9 },
};

const stateOf = (...jobs: readonly Partial<Job>[]): State => ({
  ...EMPTY,
  jobs: new Map(jobs.map((job, i) => [i + 1, { ...JOB, ...job, id: i + 1 }])),
});
const broken = (before: State, after: State, op: Op) =>
  checkInvariants(before, after, op).violations.map(({ rule, job }) => `${rule} ${job}`);

test.each<[string, readonly Partial<Job>[], readonly Partial<Job>[], Op, string[]]>([
  ["two holders", [KEYED], [KEYED, KEYED], SCHEDULE, ["INV-1 null"]],
  [
    "a key that ends free",
    [{ ...KEYED, state: "scheduled" }],
    [{ ...KEYED, state: "discarded", finalizedAt: 5 }],
    SCHEDULE,
    ["INV-2 null"],
  ],
  [
    "a finalized job that changes",
    [{ state: "completed", finalizedAt: 1 }],
    [{ state: "completed", finalizedAt: 2 }],
    SCHEDULE,
    ["INV-3 1"],
  ],
  ["a final state without its time", [{}], [{ state: "completed" }], FAILED, ["INV-4 1"]],
  ["a time without a final state", [{}], [{ finalizedAt: 1 }], SCHEDULE, ["INV-4 1"]],
  [
    "a finalization later than now",
    [{}],
    [{ state: "cancelled", finalizedAt: 6 }],
    SCHEDULE,
    ["INV-4 1"],
  ],
  ["a fetch that does not count", [{}], [{ state: "running" }], FETCH, ["INV-5 1"]],
  [
    "an attempt beyond the last",
    [{ attempt: 25 }],
    [{ attempt: 26, state: "running" }],
    FETCH,
    ["INV-5 1"],
  ],
  ["an attempt that the scheduler counts", [{}], [{ attempt: 1 }], SCHEDULE, ["INV-5 1"]],
  [
    "a failure without an error",
    [{ state: "running" }],
    [{ state: "retryable" }],
    FAILED,
    ["INV-6 1"],
  ],
  ["an error from nowhere", [{}], [{ errors: [{ other: "1" }] }], SCHEDULE, ["INV-6 1"]],
  [
    "a run before its time",
    [{ scheduledAt: 6 }],
    [{ scheduledAt: 6, state: "running", attempt: 1 }],
    FETCH,
    ["INV-7 1"],
  ],
  ["a job that disappears", [{}, {}], [{}], SCHEDULE, ["INV-10 2"]],
])("%s is seen", (_, before, after, op, want) => {
  expect(broken(stateOf(...before), stateOf(...after), op)).toEqual(want);
});

test("what was broken before is not counted again", () => {
  const bad = stateOf(KEYED, KEYED, { state: "completed" });
  expect(broken(bad, bad, SCHEDULE)).toEqual([]);
});

test("a key is not lost while a promoted job of the key stands, whatever its mask", () => {
  const waiting = { uniqueKey: "aa", uniqueStates: 0b0100_0000, state: "scheduled" } as const;
  const after = stateOf(
    { ...waiting, state: "available" },
    { ...waiting, state: "discarded", finalizedAt: 5 },
  );
  expect(broken(stateOf(waiting, waiting), after, SCHEDULE)).toEqual([]);
});

test("which invariants spoke is told, and on an empty queue none does", () => {
  const { fired } = checkInvariants(stateOf({}), stateOf({ state: "running", attempt: 1 }), FETCH);
  expect([...fired]).toEqual(["INV-4", "INV-5", "INV-6", "INV-7", "INV-10"]);
  expect(checkInvariants(EMPTY, EMPTY, FETCH)).toEqual({ violations: [], fired: new Set() });
});
