import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { compare } from "../compare/compare.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { World } from "../run/world.ts";
import { type ProcessAdapter, processAdapter } from "./process.ts";
import { buildRiverRust, riverRustVersions } from "./river-rust.ts";
import { RiverRustError } from "./rust-build.ts";

const hasRust = spawnSync("cargo", ["--version"]).status === 0;
const isOwed = hasRust || process.env.CI !== undefined;
const LAW = lawOf(NEWEST);

/** A story through every live client that the adapter starts. */
const KEPT = `
 0s  insert #1 unique A; #2 priority 2; #3 due 10s
 0s  fetch 2
 1s  finish #1 error, again at 10s
 2s  finish #2 snooze 30s
 2s  queue_touch default
 3s  queue_pause default
10s  schedule
11s  fetch 2
12s  finish #1 complete
 3h  rescue
 9d  clean
`;

/** What River's scheduler does to a job that holds its key itself while a rival of it is due. */
const BROKEN = `
 0s  insert #1 unique A except retryable
 0s  fetch 1
 0s  finish #1 error, again at 10s
 1s  insert #2 unique A, due 11s
12s  schedule
`;

/** The rules that a story breaks at its first difference. */
async function broken(adapter: ProcessAdapter, story: string): Promise<readonly string[]> {
  await adapter.reset();
  const world = new World(LAW);
  for (const { op } of parseStory(story.trim()).steps) {
    const expected = world.expect(op);
    const reply = await adapter.run(op, world);
    const observed = world.observed(op, expected, await adapter.observe(), reply);
    const differences = compare(world.state, expected, observed);
    if (differences.length > 0) return differences.map(({ rule }) => `${op.op} ${rule}`);
    world.advance(expected, world.drawn(expected, observed));
  }
  return [];
}

describe("without a build", () => {
  let cache = "";
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "weir-river-rust-"));
    vi.stubEnv("WEIR_CACHE", cache);
    vi.stubEnv("PATH", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  test("a version that nobody knows is named with those that are known", async () => {
    await expect(buildRiverRust("0.99.0")).rejects.toThrow(
      new RiverRustError(
        "unknown",
        `no adapter is called river-rust@0.99.0. Known versions: ${riverRustVersions().join(", ")}.`,
      ),
    );
  });

  test("a missing Rust is said once, with the place to get it, and leaves nothing behind", async () => {
    await expect(buildRiverRust("0.5.0")).rejects.toThrow(
      new RiverRustError(
        "rust",
        "river-rust needs Rust 1.95 or newer, but none is on PATH. Install it from rustup.rs.",
      ),
    );
    expect(await readdir(cache)).toEqual([]);
  });
});

const name = isOwed ? "the crate riverqueue" : "the crate riverqueue (skipped: no cargo on PATH)";

describe.skipIf(!isOwed)(name, { timeout: 900_000 }, () => {
  test("0.5.0 tells its version, keeps its claims, and runs steps by live clients", async () => {
    const command = [await buildRiverRust("0.5.0")];
    const adapter = await processAdapter({ command, serverUrl: inject("postgresUrl") });
    try {
      expect(adapter.about).toMatchObject({
        implementation: "riverqueue",
        version: "0.5.0",
        edition: NEWEST.name,
      });
      await adapter.probe();
      expect(await broken(adapter, KEPT)).toEqual([]);
      expect(await broken(adapter, BROKEN)).toContain("schedule SCH-5");
    } finally {
      await adapter.close();
    }
  });
});
