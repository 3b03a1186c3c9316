import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, inject, test } from "vitest";
import { liarCommand } from "../adapters/liars/catalogue.ts";
import { readReport } from "../report/report-text.ts";
import { weirIn } from "./spawn.ts";

const weir = weirIn(() => folder);
const tsx = fileURLToPath(import.meta.resolve("tsx"));
const faulty = fileURLToPath(new URL("../live/faulty-process.ts", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-live-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quoted = (argv: readonly string[]) => argv.map((word) => `"${word}"`).join(" ");
const live = (adapter: string, ...args: readonly string[]) =>
  weir(
    [
      "check",
      "--property",
      "live",
      "--adapter",
      adapter,
      "--database",
      inject("postgresUrl"),
      ...args,
    ],
    "",
    { CI: "" },
  );

describe.concurrent("check --property live", { timeout: 180_000 }, () => {
  test("a broken rule is told as its job's story, and reported", async ({ expect }) => {
    const bug = quoted([process.execPath, "--import", tsx, faulty, "live-fetch-hands-out-twice"]);
    const file = join(folder, "twice.ndjson");
    const { code, out, err } = await live(bug, "--seed", "7", "--time", "1s", "--ndjson", file);
    expect(err).toBe("");
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}✗ FET-5 {2}A job taken has one attempt more\.$/m);
    expect(out).toMatch(/ fetch by client \d, attempt \d +▶ running\n/);
    expect(out).toMatch(/ client \d runs attempt \d: .*\n +↑ must be run once, but is run 2 times/);
    expect(out).toMatch(/ {4}Again +npx weir check --adapter '"/);
    const story = out.slice(out.indexOf("✗ FET-5"), out.indexOf("✗ 1 scenario")).trimEnd();
    expect(story.split("\n").length).toBeLessThanOrEqual(25);
    const lines = out.split("\n").filter((line) => !line.includes("faulty-process"));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(88);
    expect(out).toMatch(/\n {2}exit 1: divergence\n$/);
    const { header, footer, rules, findings } = readReport(await readFile(file, "utf8"));
    expect(header).toMatchObject({ property: "live", clock: "real", seed: 7 });
    expect(footer).toMatchObject({ sequences: 1, exit: 1, complete: true });
    expect(rules.find(({ rule }) => rule === "FET-5")).toMatchObject({ verdict: "broken" });
    expect(rules.find(({ rule }) => rule === "FET-4")).toMatchObject({ verdict: "kept" });
    expect(findings[0]).toMatchObject({ rule: "FET-5", kind: "broken", steps: null });
  });

  test("an adapter whose clients work nothing does not pass", async ({ expect }) => {
    const { code, out, err } = await live(quoted(liarCommand("idle")), "--time", "1s");
    expect(err).toBe("");
    expect(out).toMatch(/INCONCLUSIVE: \d+ of \d+ jobs were not final in time/);
    expect(out).toContain("INCONCLUSIVE: no job was ever fetched.");
    expect(out).toMatch(/\n {2}exit 2: inconclusive\n$/);
    expect(code).toBe(2);
  });

  test("one that has no live client is no verdict", async ({ expect }) => {
    const { code, err } = await live(quoted(liarCommand("constant")));
    expect(err).toMatch(/^weir: the adapter must support live, but does not\n$/);
    expect(code).toBe(4);
  });

  test("what belongs to walks is refused", async ({ expect }) => {
    const { code, err } = await live("reference", "--max-steps", "3");
    expect(err).toBe("weir: --property live has no walks, so it cannot come with --max-steps.\n");
    expect(code).toBe(64);
  });
});
