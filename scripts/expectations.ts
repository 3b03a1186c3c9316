/**
 * Writes the shipped expectations of each report named, as `npx weir check --adapter river-go@0.51.1 --seed 42 --json > report.ndjson`
 * made it, or `npx weir matrix --seed 42 --ndjson report.ndjson` of several. Reasons are those of `expectation-reasons.json` for the adapter,
 * by the first four parts of the signature, else by its rule; where one is missing, the story is printed, nothing is written, and the exit
 * code is 1. What a matrix found on one column and ran on another is an expectation of both.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GATE_SEED } from "../conformance/cli/options.ts";
import { type Entry, writeExpectations } from "../conformance/gate/file.ts";
import { printStory } from "../conformance/notation/print.ts";
import { readReports } from "../conformance/report/report-text.ts";
import type { ReportedFinding, RunReport } from "../conformance/report/run-report.ts";

const SHIPPED = fileURLToPath(new URL("../conformance/expectations/", import.meta.url));

function reasonOf(adapter: string, signature: string): string | undefined {
  const reasons = REASONS[adapter] ?? {};
  return reasons[kindOf(signature)] ?? reasons[signature.split(" | ")[0] ?? ""];
}

const kindOf = (signature: string): string => signature.split(" | ").slice(0, 4).join(" | ");

async function write({ header, findings, footer }: RunReport): Promise<boolean> {
  const { name, adapter, version, property, seed } = header;
  if (!footer.complete || seed !== GATE_SEED) {
    process.stderr.write(`${name}: the run must be whole and of seed ${GATE_SEED}, but is not.\n`);
    return false;
  }
  const broken = findings.filter(({ kind }) => kind === "broken");
  const missing = broken.filter(({ signature }) => reasonOf(adapter, signature) === undefined);
  for (const { signature, story } of missing) {
    process.stderr.write(`${name}: no reason for ${kindOf(signature)}\n${story.join("\n")}\n\n`);
  }
  if (missing.length > 0) return false;
  const path = `${SHIPPED}${name}.json`;
  const entries = broken.map((finding) => entryOf(adapter, finding));
  const runs = footer.sequences;
  await writeExpectations(path, { format: 1, adapter, version, property, runs, entries });
  process.stdout.write(`${path}: ${entries.length} entries\n`);
  return true;
}

function entryOf(adapter: string, { rule, signature, steps }: ReportedFinding): Entry {
  const reason = reasonOf(adapter, signature) ?? "";
  const story = steps === null ? {} : { story: printStory(steps).trimEnd().split("\n") };
  return { rule, signature, reason, ...story };
}

const REASONS = z
  .record(z.string(), z.record(z.string(), z.string().min(1)))
  .parse(JSON.parse(await readFile(new URL("expectation-reasons.json", import.meta.url), "utf8")));

for (const path of process.argv.slice(2)) {
  for (const report of readReports(await readFile(path, "utf8"))) {
    if (!(await write(report))) process.exitCode = 1;
  }
}
