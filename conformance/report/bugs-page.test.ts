import { beforeAll, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { CHAPTERS, RULES } from "../../spec/rules.generated.ts";
import type { Bug } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import type { Verdict } from "../bugs/kill.ts";
import { type BugStory, showBug } from "../bugs/story.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { pgliteGround } from "../reference/ground.ts";
import { bugsPage } from "./bugs-page.ts";
import { PAGE_STYLE } from "./page-style.ts";

const STEPS = `
 0s  insert #1 unique A except retryable
 0s  fetch 1
 0s  finish #1 error, again at 10s
 1s  insert #2 unique A except retryable
 1s  fetch 1
 1s  finish #2 error, again at 12s
12s  schedule
`;
const OPS = parseStory(STEPS).steps.map(({ op }) => op);

const bugNamed = (name: string): Bug => {
  const bug = BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`There must be a bug ${name}, but there is none.`);
  return bug;
};

const SHORT = parseStory("0s insert #1 unique A, due 30s\n30s schedule").steps.map(({ op }) => op);

let story: BugStory;
let short: BugStory;
beforeAll(async () => {
  const ground = await pgliteGround();
  const shown = await showBug(ground, bugNamed("schedule-two-retryable"), OPS);
  const brief = await showBug(ground, bugNamed("schedule-self-conflict"), SHORT);
  await ground.close();
  if (shown === null || brief === null) throw new Error("Bugs must show in their steps.");
  [story, short] = [shown, brief];
});

const verdictOn = (bug: Bug, over: Partial<Verdict> = {}): Verdict => ({
  bug,
  verdict: "killed",
  rule: bug.breaks[0] ?? null,
  sequence: 3,
  seconds: 0.1,
  ops: OPS,
  why: null,
  ...over,
});

function pageOf(
  verdicts: readonly Verdict[],
  catalogue: readonly Bug[] = verdicts.map(({ bug }) => bug),
): string {
  const killed = verdicts.filter(({ ops }) => ops.length > 0);
  return bugsPage({
    verdicts,
    stories: new Map(killed.map(({ bug }, i) => [bug, i % 2 === 0 ? story : short])),
    catalogue,
    law: lawOf(NEWEST),
    seconds: 10,
    seed: 42,
    command: "npx weir bugs --html bugs.html",
    version: "1",
    ground: "PGlite",
    machine: "a test's",
  });
}

const VOID = new Set(["meta", "br"]);
const TAG = /<(?:!doctype html|(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*))>/y;

/** What is not well-formed: tags that cross or stay open, attributes without quotes, a bare `<` or `&`. */
function faultsOf(html: string): readonly string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at + 1)) {
    TAG.lastIndex = at;
    const match = TAG.exec(html);
    if (match === null) faults.push(`no tag: ${html.slice(at, at + 40)}`);
    const [, slash, name = "", attributes = ""] = match ?? [];
    const names = [...attributes.matchAll(/ ([a-z-]+)/g)].map(([, each]) => each);
    const twice = attributes.replaceAll(/"[^"]*"/g, "").match(/ ([a-z-]+)(?=.* \1\b)/);
    if (names.length > 0 && twice !== null) faults.push(`${twice[1]} twice in ${match?.[0]}`);
    if (name === "" || VOID.has(name)) continue;
    if (slash !== "/") open.push(name);
    else if (open.pop() !== name) faults.push(`crossed: </${name}> at ${at}`);
  }
  const style = html.replace(/<style>[\s\S]*?<\/style>/, "");
  const bare = style.match(/&(?!(?:amp|lt|gt|quot|nbsp|#39);)/g) ?? [];
  return [...faults, ...open.map((each) => `never closed: ${each}`), ...bare];
}

test("what is not well-formed is seen", () => {
  expect(faultsOf("<p><b>x</p></b>")).toHaveLength(2);
  expect(faultsOf("<p>a & b</p>")).toEqual(["&"]);
  expect(faultsOf("<p>1 < 2</p>")).toHaveLength(1);
  expect(faultsOf("<div><p>x</p>")).toEqual(["never closed: div"]);
  expect(faultsOf("<p id=a>x</p>")).toHaveLength(2);
  expect(faultsOf('<p class="a">x<br>y</p>')).toEqual([]);
});

test("the page of all bugs is well-formed, loads nothing, runs nothing, and its links lead somewhere", () => {
  const page = pageOf(BUGS.map((bug) => verdictOn(bug)));
  expect(faultsOf(page)).toEqual([]);
  expect(page).not.toMatch(/<(?:script|link|img|iframe|object)\b| src=|url\(|@import| on[a-z]+=/);
  const links = [...page.matchAll(/ href="([^"]*)"/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThan(200);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => `#${id}`);
  expect(new Set(ids).size).toBe(ids.length);
  expect(links.filter((link) => !ids.includes(link))).toEqual([]);
});

test("every rule has a row, and a cell says in words what its sign means", () => {
  const verdicts = BUGS.map((bug) => verdictOn(bug));
  const page = pageOf(verdicts);
  for (const id of Object.keys(RULES)) expect(page).toContain(`<th scope="row"><b>${id}</b>`);
  for (const { title } of CHAPTERS) expect(page).toContain(`Rules of ${title} and the bugs`);
  expect(page).toContain(
    '<a href="#b-schedule-self-conflict" aria-label="SCH-3, schedule-self-conflict: killed in 7 steps.">✓ 7</a>',
  );
  expect(page).toContain(
    'aria-label="SCH-5, schedule-self-conflict: killed, but named by SCH-3.">○</a>',
  );
  expect(page).toContain("✓ All");
  expect(page).toContain("By none: INV-1 (The unique index of migration 6 lets no row break it");
});

test("rules that one bug breaks, or none, are marked thin", () => {
  const bug: Bug = { ...bugNamed("schedule-self-conflict"), breaks: ["SCH-3"] };
  const other: Bug = { ...bug, name: "other", breaks: ["SCH-5"] };
  const page = pageOf([verdictOn(bug), verdictOn(other), verdictOn({ ...other, name: "third" })]);
  expect(page).toContain('<tr class="thin"><th scope="row"><b>SCH-3</b> <span class="tag">△ 1 bug');
  expect(page).toContain('<tr><th scope="row"><b>SCH-5</b> <i>2 bugs</i>');
  expect(page).toContain(
    '<tr class="thin"><th scope="row"><b>SCH-7</b> <span class="tag">△ 0 bugs',
  );
});

test("survivors and wrong rules come first, open, and say whose fault it is", () => {
  const [first, second] = [bugNamed("schedule-self-conflict"), bugNamed("insert-any-queue-name")];
  const page = pageOf(
    [
      verdictOn(second),
      verdictOn(first, { verdict: "survived", rule: null, sequence: 3000, ops: [] }),
      verdictOn(bugNamed("fetch-any-queue"), { verdict: "wrong rule", rule: "FET-6", ops: [] }),
    ],
    BUGS,
  );
  expect(faultsOf(page)).toEqual([]);
  expect(page).toContain("✗ 2 of 3 bugs are not caught as they should be.");
  const wrong = page.indexOf('<details class="no" open>');
  expect(wrong).toBeGreaterThan(0);
  expect(wrong).toBeLessThan(page.indexOf("Rules × bugs"));
  expect(page).toContain(
    "survived: 3000 sequences, no difference that SCH-3, SCH-5, INV-2 would name",
  );
  expect(page).toContain("wrong rule: caught by FET-6, lists");
  expect(page).toContain(
    'aria-label="SCH-3, schedule-self-conflict: survived; this rule should have named it."',
  );
});

test("bugs that were not tried are not passed over", () => {
  const page = pageOf([verdictOn(bugNamed("schedule-self-conflict"))], BUGS);
  expect(page).toContain(
    `? 1 bugs are killed; ${BUGS.length - 1} of the catalogue were not tried.`,
  );
  expect(page).not.toContain("✓ All");
});

test("nothing that a bug says can break out of its place", () => {
  const evil = `<script>alert("1")</script> & 'x' \u0000`;
  const edits = [{ statement: "src/ops/schedule.ts" as const, find: evil, replace: "</pre><b>" }];
  const bug: Bug = { ...bugNamed("schedule-self-conflict"), what: evil, origin: evil, edits };
  const page = pageOf([verdictOn(bug), verdictOn(bug, { verdict: "broken", why: evil, ops: [] })]);
  expect(faultsOf(page)).toEqual([]);
  expect(page).not.toContain("<script");
  expect(page).not.toContain("\u0000");
});

test("a story shows what was got, boxed, with what must be", () => {
  const page = pageOf([verdictOn(bugNamed("schedule-two-retryable"))]);
  expect(page).toContain("<code>finish #1 error, again at 10s</code>");
  expect(page).toContain("<td>↻ retryable</td>");
  expect(page).toMatch(/<span class="bad"><b>✗ must be an answer, but is database error 23505/);
  expect(page).toMatch(
    /<code>#2 state<\/code> must be <ins>discarded<\/ins>, but is <del>retryable/,
  );
});

test("two hundred bugs, half of them with seven steps, take at most 600 kB", () => {
  const many = [...BUGS, ...BUGS.map((bug) => ({ ...bug, name: `${bug.name}-2` }))].slice(0, 200);
  const size = new TextEncoder().encode(pageOf(many.map((bug) => verdictOn(bug)))).length;
  expect(size).toBeLessThan(600_000);
});

test("every ink can be read on every ground that it stands on, light and dark", () => {
  const schemes = [...PAGE_STYLE.matchAll(/:root\{([^}]*)\}/g)].map(
    ([, text = ""]) =>
      new Map(
        [...text.matchAll(/--(\w+):(#\w+)/g)].map(([, name = "", color = ""]) => [name, color]),
      ),
  );
  expect(schemes).toHaveLength(2);
  const pairs: readonly (readonly [string, string])[] = [
    ...["ink", "mute", "acc", "ok", "bad", "thin"].map((ink) => [ink, "bg"] as const),
    ...["ink", "mute", "acc", "ok", "bad"].map((ink) => [ink, "soft"] as const),
    ["ink", "okbg"],
    ["ink", "badbg"],
    ["bad", "badbg"],
    ...["ink", "acc", "thin"].map((ink) => [ink, "thinbg"] as const),
  ];
  for (const scheme of schemes) {
    const poor = pairs.filter(
      ([ink, ground]) => contrast(scheme.get(ink) ?? "", scheme.get(ground) ?? "") < 4.5,
    );
    expect(poor).toEqual([]);
  }
  expect(contrast("#000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
});

/** By WCAG 2: the ratio of relative luminances. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const hex = color.length === 4 ? color.replaceAll(/\w/g, "$&$&") : color;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
