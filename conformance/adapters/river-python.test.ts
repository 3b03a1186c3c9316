import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { weirIn } from "../cli/spawn.ts";
import { installRiverPython, RiverPythonError } from "./river-python.ts";

const hasPython = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;
const isOwed = hasPython || process.env.CI !== undefined;
const url = inject("postgresUrl");
const weir = weirIn(() => folder);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-river-python-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COUNTED = ["available", "pending", "running", "scheduled"];
const HALF_MINUTE = { byPeriod: 30_000_000, byState: COUNTED };

const LOST = {
  format: 1,
  weir: "0.1.0",
  adapter: "river-python@0.7.0",
  edition: "0.10",
  seed: 42,
  rule: "INS-4",
  signature: "INS-4 | insert | answer | a row → no row | new | no key | no key | –",
  steps: [
    { op: "insert", now: 0, jobs: [{ id: 1, unique: HALF_MINUTE }] },
    { op: "insert", now: 40_000_000, jobs: [{ id: 2, unique: HALF_MINUTE }] },
  ],
  expected: `"a row"`,
  got: `"no row"`,
};

type Event = Readonly<{ event: string; version?: string; edition?: string; rule?: string }>;

test("a version that is not known is refused before anything is installed", async () => {
  await expect(installRiverPython("0.99.0")).rejects.toThrow(
    new RiverPythonError(
      "unsupported",
      "no adapter is called river-python@0.99.0. Known: river-python@0.7.0.",
    ),
  );
});

const name = isOwed ? "riverqueue" : "riverqueue (skipped: no Python with pip on PATH)";

describe.skipIf(!isOwed)(name, { timeout: 300_000 }, () => {
  test("two at once install the same", async () => {
    const [first, second] = await Promise.all([
      installRiverPython("0.7.0"),
      installRiverPython("0.7.0"),
    ]);
    expect(second).toEqual(first);
  });

  test("0.7.0 runs to the end, judged by the rules of 0.10", async () => {
    const args = ["check", "--adapter", "river-python@0.7.0", "--property", "insert", "--json"];
    const limits = ["--runs", "4", "--seed", "42", "--database", url];
    const { code, out, err } = await weir([...args, ...limits]);
    const events = out
      .trim()
      .split("\n")
      .map((line): Event => JSON.parse(line));
    expect(events[0], err).toMatchObject({ version: "0.7.0", edition: "0.10" });
    expect(events.at(-1)?.event, err).toBe("footer");
    expect(events.map(({ rule }) => rule)).toContain("INS-10");
    expect(code).toBe(1);
  });

  test("0.7.0 drops the job of a new period where states are named", async () => {
    const path = join(folder, "lost.json");
    await writeFile(path, JSON.stringify(LOST));
    const { code, out } = await weir(["replay", path, "--database", url]);
    expect(out).toContain("must be a row, but is no row");
    expect(code).toBe(1);
  });
});
