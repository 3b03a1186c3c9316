import type { Op, OpName } from "../../spec/model/op.ts";
import { type Expectation, printExpectation } from "./expectation.ts";
import { STEPS, type Step } from "./steps.ts";
import { printMicros } from "./time.ts";
import { printValueAsJson } from "./words.ts";

/** One operation in one line, without its time: `insert #1 unique A, due 30s`. What has no words is `op {json}`. */
export function printOp(op: Op): string {
  const words = wordsOf(op.op, op);
  if (words !== null) return op.op + words;
  const { now: _, ...rest } = op;
  return `op ${printValueAsJson(rest)}`;
}

/**
 * A whole story: times to the left, expectations below their step, the edition on top. It can be read back if
 * times do not fall and labels rise.
 */
export function printStory(
  ops: readonly Op[],
  expectations: readonly (readonly Expectation[])[] = [],
  edition?: string,
): string {
  const times = ops.map(({ now }) => printMicros(now));
  const width = Math.max(3, ...times.map((time) => time.length));
  const lines = ops.flatMap((op, i) => [
    `${(times[i] ?? "").padStart(width)}   ${printOp(op)}`,
    ...(expectations[i] ?? []).map((one) => `${" ".repeat(width + 3)}${printExpectation(one)}`),
  ]);
  const head = edition === undefined ? [] : [`edition ${edition}`];
  return [...head, ...lines].map((line) => `${line}\n`).join("");
}

/** The name picks the step that takes exactly this operation; TypeScript cannot see that the two belong together. */
function wordsOf(name: OpName, op: Op): string | null {
  const step: Pick<Step<never>, "print"> = STEPS[name];
  return step.print(op as never);
}
