import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

function count(report: string): string {
  const folder = mkdtempSync(join(tmpdir(), "weir-count-"));
  try {
    const path = join(folder, "report.json");
    writeFileSync(path, report);
    const program = join(import.meta.dirname, "count-tests.mjs");
    return execFileSync(process.execPath, [program, path], { encoding: "utf8", stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = (status: string, ...states: readonly string[]) => ({
  status,
  assertionResults: states.map((each) => ({ status: each })),
});

test("tests are counted over all files, and a file that could not run is a failure", () => {
  const testResults = [
    file("passed", "passed", "passed", "skipped"),
    file("failed", "failed", "passed", "pending", "todo"),
    file("failed"),
  ];
  expect(count(JSON.stringify({ testResults }))).toBe("3 passed, 2 failed, 3 skipped\n");
});

test("without a report nothing is counted", () => {
  expect(() => count("")).toThrow();
});
