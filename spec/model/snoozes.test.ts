import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonb } from "./jsonb.ts";
import { countOf } from "./snoozes.ts";

const { snoozes }: { snoozes: [string, string][] } = JSON.parse(
  readFileSync(new URL("../../src/ops/finish.vectors.json", import.meta.url), "utf8"),
);
const MOST = 9_223_372_036_854_775_806n;
// One beyond a double counts as the largest integer here, as a number does; gjson reads it as 0.
const alike = snoozes.filter(([json]) => json !== '"1e999"');

test.each(alike)("%s counts as River counts it", (json, count) => {
  const want = BigInt(count) > MOST ? MOST : BigInt(count);
  expect(countOf(jsonb(json) ?? "")).toBe(want);
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
