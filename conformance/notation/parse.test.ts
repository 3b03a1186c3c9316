import fc from "fast-check";
import { expect, test } from "vitest";
import type { Expectation } from "./expectation.ts";
import { parseStory } from "./parse.ts";
import { printStory } from "./print.ts";
import { NotationError } from "./scanner.ts";

const STORY = `
# River 0.12.0 saw itself as a rival
 0s   insert #1 unique A except retryable, max 3     # jobs are #1, #2 …
 0s   fetch 1 by c1
 0s   finish #1 error, again at 10s                  # ends the attempt
      #1 retryable
      A free
 1s   insert #2 unique A
      #2 available

10s   schedule 100
      #1 discarded SCH-4
      #1 finalized_at 10s
`;

test("a story with comments, blank lines and expectations", () => {
  const { steps, edition } = parseStory(STORY);
  expect(edition).toBeUndefined();
  expect(steps.map(({ op, line }) => [op.op, op.now, line])).toEqual([
    ["insert", 0, 3],
    ["fetch", 0, 4],
    ["finish", 0, 5],
    ["insert", 1e6, 8],
    ["schedule", 10e6, 11],
  ]);
  expect(steps.map(({ expect: claims }) => claims)).toEqual([
    [],
    [],
    [
      { kind: "state", job: 1, state: "retryable" },
      { kind: "key", key: "A", holder: null },
    ],
    [{ kind: "state", job: 2, state: "available" }],
    [
      { kind: "state", job: 1, state: "discarded", rule: "SCH-4" },
      { kind: "column", job: 1, column: "finalizedAt", value: 10e6 },
    ],
  ]);
});

test.each<[string, Expectation]>([
  ["#1 retryable", { kind: "state", job: 1, state: "retryable" }],
  ["A #1 INV-1", { kind: "key", key: "A", holder: 1, rule: "INV-1" }],
  ["A free", { kind: "key", key: "A", holder: null }],
  ["refused not_found", { kind: "refused", code: "not_found" }],
  ["queue default paused", { kind: "queue", queue: "default", paused: true }],
  ["queue default unpaused", { kind: "queue", queue: "default", paused: false }],
  ["queue other gone PAU-1", { kind: "queue", queue: "other", paused: null, rule: "PAU-1" }],
  ["queue a paused_at –", { kind: "queue column", queue: "a", column: "paused_at", value: null }],
  ["queue a paused_at 1s", { kind: "queue column", queue: "a", column: "paused_at", value: 1e6 }],
  [
    'queue a metadata {"b": 1}',
    { kind: "queue column", queue: "a", column: "metadata", value: '{"b": 1}' },
  ],
  ["leader c1", { kind: "leader", leader: "c1" }],
  ["leader none", { kind: "leader", leader: null }],
  ["leader expires_at 15s", { kind: "leader column", column: "expires_at", value: 15e6 }],
  ["#2 duplicate of #1", { kind: "duplicate", job: 2, of: 1 }],
  ["told nothing", { kind: "told", notification: null }],
  [
    'told insert {"queue":"a"}',
    { kind: "told", notification: { channel: "insert", payload: '{"queue":"a"}' } },
  ],
  ["#1 attempt 2 FET-1", { kind: "column", job: 1, column: "attempt", value: 2, rule: "FET-1" }],
  ["#1 scheduled_at 30s", { kind: "column", job: 1, column: "scheduledAt", value: 30e6 }],
  ["#1 finalized_at –", { kind: "column", job: 1, column: "finalizedAt", value: null }],
  ['#1 metadata {"a": 1}', { kind: "column", job: 1, column: "metadata", value: '{"a": 1}' }],
  [
    "#1 tags a b TAG-1",
    { kind: "column", job: 1, column: "tags", value: ["a", "b"], rule: "TAG-1" },
  ],
  ['#1 tags "TAG-1"', { kind: "column", job: 1, column: "tags", value: ["TAG-1"] }],
  ["#1 attempted_by", { kind: "column", job: 1, column: "attemptedBy", value: [] }],
  ["#1 kind mail", { kind: "column", job: 1, column: "kind", value: "mail" }],
  ["#1 state running", { kind: "column", job: 1, column: "state", value: "running" }],
  ["#1 unique_states 11110101", { kind: "column", job: 1, column: "uniqueStates", value: 0xf5 }],
  ["#1 unique_key –", { kind: "column", job: 1, column: "uniqueKey", value: null }],
  [
    '#1 errors [{"at":0,"attempt":1,"error":"boom","trace":""}]',
    {
      kind: "column",
      job: 1,
      column: "errors",
      value: [{ at: 0, attempt: 1, error: "boom", trace: "" }],
    },
  ],
])("%s", (words, expectation) => {
  const text = `0s insert #1\n   ${words}`;
  const [step] = parseStory(text).steps;
  expect(step?.expect).toEqual([expectation]);
  expect(printStory([{ op: "insert", now: 0, jobs: [{ id: 1 }] }], [[expectation]])).toContain(
    `      ${words}\n`,
  );
});

test.each([
  [
    "0s finnish #1",
    'line 1, column 4: "finnish" is not a step; one of insert, fetch, finish, schedule, ',
  ],
  ["0s", "line 1, column 3: a step is missing; one of insert, fetch, finish, schedule, "],
  [
    "0s finish #1 exploded",
    'line 1, column 14: "exploded" is not an outcome; one of complete, error, discard, snooze, cancel, interrupt',
  ],
  ["0s finish 1 complete", 'line 1, column 11: "1" is not a job such as #1'],
  ["0s finish #1 error, again 10s", 'line 1, column 27: "10s" cannot stand here; expected at'],
  [
    "0s finish #1 complete, saying no",
    'line 1, column 24: "saying" is not a detail of this outcome; one of merging, of',
  ],
  [
    "0s finish #1 complete, of fetch 0",
    "line 1, column 33: a fetch must be counted from 1, but is 0",
  ],
  [
    "0s insert #1 uniqe A",
    'line 1, column 14: "uniqe" cannot stand here; one of a comma, unique, due, priority, queue, max, pending, kind, args, metadata, tags, a semicolon',
  ],
  [
    "0s insert #1 unique A, max 3, max 4",
    'line 1, column 31: "max" is not an option; one of due, priority, queue, pending, kind, args, metadata, tags',
  ],
  [
    "0s insert #1 unique A except cancelled",
    'line 1, column 30: "cancelled" is not a state of the key; one of available, completed, pending, retryable, running, scheduled',
  ],
  ["0s insert #1 unique", "line 1, column 20: the line ends too early; one of a key such as A, by"],
  [
    "0s insert #1 unique A by args+size",
    'line 1, column 31: "size" is not a part of the key; one of args, queue, period, any, nothing',
  ],
  [
    '0s insert #1 unique A, args {"key":"B"}',
    "line 1, column 29: args must be said once, but are a key and args",
  ],
  ["0s insert #1 args {", "line 1, column 19: { must be closed in the same line, but is not"],
  ["0s insert #1 due soon", 'line 1, column 18: "soon" is not a time such as 30s'],
  ["0s insert #2; #1", "line 1, column 15: labels must rise, but #1 comes after #2"],
  ["0s insert #1\n1s insert #1", "line 2, column 11: labels must rise, but #1 comes after #1"],
  ["1s schedule\n 0s schedule", "line 2, column 2: times must not fall, but 0s comes after 1s"],
  ["0s schedule\n  #1 happy", 'line 2, column 6: "happy" cannot stand here; one of available,'],
  ["0s schedule\n  A busy", 'line 2, column 5: "busy" is not a job such as #1'],
  [
    "0s schedule\n  refused politely",
    'line 2, column 11: "politely" is not a refusal; one of invalid,',
  ],
  [
    "#1 available",
    "line 1, column 1: an expectation must stand below a step, but none is above it",
  ],
  [
    "hello",
    'line 1, column 1: "hello" cannot stand here; one of a time such as 30s, edition, lists, refused, ',
  ],
  [
    "0s schedule\nedition 0.12",
    "line 2, column 1: the edition must stand once and above all steps",
  ],
  ["0s op {}", "line 1, column 7: op does not fit an operation: Invalid"],
  [
    '0s op {"op":"fetch","limit":1,"client":"a"}',
    "line 1, column 7: queue does not fit an operation: ",
  ],
  ["0s op {oops}", "line 1, column 7: an operation must be JSON, but is not: "],
  [
    '0s op {"op":"schedule","now":1,"horizon":1,"limit":1}',
    "line 1, column 7: now must be the time of the line, but is 1",
  ],
])("%j is answered with what could stand there", (text, message) => {
  const error = errorOf(text);
  expect(error).toBeInstanceOf(NotationError);
  expect(String(error?.message).slice(0, message.length)).toBe(message);
});

test("columns count characters, not halves of them", () => {
  expect(errorOf('0s insert #1 kind "🙂" x')?.message).toContain("line 1, column 23:");
});

test("any text is a story or a NotationError", () => {
  const words = fc.constantFrom(
    ...'0s 1s insert fetch finish schedule queue_touch queue_update elect reelect queue leader op #1 #2 unique A by args + period in , ; { } " # free refused error again at \n'.split(
      " ",
    ),
  );
  const soup = fc
    .array(fc.oneof(words, fc.string()), { maxLength: 12 })
    .map((all) => all.join(" "));
  fc.assert(
    fc.property(soup, (text) => {
      const error = errorOf(text);
      if (error === null)
        expect(printStory(parseStory(text).steps.map(({ op }) => op))).toBeTypeOf("string");
      else expect(error).toBeInstanceOf(NotationError);
    }),
    { numRuns: 2_000 },
  );
});

function errorOf(text: string): Error | null {
  try {
    parseStory(text);
    return null;
  } catch (error) {
    return error as Error;
  }
}
