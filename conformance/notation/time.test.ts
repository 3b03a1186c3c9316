import { expect, test } from "vitest";
import { parseMicros, printMicros } from "./time.ts";

test.each([
  [0, "0s"],
  [-0, "0s"],
  [1, "0.000001s"],
  [30e6, "30s"],
  [30_000_001, "30.000001s"],
  [-1e6, "-1s"],
  [-1, "-0.000001s"],
  [600e6, "10m"],
  [3600e6, "1h"],
  [90_000e6, "25h"],
  [691_200e6, "8d"],
  [3601e6, "3601s"],
  [Number.MAX_SAFE_INTEGER, "9007199254.740991s"],
  [0.5, "0.5us"],
  [1e300, "1e300us"],
])("%d µs is %s", (time, text) => {
  expect(printMicros(time)).toBe(text);
  expect(parseMicros(text)).toBe(time + 0);
});

test.each([
  "",
  "1",
  "s",
  "1.5h",
  "1.0000001s",
  "+1s",
  "1 s",
  "9007199254740992s",
  "1e999us",
  "0x1us",
])("%j is no time", (text) => {
  expect(parseMicros(text)).toBeNull();
});

test("minus zero is read as zero", () => {
  expect(parseMicros("-0s")).toBe(0);
  expect(parseMicros("-0us")).toBe(0);
});
