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

/** The versions of River in which something changed for the rules, and the newest. */
const VERSIONS = [
  ["0.12.0", "0.12.1", "0.13.0", "0.16.0", "0.18.0", "0.23.1", "0.27.0", "0.28.0"],
  ["0.40.0", "0.43.0", "0.44.0", "0.47.0", "0.48.0", "0.49.0", "0.50.0", "0.51.1"],
  ["0.51.2"],
].flat();

/** Of how many sequences a list must be made, where not of 300. A crate's live clients take two seconds for one. */
const RUNS: Readonly<Record<string, number>> = {
  "river-go@0.51.1.json": 1_000,
  "river-go@0.51.2.json": 1_000,
  "river-rust@0.5.0.json": 100,
};

const SHIPPED = fileURLToPath(new URL("../expectations/", import.meta.url));

async function shipped(name: string): Promise<Expectations> {
  const file = await readExpectations(`${SHIPPED}${name}`);
  if (file === null) throw new Error(`${name} must be there, but is not.`);
  return file;
}

test("shipped expectations can be used, are named after their adapter, and give a reason for each story", async () => {
  const names = await readdir(SHIPPED);
  const others = ["river-python@0.7.0", "river-rust@0.5.0"];
  const all = [...VERSIONS.map((each) => `river-go@${each}`), ...others];
  expect(names.toSorted()).toEqual(all.map((each) => `${each}.json`).toSorted());
  for (const name of names) {
    const { adapter, version, entries, runs } = await shipped(name);
    expect(name).toBe(`${adapter}@${version}.json`);
    expect(runs).toBeGreaterThanOrEqual(RUNS[name] ?? 300);
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
  test.each(["0.12.0", "0.51.1"])(
    "%s still shows every story that is accepted of it, as it is listed",
    async (version) => {
      const { entries } = await shipped(`river-go@${version}.json`);
      const url = inject("postgresUrl");
      const { adapter, edition } = await openAdapter(`river-go@${version}`, url, () => {});
      try {
        for (const { signature, story } of entries) {
          const ops = parseStory((story ?? []).join("\n")).steps.map(({ op }) => op);
          const { divergences } = await runSequence(adapter, ops, lawOf(edition));
          expect(divergences[0]?.signature).toBe(signature);
        }
      } finally {
        await adapter.close();
      }
    },
  );
});
