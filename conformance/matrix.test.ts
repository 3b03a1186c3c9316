import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { weirIn } from "./cli/spawn.ts";
import { madeReport } from "./report/made-reports.ts";
import { readReports, writeReport } from "./report/report-text.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;
const isOwed = hasGo || process.env.CI !== undefined;
const url = inject("postgresUrl");
const weir = weirIn(() => folder);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-matrix-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SELF_CONFLICT = {
  format: 1,
  weir: "0.1.0",
  adapter: "river-go@0.12.0",
  edition: "0.12",
  seed: 42,
  rule: "SCH-3",
  signature:
    "SCH-3 | schedule | state | available → discarded | scheduled | mask + | held by itself | attempts left",
  steps: [
    {
      op: "insert",
      now: 0,
      jobs: [
        {
          id: 1,
          kind: "weir",
          args: `{"key":"A"}`,
          scheduledAt: 10_000_000,
          unique: { byArgs: true, byState: ["available", "pending", "running", "scheduled"] },
        },
      ],
    },
    { op: "schedule", now: 10_000_000, horizon: 10_000_000, limit: 10_000 },
  ],
  expected: `"available"`,
  got: `"discarded"`,
};

test.concurrent.each([
  [["matrix"], "matrix needs --adapters, such as river-go@0.12.0,0.12.1, or --from."],
  [["matrix", "--adapters", "0.12.0"], "the version 0.12.0 after no adapter"],
  [["matrix", "--adapters", ","], "--adapters must name at least one"],
  [["matrix", "--from", "no-such.ndjson"], "no report is at no-such.ndjson."],
  [["diff", "river-go@0.12.0", "river-go@0.12.0"], "diff needs two versions"],
  [["bisect", "no-such.json"], "no trace is at no-such.json."],
])("%j is answered with one line", { timeout: 120_000 }, async (args, message) => {
  const ran = await weir(args);
  expect(ran.err.trim().split("\n")).toEqual([expect.stringMatching(/^weir: /)]);
  expect(ran.err).toContain(message);
  expect(ran.code).toBe(64);
});

test("saved reports are drawn without a run", { timeout: 120_000 }, async () => {
  const saved = [madeReport("0.12.1", []), madeReport("0.12.0", [])].map(writeReport).join("");
  await writeFile(join(folder, "saved.ndjson"), saved);
  const ran = await weir(["matrix", "--from", "saved.ndjson", "--html", "saved.html"]);
  expect(ran.out).toMatch(/2 versions × \d+ rules · .* seed 42\n/);
  expect(ran.out).toMatch(/river-go +0\.12\.0 +0\.12\.1\n/);
  expect(ran.out).toContain("written      saved.html");
  expect(ran.out.trim().split("\n").at(-1)).toMatch(/exit 0: every rule that was tried is kept/);
  expect(ran.code).toBe(0);
  await writeFile(join(folder, "cut.ndjson"), saved.slice(0, -200));
  expect((await weir(["matrix", "--from", "cut.ndjson"])).code).toBe(64);
});

test("an adapter that cannot be opened is a column; the others go on, each with its records", {
  timeout: 180_000,
}, async () => {
  const adapters = "reference,./no-such-adapter";
  const args = ["--adapters", adapters, "--runs", "8", "--seed", "1", "--database", url];
  const ran = await weir(["matrix", ...args, "--ndjson", "two.ndjson"]);
  expect(ran.out).toContain("! ./no-such-adapter: cannot start ./no-such-adapter: no such program");
  expect(ran.out).toMatch(/exit 4: 1 of 2 not checked/);
  expect(ran.code).toBe(4);
  const reports = readReports(await readFile(join(folder, "two.ndjson"), "utf8"));
  const [reference, absent] = reports;
  expect(reference?.footer).toMatchObject({ sequences: 8, complete: true });
  expect(absent?.rules.every(({ verdict, why }) => verdict === "undecided" && why !== null)).toBe(
    true,
  );
});

const name = isOwed ? "the real River" : "the real River (skipped: no Go on PATH)";

describe.skipIf(!isOwed)(name, { timeout: 300_000 }, () => {
  test("the matrix of two versions, and their diff from the same reports", async () => {
    const both = ["--seed", "42", "--database", url];
    const adapters = ["--adapters", "river-go@0.12.0,0.12.1", "--runs", "4"];
    const ran = await weir(["matrix", ...adapters, ...both, "--ndjson", "go.ndjson"]);
    expect(ran.out).toMatch(/ {2}SCH-3 .* ✗ +✓\n/);
    expect(ran.out).toMatch(/npx weir replay \.weir\/river-go@0\.12\.0\/\S+\.json/);
    expect(ran.code).toBe(1);
    const diff = await weir([
      ...["diff", "river-go@0.12.0", "0.12.1", "--from", "go.ndjson", "--json"],
      ...both,
    ]);
    const found = JSON.parse(diff.out.trim().split("\n").at(-1) ?? "");
    expect(found.fixed.map(({ rule }: { rule: string }) => rule)).toContain("SCH-3");
    expect(found.broken).toEqual([]);
  });

  test("bisect names the version that mended the self-conflict", async () => {
    await writeFile(join(folder, "self.json"), JSON.stringify(SELF_CONFLICT));
    const range = ["--to", "0.12.1", "--database", url];
    const ran = await weir(["bisect", "self.json", ...range]);
    expect(ran.out).toMatch(/0\.12\.0 +✗ broken/);
    expect(ran.out).toContain("SCH-3 broken in 0.12.0, kept since 0.12.1");
    expect(ran.code).toBe(0);
  });
});
