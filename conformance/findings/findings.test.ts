import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { freshDatabase } from "../database/fresh.ts";
import { aftermathOf, checkExpectations } from "../expectations.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const HEADINGS = [
  "What happens",
  "Story",
  "Reproducer",
  "Since",
  "What the documentation says",
  "How bad",
];
const HARMS = ["lost", "stuck", "twice", "untrue", "housekeeping"];
const ABOUT =
  /^(?<implementation>.+ \d+\.\d+\.\d+) · (?<harm>[a-z]+) · (?<rules>[A-Z]{3}-\d+(?:, [A-Z]{3}-\d+)*) · (?<least>at least )?since (?<since>\d+\.\d+\.\d+)$/;

type Page = Readonly<{
  name: string;
  title: string;
  about: Readonly<Record<string, string | undefined>>;
  rules: readonly string[];
  sections: ReadonlyMap<string, string>;
  lines: number;
}>;

const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

function readPage(name: string): Page {
  const text = read(name);
  const [head = "", ...parts] = text.split(/^## /m);
  const [title = "", about = ""] = head.split("\n\n");
  const groups = ABOUT.exec(about.trim())?.groups ?? {};
  return {
    name,
    title: title.replace(/^# /, ""),
    about: groups,
    rules: groups.rules?.split(", ") ?? [],
    sections: new Map(
      parts.map((part) => {
        const at = part.indexOf("\n");
        return [part.slice(0, at), part.slice(at).trim()];
      }),
    ),
    lines: text.split("\n").length - 1,
  };
}

const PAGES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".md") && name !== "README.md" && name !== "history.md")
  .map(readPage);
const byName = PAGES.map((page) => [page.name, page] as const);
const PROGRAMS = readdirSync(FOLDER).filter((name) => /^(?:go|rust)-/.test(name));
const README = read("README.md");
const DIFFERS = { go: "go-differs", rust: "rust-differs" } as const;

const storiesOf = (page: Page): readonly string[] =>
  [...(page.sections.get("Story") ?? "").matchAll(/^```weir\n([\s\S]*?)^```$/gm)].map(
    ([, story = ""]) => story,
  );

/** What a page shows as printed. */
const outputOf = (page: Page): string =>
  /^```\n([\s\S]*?)^```$/m.exec(page.sections.get("Reproducer") ?? "")?.[1] ?? "";

const programOf = (page: Page): string | undefined =>
  /\]\((go-[a-z-]+(?=\/main\.go\))|rust-[a-z-]+(?=\/main\.rs\)))/.exec(
    page.sections.get("Reproducer") ?? "",
  )?.[1];

/** The rules of the table under this heading. */
const listedUnder = (heading: string): readonly string[] => {
  const [, table = ""] = README.split(new RegExp(`^## ${heading}$([\\s\\S]*?)^## `, "m"));
  return [...table.matchAll(/^\| ([A-Z]{3}-\d+) \| /gm)].map(([, rule = ""]) => rule).sort();
};

test.each(byName)("%s has all its parts, and names rules that there are", (_, page) => {
  expect([...page.sections.keys()]).toEqual(HEADINGS);
  expect([...page.sections.values()].filter((text) => text === "")).toEqual([]);
  expect(page.lines).toBeLessThanOrEqual(60);
  expect(page.rules.filter((rule) => !Object.hasOwn(RULES, rule))).toEqual([]);
  expect(RULES[page.rules[0] as RuleId]?.harm).toBe(page.about.harm);
});

test.each(byName)("the story of %s holds on the model, or it says why there is none", (_, page) => {
  const stories = storiesOf(page);
  if (stories.length === 0) expect(page.sections.get("Story")).toMatch(/^None: /);
  for (const story of stories) {
    const { steps } = parseStory(story);
    expect(steps.some((each) => each.expect.length > 0)).toBe(true);
    let state = EMPTY;
    for (const { op, expect: claims } of steps) {
      const done = step(state, op, lawOf(NEWEST));
      state = done.state;
      expect(checkExpectations(claims, aftermathOf(op, done))).toEqual([]);
    }
  }
});

test("the table has every page once, the worst harm first", () => {
  const rows = README.split("\n").filter((line) =>
    HARMS.some((harm) => line.startsWith(`| ${harm} `)),
  );
  const expected = PAGES.map(({ name, title, about, rules }) => {
    const since = `${about.least === undefined ? "" : "≤ "}${about.since}`;
    return `| ${about.harm} | ${rules.join(", ")} | ${about.implementation} | ${since} | [${title}](${name}) |`;
  });
  expect([...rows].sort()).toEqual(expected.sort());
  const harms = rows.map((row) => HARMS.indexOf(row.split(" ")[1] ?? ""));
  expect(harms).toEqual(harms.toSorted((a, b) => a - b));
});

test("every program belongs to a page, and every page of River Go or Rust has one", () => {
  const owned = PAGES.flatMap((page) => programOf(page) ?? []);
  expect([...owned, ...Object.values(DIFFERS)].sort()).toEqual([...PROGRAMS].sort());
  const has = PAGES.filter(({ name }) => /^river-(?:go|rust)-/.test(name));
  expect(has.filter((page) => programOf(page) === undefined)).toEqual([]);
  const pages = PAGES.filter(({ name }) => name.startsWith("river-go-"));
  const versions = new Set(pages.map(({ about }) => about.implementation?.split(" ").at(-1)));
  const pinned = /^\tgithub\.com\/riverqueue\/river v(\S+)$/m.exec(read("go.mod"))?.[1];
  expect([...versions]).toEqual([pinned]);
});

test("the table of River Rust has the rules that its program looks for", () => {
  const program = read(join(DIFFERS.rust, "main.rs"));
  const rules = [...program.matchAll(/shown\.(?:show|raw)\("([A-Z]{3}-\d+)"/g)].map(
    ([, rule]) => rule,
  );
  expect(rules.sort()).toEqual(listedUnder("Where River Rust differs"));
});

const hasGo = spawnSync("go", ["version"]).status === 0;
const isOwed = hasGo || process.env.CI !== undefined;
const url = inject("postgresUrl");

type Ended = Readonly<{ code: number; out: string }>;

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: FOLDER, env: { ...process.env, ...env }, timeout: 150_000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out: stdout + stderr });
    });
  });
}

/** Numbers differ from run to run. */
const verdict = (output: string): string =>
  (output.split("\n").findLast((line) => line.startsWith("FOUND")) ?? "").replaceAll(/\d+/g, "N");

const name = isOwed ? "River Go itself" : "River Go itself (skipped: no Go on PATH)";

describe.skipIf(!isOwed).concurrent(name, { timeout: 160_000 }, () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-findings-"));
    const flags = { GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };
    const built = await run("go", ["build", "-o", folder, "./..."], flags);
    if (built.code !== 0) throw new Error(`The programs must build, but do not. ${built.out}`);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const shows = async (program: string): Promise<Ended> => {
    expect(existsSync(join(folder, program))).toBe(true);
    const database = await freshDatabase(url);
    try {
      return await run(join(folder, program), [], { DATABASE_URL: database.url });
    } finally {
      await database.drop();
    }
  };

  const inGo = PAGES.map((page) => [programOf(page) ?? "", page] as const);
  test.each(inGo.filter(([program]) => program.startsWith("go-")))(
    "%s shows it",
    async (program, page) => {
      const { code, out } = await shows(program);
      expect(code, out).toBe(1);
      expect(verdict(out)).toMatch(/^FOUND: ./);
      expect(verdict(out)).toBe(verdict(outputOf(page)));
    },
  );

  test("the differences of the table show, and no others", async () => {
    const { code, out } = await shows(DIFFERS.go);
    expect(code, out).toBe(1);
    const shown = [...out.matchAll(/^([A-Z]{3}-\d+) /gm)].map(([, rule]) => rule);
    expect(shown.sort()).toEqual(listedUnder("Where River Go differs"));
  });
});
