import fc from "fast-check";
import { expect, test } from "vitest";
import { onBoth } from "../conformance/database/on-both.ts";
import { readEpoch, readRfc3339, timestampText, YEAR_ONE } from "./time.ts";

const LAST = 253_402_300_799_999_999n;

test("instants outside the years 1 to 9999 are refused", () => {
  expect(timestampText(YEAR_ONE, "at")).toBe("0001-01-01T00:00:00.000000Z");
  expect(timestampText(LAST, "at")).toBe("9999-12-31T23:59:59.999999Z");
  for (const at of [YEAR_ONE - 1n, LAST + 1n]) {
    expect(() => timestampText(at, "at")).toThrow(
      expect.objectContaining({ code: "invalid", field: "at" }),
    );
  }
});

test("RFC 3339 is read to the microsecond", () => {
  expect(readRfc3339("1969-12-31T23:59:59.9999999Z")).toBe(-1n);
  expect(readRfc3339("1970-01-01T00:00:01Z")).toBe(1_000_000n);
  expect(["now", "1970-01-01", "1970-01-01T00:00:00", ""].map(readRfc3339)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

onBoth((subject) => {
  test("every instant goes to Postgres and back", async () => {
    const instant = fc.bigInt({ min: YEAR_ONE, max: LAST });
    await fc.assert(
      fc.asyncProperty(instant, async (at) => {
        const { rows } = await subject.db.query<{ epoch: string }>(
          "select extract(epoch from $1::timestamptz)::text as epoch",
          [timestampText(at, "at")],
        );
        expect(readEpoch(rows[0]?.epoch ?? "")).toBe(at);
      }),
    );
  });
});
