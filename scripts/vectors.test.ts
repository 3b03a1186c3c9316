import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences, generateVectors } from "./vectors.ts";

const VECTORS = fileURLToPath(new URL("../spec/vectors/", import.meta.url));

function goIsHere(): boolean {
  try {
    return execFileSync("go", ["version"]).length > 0;
  } catch {
    return false;
  }
}

/** Without Go nothing can be built; in CI that is a failure, elsewhere a skip. */
describe.skipIf(!goIsHere() && !process.env.CI)("the checked-in vectors (needs Go)", () => {
  let made: ReadonlyMap<string, string>;
  let copy = "";
  beforeAll(async () => {
    made = await generateVectors();
    copy = await mkdtemp(join(tmpdir(), "weir-vectors-"));
    await cp(VECTORS, copy, { recursive: true });
  }, 300_000);
  afterAll(() => rm(copy, { recursive: true, force: true }));

  test("are what River makes", async () => {
    expect(made.size).toBe(7);
    expect(await differences(made, VECTORS)).toEqual([]);
  });

  test("a change in one is found, and one that is missing", async () => {
    const path = join(copy, "snoozes.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('\\"snoozes\\": 4}"', '\\"snoozes\\": 5}"'));
    const found = await differences(made, copy);
    expect(found).toHaveLength(2);
    expect(found.every((line) => line.startsWith("snoozes.json: "))).toBe(true);
    await rm(path);
    const lines = (await differences(made, copy)).length;
    expect(lines).toBeGreaterThan(text.split("\n").length - 3);
  });

  test("another order is found", async () => {
    const shuffled = new Map(made);
    const lines = (made.get("retry.json") ?? "").split("\n");
    const [first = "", second = ""] = lines.splice(4, 2);
    shuffled.set("retry.json", [...lines.slice(0, 4), second, first, ...lines.slice(4)].join("\n"));
    expect(await differences(shuffled, VECTORS)).toEqual(["retry.json: reordered"]);
  });
});
