import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { madeReport } from "../report/made-reports.ts";
import { eventJson } from "../report/run-report.ts";
import { UsageError } from "./exit.ts";
import { checkReportFiles, writeReports } from "./report-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const REPORTS = [madeReport("0.12.0", []), madeReport("0.51.1", [])];

test("each format goes to its own file, in folders that are made, over what was there", async () => {
  const files = {
    junit: join(folder, "a/b/junit.xml"),
    markdown: join(folder, "summary.md"),
    ndjson: join(folder, "run.ndjson"),
  };
  await writeFile(files.markdown, "old");
  await checkReportFiles(files);
  expect(await readFile(files.markdown, "utf8")).toBe("old");
  expect(await writeReports(REPORTS, files)).toEqual(Object.values(files));
  expect(await readFile(files.junit, "utf8")).toContain("<testsuites");
  expect(await readFile(files.markdown, "utf8")).toMatch(/^## ✓ All 2 implementations keep/);
  const lines = (await readFile(files.ndjson, "utf8")).trimEnd().split("\n");
  const events = lines.map((line) => eventJson.parse(JSON.parse(line)));
  expect(events.filter(({ event }) => event === "footer")).toHaveLength(2);
  expect((await readdir(folder)).sort()).toEqual(["a", "run.ndjson", "summary.md"]);
});

test("nothing wanted, nothing written", async () => {
  await checkReportFiles({});
  expect(await writeReports(REPORTS, {})).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test("a path that cannot be written is told before the run, and nothing is left behind", async () => {
  await writeFile(join(folder, "file"), "");
  await mkdir(join(folder, "folder"));
  for (const path of ["file/below.xml", "folder", "folder/\u0000", ""]) {
    const asked = checkReportFiles({ junit: path === "" ? "" : join(folder, path) });
    await expect(asked, path).rejects.toThrow(UsageError);
    await expect(asked, path).rejects.toThrow(/^--junit must be a file that can be written, but /);
  }
  const same = join(folder, "same");
  await expect(checkReportFiles({ junit: same, ndjson: same })).rejects.toThrow(/of its own/);
  expect((await readdir(folder)).sort()).toEqual(["file", "folder"]);
});
