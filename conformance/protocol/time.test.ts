import fc from "fast-check";
import { expect, test } from "vitest";
import { ORIGIN } from "../adapter.ts";
import { instantOf, sinceOrigin, timestampOf } from "./time.ts";

test.each([
  [0, "2030-01-01T00:00:00.000000Z"],
  [1, "2030-01-01T00:00:00.000001Z"],
  [-1, "2029-12-31T23:59:59.999999Z"],
  [-ORIGIN, "1970-01-01T00:00:00.000000Z"],
  [-ORIGIN - 1, "1969-12-31T23:59:59.999999Z"],
  [790 * 86_400_000_000 - 1, "2032-02-29T23:59:59.999999Z"],
])("%i microseconds from the origin are %s", (instant, timestamp) => {
  expect(timestampOf(instant)).toBe(timestamp);
  expect(instantOf(timestamp)).toBe(instant);
});

test("it agrees with the platform's calendar, to the second, wherever that reaches", () => {
  const range = {
    min: Date.parse("0001-01-01T00:00:00Z") / 1000,
    max: Date.parse("9999-12-31T23:59:59Z") / 1000,
  };
  fc.assert(
    fc.property(fc.integer(range), (second) => {
      const text = new Date(second * 1000).toISOString();
      // Whole seconds this far away are numbers that a double holds exactly.
      const instant = Number(BigInt(second) * 1_000_000n - BigInt(ORIGIN));
      expect(timestampOf(instant)).toBe(`${text.slice(0, 19)}.000000Z`);
      expect(instantOf(text)).toBe(instant);
    }),
  );
});

test("every microsecond within 285 years survives the way there and back", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (instant) => {
      expect(instantOf(timestampOf(instant))).toBe(instant);
    }),
  );
});

test("years past 9999 keep their order in time, but are no RFC 3339", () => {
  const year10000 = instantOf("9999-12-31T23:59:59Z") ?? 0;
  expect(timestampOf(year10000 + 1_000_000)).toBe("10000-01-01T00:00:00.000000Z");
  expect(() => timestampOf(-(10 ** 17))).toThrow(RangeError);
});

test.each([
  ["2030-01-01T01:00:00+01:00", 0],
  ["2029-12-31T18:30:00.5-05:30", 500_000],
  ["2030-01-01t00:00:00z", 0],
  ["2030-01-01T00:00:00.123456789Z", 123_456],
  ["2029-12-31T23:59:59.9999999Z", -1],
])("%s is read", (timestamp, instant) => {
  expect(instantOf(timestamp)).toBe(instant);
});

test.each([
  "",
  "2030-01-01",
  "2030-01-01T00:00:00",
  "2030-02-29T00:00:00Z",
  "2030-13-01T00:00:00Z",
  "2030-01-01T24:00:00Z",
  "2030-01-01T00:00:60Z",
  "2030-01-01T00:00:00.Z",
  "2030-01-01T00:00:00+25:00",
  "0000-01-01T00:00:00Z",
])("%j is no instant", (timestamp) => {
  expect(instantOf(timestamp)).toBeNull();
});

test("the epoch's microseconds are moved to the origin", () => {
  expect(sinceOrigin(String(ORIGIN))).toBe(0);
  expect(sinceOrigin("-1")).toBe(-1 - ORIGIN);
  // 2^53 and past it: the difference is exact again once it is small enough.
  expect(sinceOrigin("9007199254740993")).toBe(Number(9_007_199_254_740_993n - BigInt(ORIGIN)));
});
