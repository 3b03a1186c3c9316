import { expect, test } from "vitest";
import { type JobRow, maskText, toJob } from "./job.ts";

const ROW: JobRow = {
  id: "9223372036854775807",
  state: "running",
  attempt: "3",
  max_attempts: "25",
  attempted_at: "1893456000.000001",
  created_at: "-1.500000",
  finalized_at: null,
  scheduled_at: "0",
  priority: "1",
  args: '{"n": 12345678901234567890.10}',
  attempted_by: '["a","b"]',
  errors: null,
  kind: "k",
  metadata: "[]",
  queue: "default",
  tags: '["x"]',
  unique_key: "00ff",
  unique_states: "11110101",
};

test("a row keeps every digit", () => {
  expect(toJob(ROW)).toMatchObject({
    id: 9223372036854775807n,
    attempt: 3,
    attemptedAt: 1_893_456_000_000_001n,
    createdAt: -1_500_000n,
    finalizedAt: null,
    scheduledAt: 0n,
    argsText: '{"n": 12345678901234567890.10}',
    attemptedBy: ["a", "b"],
    errors: [],
    uniqueStates: ["available", "completed", "pending", "retryable", "running", "scheduled"],
  });
});

test("a row survives whatever the schema permits", () => {
  const job = toJob({
    ...ROW,
    scheduled_at: "Infinity",
    created_at: "-Infinity",
    attempted_by: '[["a",null],["b","c"]]',
    errors: JSON.stringify([
      '{"at": "2030-01-01T01:00:00.1234567+01:00", "attempt": 1, "error": "e", "trace": "t"}',
      '{"at": "2030-01-01", "attempt": 1, "error": "e", "trace": ""}',
      '{"at": "2030-13-01T00:00:00Z", "attempt": 1, "error": "e", "trace": ""}',
      '{"at": "2030-01-01T00:00:00Z", "attempt": "1", "error": "e", "trace": ""}',
      "null",
      "1e2",
      null,
    ]),
    unique_key: null,
    unique_states: null,
  });
  expect(job.scheduledAt).toBe(9_223_372_036_854_775_807n);
  expect(job.createdAt).toBe(-9_223_372_036_854_775_807n);
  expect(job.attemptedBy).toEqual(["a", "null", "b", "c"]);
  expect(job.errors[0]).toEqual({ at: 1_893_456_000_123_456n, attempt: 1, error: "e", trace: "t" });
  expect(job.errors.slice(1).every((error) => "other" in error)).toBe(true);
  expect(job.errors.slice(4)).toEqual([{ other: "null" }, { other: "1e2" }, { other: "null" }]);
  expect(job.uniqueStates).toBe(null);
});

test("masks have River's bits", () => {
  expect(maskText(["scheduled"])).toBe("10000000");
  expect(maskText(["available", "retryable"])).toBe("00100001");
});
