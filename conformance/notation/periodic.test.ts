import fc from "fast-check";
import { expect, test } from "vitest";
import type { EnqueuePeriodicOp, PeriodicJob } from "../../spec/model/op.ts";
import { parseStory } from "./parse.ts";
import { printOp, printStory } from "./print.ts";

test.each([
  ["a leader begins", '"@every 7s" on start, named report, unique A, queue other'],
  ["nothing to do", '"0 * * * *" named report, nothing'],
  ["plain", '"*/5 * * * *"; "@every 1m" on start; "@every 2m" named b'],
])("%s", (_, entries) => {
  const line = `enqueue_periodic #3 since 5s; ${entries}`;
  const [step] = parseStory(`10s ${line}`).steps;
  if (step === undefined) throw new Error("There must be a step.");
  expect(printOp(step.op)).toBe(line);
});

const entry = fc.record<PeriodicJob>(
  {
    schedule: fc.constantFrom("@every 7s", "0 0 1 * 3"),
    name: fc.constantFrom("report", "a b", ""),
    onStart: fc.constant(true as const),
    job: fc.option(
      fc.record(
        {
          kind: fc.constantFrom("other", "on", "named", "nothing"),
          queue: fc.constantFrom("default", "since"),
          args: fc.constantFrom('{"a":1}', "[]"),
          unique: fc.constant({ byArgs: true }),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: ["schedule", "job"] },
);

test("what is printed is read back", () => {
  const op = fc.record<EnqueuePeriodicOp>({
    op: fc.constant("enqueue_periodic"),
    now: fc.constant(9_000_000),
    id: fc.integer({ min: 1, max: 9 }),
    since: fc.option(fc.constantFrom(-1, 0, 60_000_000)),
    jobs: fc.array(entry, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(op, (each) => {
      expect(parseStory(printStory([each])).steps.map((step) => step.op)).toEqual([each]);
    }),
  );
});
