import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { RULES } from "../spec/rules.generated.ts";
import { weirIn } from "./cli/spawn.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;
const isOwed = hasGo || process.env.CI !== undefined;
const url = inject("postgresUrl");
const weir = weirIn(() => folder);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-river-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Event = Readonly<{
  event: string;
  rule?: string;
  fired?: number;
  steps?: readonly unknown[];
  record?: string;
}>;

const KEYED = { kind: "weir", args: `{"key":"A"}` };
const FREED = ["available", "completed", "pending", "running", "scheduled"];

const DISCARDED = {
  format: 1,
  weir: "0.1.0",
  adapter: "river-go@0.51.1",
  edition: "0.48",
  seed: 42,
  rule: "INV-12",
  signature: `INV-12 | schedule | answer | nothing → insert {"queue" | new | no key | no key | –`,
  steps: [
    { op: "insert", now: 0, jobs: [{ ...KEYED, id: 1, unique: { byArgs: true, byState: FREED } }] },
    { op: "fetch", now: 0, queue: "default", limit: 1, client: "c1" },
    {
      op: "finish",
      now: 0,
      job: 1,
      outcome: { kind: "error", message: "boom", retryAt: 10_000_000 },
    },
    { op: "insert", now: 0, jobs: [{ ...KEYED, id: 2, unique: { byArgs: true } }] },
    { op: "schedule", now: 20_000_000, horizon: 20_000_000, limit: 10_000 },
  ],
  expected: `"nothing"`,
  got: `"insert {\\"queue\\": \\"default\\"}"`,
};

type Checked = Readonly<{ code: number; findings: readonly Event[]; fired: readonly string[] }>;

async function check(version: string, runs: number): Promise<Checked> {
  const args = ["check", "--adapter", `river-go@${version}`, "--runs", `${runs}`, "--seed", "42"];
  const { code, out, err } = await weir([...args, "--json", "--database", url]);
  const events = out
    .trim()
    .split("\n")
    .map((line): Event => JSON.parse(line));
  expect(events.at(-1)?.event, err).toBe("footer");
  return {
    code,
    findings: events.filter(({ event }) => event === "finding"),
    fired: events.flatMap(({ rule = "", fired = 0 }) => (fired > 0 ? [rule] : [])),
  };
}

const chaptersOf = (rules: readonly string[]): readonly string[] =>
  [...new Set(rules.map((rule) => rule.split("-")[0] ?? ""))].sort();

const name = isOwed ? "the real River" : "the real River (skipped: no Go on PATH)";

describe.skipIf(!isOwed)(name, { timeout: 300_000 }, () => {
  test("0.12.0 discards a job that is alone, in at most 3 steps; 0.12.1 does not", async () => {
    const broken = await check("0.12.0", 20);
    expect(broken.code).toBe(1);
    const alone = broken.findings.filter(({ rule }) => rule === "SCH-3");
    const [shortest] = alone.sort((a, b) => (a.steps?.length ?? 99) - (b.steps?.length ?? 99));
    expect(shortest?.steps?.length).toBeLessThanOrEqual(3);

    const path = shortest?.record ?? "";
    const again = await weir(["replay", path, "--database", url]);
    expect(again.out).toContain("✗ SCH-3");
    expect(again.code).toBe(1);
    const later = await weir(["replay", path, "--adapter", "river-go@0.12.1", "--database", url]);
    expect(later.out).toContain("✓ fixed");
    expect(later.code).toBe(0);

    const mended = await check("0.12.1", 60);
    expect(mended.findings.map(({ rule }) => rule)).not.toContain("SCH-3");
  });

  test("0.51.1 runs every chapter", async () => {
    const { code, findings, fired } = await check("0.51.1", 60);
    expect([0, 1]).toContain(code);
    expect(chaptersOf(fired)).toEqual(chaptersOf(Object.keys(RULES)));
    expect(findings.map(({ rule }) => rule)).not.toContain("SCH-3");
  });

  test("0.51.1 tells the queue of a job that its scheduler only discards", async () => {
    const path = join(folder, "discarded.json");
    await writeFile(path, JSON.stringify(DISCARDED));
    const { code, out } = await weir(["replay", path, "--database", url]);
    expect(out).toContain(`must be nothing, but is insert {"queue": "default"}`);
    expect(code).toBe(1);
  });
});
