import { expect, test } from "vitest";
import { lawOf } from "../../conformance/law.ts";
import { parseStory } from "../../conformance/notation/parse.ts";
import { NEWEST } from "./edition.ts";
import { EMPTY } from "./state.ts";
import { step } from "./step.ts";

/** The rules that speak for #2 behind a whole batch of jobs that may not be rescued. */
function rulesBehindBatch(metadata: string): ReadonlySet<string> {
  const { steps } = parseStory(
    `0s  insert #1 kind weir_never; #2 metadata ${metadata}\n0s  fetch 2\n2h  rescue 1\n`,
  );
  let done = step(EMPTY, { op: "schedule", now: 0, horizon: 0, limit: 1 }, lawOf(NEWEST));
  for (const { op } of steps) done = step(done.state, op, lawOf(NEWEST));
  return new Set(done.effects.filter(({ job }) => job === 2).map(({ rule }) => rule));
}

test("a job that a whole batch would hide is RSC-2's, but with an odd mark it is RSC-12's alone", () => {
  expect(rulesBehindBatch("{}")).toContain("RSC-2");
  const odd = rulesBehindBatch('{"cancel_attempted_at":true}');
  expect(odd).toContain("RSC-12");
  expect(odd).not.toContain("RSC-2");
});
