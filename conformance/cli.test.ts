import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { LIARS, liarCommand } from "./adapters/liars/catalogue.ts";
import { weirIn } from "./cli/spawn.ts";

const weir = weirIn(() => folder);
const url = inject("postgresUrl");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.concurrent.each([
  [["--nope"], "unknown option '--nope'", 64],
  [["frobnicate"], "unknown command 'frobnicate'", 64],
  [
    ["check", "--property", "foo"],
    "--property must be one of all, step, insert, tour, vectors, live, but is foo.",
    64,
  ],
  [["check", "--runs", "0"], "--runs must be a whole number of at least 1, but is 0.", 64],
  [["check", "--time", "5"], "--time must be a duration such as 30s or 10m, but is 5.", 64],
  [["check", "--adapter", "river-go"], "river-go must name a version", 64],
  [["check", "--adapter", "nope@1"], "no adapter is called nope.", 64],
  [["check", "--adapter", "./no-such-file"], "cannot start ./no-such-file", 4],
  [["check", "--database", "postgres://u:secret@127.0.0.1:1/x"], "connection refused", 4],
  [["check", "--database", "mysql://x"], "must be a URL such as postgres://", 4],
  [["bugs", "no-such-bug"], "no bug is called no-such-bug.", 64],
  [["bugs", "no-such-model", "--models"], "no mutant is called no-such-model.", 64],
  [["explore", "--world", "no-such-world"], "no world is called no-such-world.", 64],
  [["explore", "--mutant", "no-such-mutant"], "no mutant is called no-such-mutant.", 64],
  [["explain", "snoz"], "nothing is known of snoz. Nearest: snooze, ", 64],
  [["replay", "no-such-file.json"], "no trace is at no-such-file.json.", 64],
])("%j is answered with one line", { timeout: 60_000 }, async (args, message, code) => {
  const ran = await weir(args);
  expect(ran.err.trim().split("\n")).toEqual([expect.stringMatching(/^weir: /)]);
  expect(ran.err).toContain(message);
  expect(ran.err).not.toContain("secret");
  expect(ran.code).toBe(code);
});

test("traces that are damaged, of a later Weir or of an unknown edition are told apart", async () => {
  const trace = {
    format: 1,
    weir: "0",
    adapter: "reference",
    edition: "0.48",
    seed: 1,
    rule: "SCH-3",
    signature: "",
    steps: [],
    expected: "",
    got: "",
  };
  const files: [string, string, string][] = [
    ["corrupt.json", "{", "is no JSON"],
    ["damaged.json", JSON.stringify({ ...trace, steps: [{ op: "fly" }] }), "is damaged at steps.0"],
    ["future.json", JSON.stringify({ format: 2 }), "has format 2"],
    ["edition.json", JSON.stringify({ ...trace, edition: "9.9" }), "is of edition 9.9"],
  ];
  for (const [name, content, message] of files) {
    await writeFile(join(folder, name), content);
    const ran = await weir(["replay", name]);
    expect(ran.err).toContain(message);
    expect(ran.code).toBe(64);
  }
});

test("a story on standard input is replayed, and a slip is told with line and column", async () => {
  const good = await weir(["replay", "-"], " 0s insert #1 unique A, due 30s\n30s schedule\n");
  expect(good.out).toContain("○ available");
  expect(good.code).toBe(0);
  const slip = await weir(["replay", "-"], "0s finnish #1\n");
  expect(slip.err).toContain("line 1, column 4");
  expect(slip.code).toBe(64);
});

test("a rule's example is told step by step", async () => {
  const ran = await weir(["replay", "SCH-4", "--step"]);
  expect(ran.out).toContain("5 of 5");
  expect(ran.out).toContain("✕ discarded");
  expect(ran.code).toBe(0);
});

test("a rule, the contents and a bug with its story are explained", {
  timeout: 60_000,
}, async () => {
  const [rule, contents, bug, json] = await Promise.all([
    weir(["explain", "SCH-4"]),
    weir(["explain", "--ascii"]),
    weir(["explain", "schedule-self-conflict"]),
    weir(["explain", "schedule-self-conflict", "--json"]),
  ]);
  expect(rule.out).toMatch(/read {2}spec\/rules\.md:\d+ /);
  expect(contents.out).toMatch(/SCH {3}schedule +\d+ rules/);
  expect(contents.out).toMatch(/^[\n -~]*$/);
  expect(bug.out).toContain("↑ must be ○ available");
  expect(JSON.parse(json.out)).toMatchObject({
    kind: "bug",
    breaks: [{ id: "SCH-3" }, { id: "SCH-5" }, { id: "INV-2" }],
    steps: [{ at: 0 }, { step: "schedule" }],
  });
  expect([rule, contents, bug, json].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
});

test("a bug's page and its events are written, and a page that cannot be is told", {
  timeout: 60_000,
}, async () => {
  const name = "schedule-self-conflict";
  const [ran, page, told] = await Promise.all([
    weir(["bugs", name, "--html", "bugs.html", "--json"]),
    weir(["bugs", name, "--html", "no/such/folder.html"]),
    weir(["bugs", name]),
  ]);
  const html = await readFile(join(folder, "bugs.html"), "utf8");
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain(`<div id="b-${name}">`);
  expect(html).toContain("<code>npx weir bugs --html bugs.html</code> · seed 42");
  const [bug, footer] = ran.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(bug).toMatchObject({ event: "bug", bug: name, verdict: "killed", rule: "SCH-3" });
  expect(footer).toMatchObject({ event: "footer", killed: 1, hardest: [name], exit: 0 });
  expect(footer.secondsPerBug).toBeGreaterThan(0);
  expect(page.err).toMatch(/^weir: the page cannot be written: ENOENT/);
  expect(told.out).toMatch(
    /✓ schedule-self-conflict: killed by SCH-3 in sequence \d+, told in 2 steps/,
  );
  expect([ran, page, told].map(({ code }) => code)).toEqual([0, 64, 0]);
});

test("too few sequences leave rules undecided, and that is no pass", {
  timeout: 120_000,
}, async () => {
  const ran = await weir(["check", "--runs", "2", "--seed", "1"]);
  expect(ran.out).toContain("INCONCLUSIVE: never fired");
  expect(ran.code).toBe(2);
});

test("events as JSON end with a footer, and the seed is fixed in CI", {
  timeout: 120_000,
}, async () => {
  const runs = await Promise.all(
    [1, 2].map(() => weir(["check", "--runs", "3", "--json"], "", { CI: "true" })),
  );
  const events = runs.map(({ out }) =>
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  for (const [header, ...rest] of events) {
    expect(header).toMatchObject({ event: "header", seed: 42 });
    expect(rest.at(-1)).toMatchObject({ event: "footer", sequences: 3 });
  }
  expect(events[0]?.at(-1).operations).toBe(events[1]?.at(-1).operations);
});

test("the reference keeps the rules on real Postgres too", { timeout: 180_000 }, async () => {
  const ran = await weir(["check", "--runs", "150", "--seed", "42", "--database", url]);
  expect(ran.out).toContain("no difference");
  expect(ran.code === 0 || ran.code === 2).toBe(true);
});

describe.concurrent("adapters that lie pass nothing", () => {
  test.each(LIARS.map(({ name }) => [name]))("%s", { timeout: 120_000 }, async (name) => {
    const command = liarCommand(name);
    const line = Array.isArray(command) ? command.join(" ") : String(command);
    const ran = await weir([
      "check",
      "--adapter",
      line,
      "--runs",
      "20",
      "--seed",
      "1",
      "--database",
      url,
    ]);
    expect([1, 4]).toContain(ran.code);
    expect(`${ran.out}${ran.err}`).not.toMatch(/no difference/);
  });
});

test("an adapter that always says the same keeps no vectors, and is told which", async () => {
  const line = liarCommand("constant").join(" ");
  const check = ["check", "--property", "vectors", "--adapter", line, "--database", url];
  const ran = await weir(check);
  expect(ran.code).toBe(1);
  expect(ran.out).toContain("✗ INS-10");
  expect(ran.out).toMatch(/unique keys: \d+ vectors of 481 kept/);
});

test("a world is explored to its end, and a wrong model is told by the shortest story", async () => {
  const right = await weir(["explore", "--world", "refused", "--json"]);
  expect(right.code).toBe(0);
  const [world, footer] = right.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(world).toMatchObject({ event: "world", world: "refused", story: null });
  expect(world.states).toBeGreaterThan(20);
  expect(footer).toMatchObject({ event: "footer", exit: 0 });
  const wrong = await weir(["explore", "--world", "rivals", "--mutant", "schedule-self-conflict"]);
  expect(wrong.code).toBe(1);
  expect(wrong.out).toContain("INV-2");
  expect(wrong.out.match(/^ +\d+s {3}\w/gm)).toHaveLength(2);
});

test("a wrong model is killed by the reference", async () => {
  const ran = await weir(["bugs", "finish-undated", "--models"]);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/finish-undated +FIN-1/);
  expect(ran.out).toContain("finish #1 complete");
});
