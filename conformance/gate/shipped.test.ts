import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { openAdapter } from "../cli/open.ts";
import { isRule } from "../cli/trace.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { runSequence } from "../run/sequence.ts";
import { type Expectations, readExpectations } from "./file.ts";

const SHIPPED = fileURLToPath(new URL("../expectations/", import.meta.url));

async function shipped(name: string): Promise<Expectations> {
  const file = await readExpectations(`${SHIPPED}${name}`);
  if (file === null) throw new Error(`${name} must be there, but is not.`);
  return file;
}

test("shipped expectations can be used, are named after their adapter, and give a reason for each story", async () => {
  const names = await readdir(SHIPPED);
  expect(names).toContain("river-go@0.51.1.json");
  for (const name of names) {
    const { adapter, version, entries, runs } = await shipped(name);
    expect(name).toBe(`${adapter}@${version}.json`);
    expect(runs).toBeGreaterThanOrEqual(1000);
    for (const { rule, reason, story } of entries) {
      expect(isRule(rule), rule).toBe(true);
      expect(reason, rule).toMatch(/^[A-Z].{30,}\.$/s);
      expect(story, rule).toBeDefined();
    }
  }
});

const isOwed = spawnSync("go", ["version"]).status === 0 || process.env.CI !== undefined;
const which = isOwed ? "the real River" : "the real River (skipped: no Go on PATH)";

describe.skipIf(!isOwed)(which, { timeout: 300_000 }, () => {
  test("0.51.1 still shows every story that is accepted of it, as it is listed", async () => {
    const { entries } = await shipped("river-go@0.51.1.json");
    const url = inject("postgresUrl");
    const { adapter, edition } = await openAdapter("river-go@0.51.1", url, () => {});
    try {
      for (const { signature, story } of entries) {
        const ops = parseStory((story ?? []).join("\n")).steps.map(({ op }) => op);
        const { divergences } = await runSequence(adapter, ops, lawOf(edition));
        expect(divergences[0]?.signature).toBe(signature);
      }
    } finally {
      await adapter.close();
    }
  });
});
