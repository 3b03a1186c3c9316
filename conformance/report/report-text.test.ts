import { expect, test } from "vitest";
import { readReport, writeReport } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

const REPORT: RunReport = {
  header: {
    event: "header",
    format: 1,
    weir: "0",
    name: "./mine",
    adapter: "mine",
    implementation: "mine",
    version: "1",
    language: "ruby",
    database: "Postgres 18.4",
    clock: "injected",
    edition: "0.48",
    capabilities: {
      insert: "supported",
      fetch: { unsupported: "it has none", since: "0.20" },
      "finish.late": { divergent: "late", why: "it says so" },
    },
    property: "step",
    seed: 1,
    command: "npx weir check",
    machine: "a test's",
    at: "2030-01-01T00:00:00.000Z",
  },
  findings: [
    {
      event: "finding",
      kind: "broken",
      rule: "INS-4",
      signature: "INS-4 | insert",
      sequence: 1,
      seconds: 0.5,
      length: 3,
      steps: [{ op: "insert", now: 0, jobs: [{ id: 1 }] }],
      story: ["  ✗ INS-4"],
      expected: '"available"',
      got: '"pending"',
      why: null,
      behavesLike: null,
      record: null,
    },
  ],
  rules: [{ event: "rule", rule: "INS-4", verdict: "broken", fired: 3, why: null }],
  footer: {
    event: "footer",
    sequences: 1,
    operations: 3,
    seconds: 1,
    transitions: 2,
    complete: true,
    failure: null,
    exit: 1,
  },
};

test("what is written is read again", () => {
  const text = writeReport(REPORT);
  expect(text.trim().split("\n")).toHaveLength(4);
  expect(readReport(text)).toEqual(REPORT);
});

test.each([
  ["", "must begin with its header, but is empty"],
  ["{", "line 1 of a report must be JSON, but is not"],
  [
    writeReport(REPORT).split("\n").slice(0, 3).join("\n"),
    "must end with its footer, but ends after 3 lines. The run was cut off: run it again.",
  ],
  [writeReport(REPORT).split("\n").slice(1).join("\n"), "begins with a finding"],
  [writeReport(REPORT) + writeReport(REPORT), "line 4 has another footer"],
  [
    writeReport(REPORT).replace('"verdict":"broken"', '"verdict":"fine"'),
    "line 3 of a report must be one of its events, but is not at verdict",
  ],
  [writeReport(REPORT).replace('"format":1', '"format":2'), "line 1"],
])("what is no whole report is refused: %#", (text, message) => {
  expect(() => readReport(text)).toThrow(message);
});
