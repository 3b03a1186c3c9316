import { readFileSync } from "node:fs";

/** `12 passed, 0 failed, 1 skipped`, from the text of Vitest's JSON report; a file that could not run counts as a failure. */
export function countTests(report) {
  const { testResults } = JSON.parse(report);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  );
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  const failed = count("failed") + broken.length;
  const skipped = count("skipped", "pending", "disabled", "todo");
  return `${count("passed")} passed, ${failed} failed, ${skipped} skipped`;
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${countTests(readFileSync(process.argv[2], "utf8"))}\n`);
}
