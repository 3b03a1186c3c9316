import fc from "fast-check";
import { expect, test } from "vitest";
import type { InsertJob, Op, UniqueOptions } from "../../spec/model/op.ts";
import { JOB_STATES } from "../../spec/model/state.ts";
import { parseStory } from "./parse.ts";
import { printOp, printStory } from "./print.ts";

const { constantFrom, integer, record, option } = fc;

const NASTY = [
  "",
  "a",
  "default",
  "c1",
  "A",
  "SCH-4",
  "#1",
  "a, b",
  "x  # y",
  '"',
  "\\",
  "\n",
  "–",
];
const text = fc.oneof(
  constantFrom(...NASTY, "\r", "\u2028", "\u0085", "\ud800", "é漢🙂", "null", "-1", "1s"),
  fc.string({ unit: "binary" }),
  fc.string(),
);
const json = fc.oneof(
  text,
  fc.json(),
  fc.object().map((value) => JSON.stringify(value)),
  constantFrom(
    '{"key":"A"}',
    '{"key": "A"}',
    '{"key":"a"}',
    "{}",
    "[]",
    "{",
    '{"}"}',
    '{"a":"# "} ',
  ),
);
const number = fc.oneof(
  integer({ min: -3, max: 9 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  constantFrom(-0, 0.5, 1e21, 1e300, 5e-324, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE),
);
const time = fc.oneof(
  number,
  fc.maxSafeInteger(),
  integer({ min: -9, max: 99 }).chain((count) =>
    constantFrom(1, 1e6, 6e7, 3.6e9, 8.64e10).map((unit) => count * unit),
  ),
);
/** Every subset of the members, with none that is undefined. */
function members<T extends object>(model: { [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> }) {
  return record(model, { requiredKeys: [] }) as unknown as fc.Arbitrary<T>;
}

const unique = members<UniqueOptions>({
  byArgs: fc.boolean(),
  byPeriod: time,
  byQueue: fc.boolean(),
  byState: fc.oneof(fc.array(constantFrom(...JOB_STATES)), fc.subarray([...JOB_STATES])),
  excludeKind: fc.boolean(),
});
const jobOptions = members<Omit<InsertJob, "id">>({
  kind: text,
  args: json,
  metadata: json,
  tags: fc.array(text, { maxLength: 3 }),
  priority: number,
  queue: text,
  maxAttempts: number,
  scheduledAt: time,
  pending: fc.boolean(),
  unique,
});
const label = fc.oneof({ weight: 5, arbitrary: integer({ min: 1, max: 9 }) }, number);
const metadata = members<{ metadata?: string }>({ metadata: json });
const outcome = fc
  .tuple(
    fc.oneof(
      record({ kind: constantFrom("complete", "interrupt") }),
      record({ kind: constantFrom("error"), message: text, retryAt: option(time) }),
      record({
        kind: constantFrom("discard", "cancel"),
        message: fc.oneof(text, constantFrom("boom")),
      }),
      record({ kind: constantFrom("snooze"), for: time }),
    ),
    metadata,
  )
  .map(([one, merged]) => ({ ...one, ...merged }));
const insert = fc
  .array(fc.tuple(label, jobOptions), { maxLength: 3 })
  .map((jobs) => jobs.map(([id, options]) => ({ id, ...options })));
const anyOp = fc.oneof(
  record({ op: constantFrom("insert"), now: time, jobs: insert }),
  record({ op: constantFrom("fetch"), now: time, queue: text, limit: number, client: text }),
  fc
    .tuple(
      record({ op: constantFrom("finish"), now: time, job: label, outcome }),
      members<{ fetch?: number }>({ fetch: number }),
    )
    .map(([op, late]) => ({ ...op, ...late })),
  record({ op: constantFrom("schedule"), now: time, horizon: time, limit: number }),
  record({ op: constantFrom("cancel", "retry"), now: time, job: label }),
) as unknown as fc.Arbitrary<Op>;

/** JSON has no minus zero. */
function normal(op: Op): Op {
  return JSON.parse(JSON.stringify(op)) as Op;
}

test("parse(print(op)) is op, whatever stands in it", () => {
  fc.assert(
    fc.property(anyOp, (op) => {
      const story = printStory([op]);
      expect(story.trimEnd().split(/[\n\r\u2028\u2029\u0085]/)).toHaveLength(1);
      expect(parseStory(story).steps.map((step) => step.op)).toEqual([normal(op)]);
    }),
    { numRuns: 3_000 },
  );
});

test("what is printed survives UTF-8", () => {
  fc.assert(
    fc.property(anyOp, (op) => {
      const line = printOp(op);
      expect(new TextDecoder().decode(new TextEncoder().encode(line))).toBe(line);
    }),
  );
});

test("what a story is made of has words", () => {
  const plainOp = fc.oneof(
    fc.record({
      op: constantFrom("insert"),
      now: fc.maxSafeInteger(),
      jobs: fc
        .tuple(
          members<Omit<InsertJob, "id" | "pending">>({
            kind: text,
            args: json,
            metadata: json,
            tags: fc.array(text),
            priority: number,
            queue: text,
            maxAttempts: number,
            scheduledAt: time,
            unique: record({ byArgs: constantFrom(true) }),
          }),
        )
        .map(([options]) => [{ id: 1, ...options }]),
    }),
    record({ op: constantFrom("fetch"), now: time, queue: text, limit: number, client: text }),
    record({ op: constantFrom("finish"), now: time, job: integer({ min: 1 }), outcome }),
    record({ op: constantFrom("schedule"), now: time, horizon: time, limit: number }),
    record({ op: constantFrom("cancel", "retry"), now: time, job: integer({ min: 1 }) }),
  ) as unknown as fc.Arbitrary<Op>;
  fc.assert(
    fc.property(plainOp, (op) => {
      expect(printOp(op)).not.toMatch(/^op /);
    }),
  );
});

test.each<[string, InsertJob]>([
  ["#1", { id: 1 }],
  ["#1 max 3, tags", { id: 1, maxAttempts: 3, tags: [] }],
  ["#1 unique A", keyed({ byArgs: true })],
  ["#1 unique A by queue", keyed({ byQueue: true })],
  [
    "#1 unique A by args+queue+period 15m+any kind",
    keyed({ byArgs: true, byQueue: true, byPeriod: 900e6, excludeKind: true }),
  ],
  ["#1 unique by nothing", { id: 1, unique: {} }],
  ["#1 unique by period 90s, args {}", { id: 1, args: "{}", unique: { byPeriod: 90e6 } }],
  ["#1 unique A in available running", keyed({ byArgs: true, byState: ["available", "running"] })],
  [
    "#1 unique A except completed retryable",
    keyed({ byArgs: true, byState: ["available", "pending", "running", "scheduled"] }),
  ],
  ["#1 unique A in discarded", keyed({ byArgs: true, byState: ["discarded"] })],
  ['#1 args {"key":"A"}', { id: 1, args: '{"key":"A"}' }],
  ['#1 args "{"', { id: 1, args: "{" }],
  [
    '#1 due 1h, priority 2, queue q, max 3, pending, kind mail, metadata {"a": 1}, tags a "b c"',
    {
      id: 1,
      scheduledAt: 3600e6,
      priority: 2,
      queue: "q",
      maxAttempts: 3,
      pending: true,
      kind: "mail",
      metadata: '{"a": 1}',
      tags: ["a", "b c"],
    },
  ],
])("insert %s", (words, job) => {
  const op: Op = { op: "insert", now: 0, jobs: [job] };
  expect(printOp(op)).toBe(`insert ${words}`);
  expect(parseStory(`0s insert ${words}`).steps[0]?.op).toEqual(op);
});

test("options without words make the operation JSON, without its time", () => {
  expect(printOp({ op: "insert", now: 5, jobs: [] })).toBe('op {"op":"insert","jobs":[]}');
  const job: InsertJob = { id: 1, unique: { byArgs: true, byState: ["running", "available"] } };
  expect(printOp({ op: "insert", now: 5, jobs: [job] })).toMatch(/^op \{"op":"insert"/);
  expect(printOp({ op: "insert", now: 5, jobs: [{ id: 2 }, { id: 1 }] })).toMatch(/^op /);
});

test.each<[string, Op]>([
  [
    "insert #1 unique A; #2 unique A, due 30s",
    {
      op: "insert",
      now: 10e6,
      jobs: [keyed({ byArgs: true }), { ...keyed({ byArgs: true }), id: 2, scheduledAt: 30e6 }],
    },
  ],
  ["fetch 1", { op: "fetch", now: 10e6, queue: "default", limit: 1, client: "c1" }],
  ["fetch 2 by c2 from q", { op: "fetch", now: 10e6, queue: "q", limit: 2, client: "c2" }],
  ["finish #1 complete", { op: "finish", now: 10e6, job: 1, outcome: { kind: "complete" } }],
  ["finish #1 error", finish({ kind: "error", message: "boom", retryAt: null })],
  ["finish #1 error, again at 20s", finish({ kind: "error", message: "boom", retryAt: 20e6 })],
  ['finish #1 cancel, saying "no"', finish({ kind: "cancel", message: "no" })],
  ["finish #1 snooze -10s", finish({ kind: "snooze", for: -10e6 })],
  [
    'finish #1 discard, merging {"a":1}, of fetch 1',
    {
      ...finish({ kind: "discard", message: "boom", metadata: '{"a":1}' }),
      fetch: 0,
    },
  ],
  ["finish #1 interrupt", finish({ kind: "interrupt" })],
  ["schedule", { op: "schedule", now: 10e6, horizon: 10e6, limit: 10_000 }],
  ["schedule 100", { op: "schedule", now: 10e6, horizon: 10e6, limit: 100 }],
  ["cancel #7", { op: "cancel", now: 10e6, job: 7 }],
  ["retry #7", { op: "retry", now: 10e6, job: 7 }],
  ["schedule up to 35s", { op: "schedule", now: 10e6, horizon: 35e6, limit: 10_000 }],
])("%s", (words, op) => {
  expect(printOp(op)).toBe(words);
  expect(parseStory(`10s ${words}`).steps[0]?.op).toEqual(op);
});

test("a story has its times to the left and its expectations below", () => {
  const ops: Op[] = [
    { op: "insert", now: 0, jobs: [{ id: 1 }] },
    { op: "schedule", now: 30_000_001, horizon: 30_000_001, limit: 10_000 },
  ];
  const story = printStory(
    ops,
    [[], [{ kind: "state", job: 1, state: "available", rule: "SCH-3" }]],
    "0.12",
  );
  expect(story).toBe(
    [
      "edition 0.12",
      "        0s   insert #1",
      "30.000001s   schedule",
      "             #1 available SCH-3",
      "",
    ].join("\n"),
  );
});

function keyed(unique: UniqueOptions): InsertJob {
  return { id: 1, args: '{"key":"A"}', unique };
}

function finish(outcome: Extract<Op, { op: "finish" }>["outcome"]): Extract<Op, { op: "finish" }> {
  return { op: "finish", now: 10e6, job: 1, outcome };
}
