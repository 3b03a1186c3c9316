import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { liarCommand } from "../adapters/liars/catalogue.ts";
import { type Expectations, readExpectations, writeExpectations } from "../gate/file.ts";
import { readReport } from "../report/report-text.ts";
import { weirIn } from "./spawn.ts";

const weir = weirIn(() => folder);
const url = inject("postgresUrl");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-expect-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The reference with wrong answers to get, in a process of its own; two walks, as the machine may be busy. */
const CHECK = ["check", "--adapter", liarCommand("misreports").join(" "), "--database", url];
const SHORT = [...CHECK, "--runs", "2"];

async function expectationsIn(name: string): Promise<Expectations> {
  const file = await readExpectations(join(folder, name));
  if (file === null) throw new Error(`${name} must be there, but is not.`);
  return file;
}

test("what differs is written with its reason, and is new once it is taken off the list", {
  timeout: 300_000,
}, async () => {
  const update = ["--expect", "e.json", "--update", "--reason", "get lies about priorities"];
  const written = await weir([...SHORT, ...update, "--json"]);
  const { header, footer } = readReport(written.out);
  expect(header.seed).toBe(42);
  const file = await expectationsIn("e.json");
  expect(file).toMatchObject({ adapter: "reference-process", property: "step", runs: 2 });
  expect(footer.gate?.unlisted).toBe(file.entries.length);
  expect(new Set(file.entries.map(({ reason }) => reason))).toEqual(
    new Set(["get lies about priorities"]),
  );

  const [, ...rest] = file.entries;
  const gone = { rule: "INS-4", signature: "INS-4 | insert | state", reason: "never true" };
  const story = ["0s insert #1"];
  await writeExpectations(join(folder, "other-list.json"), {
    ...file,
    entries: [...rest, { ...gone, story }],
  });
  const told = await weir([...SHORT, "--expect", "other-list.json"]);
  expect(told.out, told.err).toMatch(/✗ 1 new +INV-9/);
  expect(told.out).toMatch(/✗ 1 stale +INS-4 +its story no longer shows it/);
  expect(told.out).toContain("--expect other-list.json --update --reason");
  expect(told.out).toContain("exit 1: divergence");
  expect(told.code).toBe(1);
  expect(
    told.out.split("\n").every((line) => [...line].length <= 88 || line.includes("--update")),
  ).toBe(true);
});

test.concurrent.each<[string, string[], string]>([
  [
    "none.json",
    [],
    "no expectations are at none.json. Write them with --expect none.json --update",
  ],
  ["bad.json", [], "bad.json must be a file of expectations, but is no JSON."],
  ["other.json", [], "other.json must be of adapter reference, but is of river-go."],
  [
    "other.json",
    ["--property", "vectors"],
    "--property must be step, which other.json is of, but is vectors.",
  ],
  ["e.json", ["--update"], '--update must come with --reason "…"'],
  ["e.json", ["--reason", "x"], "--reason must come with --update, which writes it."],
  [
    "new.json",
    ["--update", "--reason", "x", "--fail-fast"],
    "--update must see the whole run, so it cannot come with --fail-fast.",
  ],
])("--expect %s %j is refused in a line", { timeout: 120_000 }, async (name, args, message) => {
  await writeFile(join(folder, "bad.json"), "{");
  const other = { format: 1, adapter: "river-go", version: "0.51.1", property: "step", runs: 1 };
  await writeFile(join(folder, "other.json"), JSON.stringify({ ...other, entries: [] }));
  const ran = await weir(["check", "--runs", "1", "--expect", name, ...args]);
  expect(ran.err.trim().split("\n")).toHaveLength(1);
  expect(ran.err).toContain(message);
  expect(ran.code).toBe(64);
});

test("options that need --expect say so, and so does an adapter that has no shipped file", async () => {
  const update = await weir(["check", "--update", "--reason", "x"]);
  expect(update.err).toContain("--update must come with --expect <file>.");
  const shipped = await weir(["check", "--expect"]);
  expect(shipped.err).toContain("no expectations are shipped for reference. Name a file");
  expect(await readFile(join(folder, "weir.expect.json"), "utf8").catch(() => null)).toBeNull();
  expect([update.code, shipped.code]).toEqual([64, 64]);
});
