import { expect, test } from "vitest";
import { readVectors } from "../../conformance/vectors/files.ts";
import { isOwed } from "../../conformance/vectors/snoozes.ts";
import { jsonb, membersOf } from "./jsonb.ts";
import { countOf } from "./snoozes.ts";

const MOST = 9_223_372_036_854_775_806n;

test("counts go on as in River", () => {
  const owed = readVectors().snoozes.filter(isOwed);
  expect(owed.length).toBeGreaterThan(50);
  for (const { before, after } of owed) {
    const [value, next] = [before, after].map((text) => membersOf(text)?.get("snoozes"));
    expect([before, countOf(value ?? "null") + 1n]).toEqual([before, BigInt(next ?? "none")]);
  }
});

test.each([
  ['"1e999"', MOST],
  [`"${"9".repeat(300)}"`, MOST],
  [`"${"0".repeat(300)}7"`, 7n],
  ["1e400", MOST],
  ["-1e131071", -(2n ** 63n)],
  [`"1e${"9".repeat(50)}"`, 0n],
  ['"12.34e1"', 123n],
  ['".5e1"', 5n],
  ['"1.9e-1"', 0n],
])("%s counts as %s", (json, count) => {
  expect(countOf(jsonb(json) ?? "")).toBe(count);
});
