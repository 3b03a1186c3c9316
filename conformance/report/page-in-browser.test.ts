import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Bug } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { type BugStory, showBug } from "../bugs/story.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { pgliteGround } from "../reference/ground.ts";
import { bugsPage } from "./bugs-page.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { ndjsonIn } from "./report-foot.ts";
import { reportPage } from "./report-page.ts";
import { readReport, readReports } from "./report-text.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);
/** In CI, unless `.ci/run` has said that it cannot be had. */
const MUST_RUN = process.env.CI !== undefined && process.env.WEIR_NO_CHROMIUM === undefined;
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Pictures stay there to be looked at. */
const PICTURES = process.env.WEIR_PICTURES;

const VERSIONS = [
  ["0.12.0", "0.12.1", "0.13.0", "0.16.0", "0.18.0", "0.23.1", "0.27.0", "0.28.0"],
  ["0.40.0", "0.43.0", "0.44.0", "0.47.0", "0.48.0", "0.49.0", "0.50.0", "0.51.1"],
].flat();

const OVER = {
  "PER-1": { verdict: "undecided", fired: 0, why: "never tried" },
  "PER-2": { verdict: "by design", why: "documented: periodic jobs of this port are its own" },
  "PER-3": { verdict: "skipped", why: "enqueue_periodic is not supported" },
  "PER-4": { verdict: "not in that version", why: "since 0.24" },
} as const;

const decompress = (bytes: Uint8Array) => brotliDecompressSync(bytes).toString("utf8");

/** Sixteen versions: older ones break more, the oldest has every verdict, and one did not finish. */
const matrixOf = (findings: readonly ReportedFinding[]): readonly RunReport[] =>
  VERSIONS.map((version, i) =>
    madeReport(
      version,
      findings
        .slice(0, 20 - i)
        .map((each) => (i % 3 === 0 ? each : { ...each, got: JSON.stringify(version) })),
      i < 3 ? OVER : {},
      i === 5 ? { complete: false, failure: "the adapter ended (code 1): no DATABASE_URL" } : {},
    ),
  );

/** Twice as much as real versions show: each has forty rules broken in two ways, with stories that it shares with one neighbour. */
const bigMatrixOf = (some: readonly ReportedFinding[]): readonly RunReport[] =>
  VERSIONS.map((version, i) =>
    madeReport(
      version,
      some.flatMap((each) => [0, 1].map((way) => variantOf(each, way, i))),
    ),
  );

function variantOf(finding: ReportedFinding, way: number, version: number): ReportedFinding {
  const { rule, signature, steps } = finding;
  const later = 60_000_000 * (2 * Math.floor(version / 2) + way);
  return {
    ...finding,
    signature: `${signature} ${way}`,
    sequence: 3 + version + way,
    seconds: version * 1.7 + way,
    steps: steps?.map((op) => ({ ...op, now: op.now + later })) ?? null,
    record: `.weir/river-go@${VERSIONS[version]}/${rule}-${way}${version}.json`,
  };
}

/** The page of `weir bugs --html` for the bugs of scheduling, one of which survived. */
async function someBugs(): Promise<string> {
  const ground = await pgliteGround();
  const told = parseStory("0s insert #1 unique A, due 30s\n30s schedule").steps.map(({ op }) => op);
  const chosen = BUGS.filter(({ name }) => name.startsWith("schedule-"));
  const stories = new Map<Bug, BugStory>();
  for (const bug of chosen) {
    const story = await showBug(ground, bug, told);
    if (story !== null) stories.set(bug, story);
  }
  await ground.close();
  expect(stories.size).toBeGreaterThan(2);
  return bugsPage({
    verdicts: chosen.map((bug, i) => ({
      bug,
      verdict: i === 1 ? "survived" : "killed",
      rule: i === 1 ? null : (bug.breaks[0] ?? null),
      sequence: 3,
      seconds: 0.1,
      ops: i === 1 ? [] : told,
      why: null,
    })),
    stories,
    catalogue: BUGS,
    law: lawOf(NEWEST),
    seconds: 10,
    seed: 42,
    command: "npx weir bugs --html bugs.html",
    version: "1",
    ground: "PGlite",
    machine: "a test's",
  });
}

let findings: readonly ReportedFinding[];
let manyFindings: readonly ReportedFinding[];
let folder: string;
const paths = new Map<string, string>();
beforeAll(async () => {
  const ground = await pgliteGround();
  manyFindings = await bugFindings(ground, 40);
  findings = manyFindings.slice(0, 20);
  await ground.close();
  folder = await mkdtemp(join(tmpdir(), "weir-pages-"));
  const pages = {
    many: reportPage(matrixOf(findings), brotliCompressSync),
    one: reportPage([madeReport("0.12.0", findings.slice(0, 5))], brotliCompressSync),
    green: reportPage([madeReport("0.51.1", [])], brotliCompressSync),
    bugs: await someBugs(),
  };
  for (const [name, html] of Object.entries(pages)) {
    paths.set(name, join(folder, `${name}.html`));
    await writeFile(join(folder, `${name}.html`), html);
  }
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("sixteen versions that break forty rules, most with stories of their own, take at most 500 kB, reports included", () => {
  const reports = bigMatrixOf(manyFindings);
  expect(manyFindings).toHaveLength(40);
  expect(reports.flatMap((report) => report.findings)).toHaveLength(16 * 80);
  const html = reportPage(reports, brotliCompressSync);
  expect(Buffer.byteLength(html)).toBeLessThan(500_000);
  expect(readReports(ndjsonIn(html, decompress) ?? "")).toEqual(reports);
});

test("the page of one report carries it as NDJSON that can be read back", async () => {
  const html = await readFile(paths.get("one") ?? "", "utf8");
  expect(readReport(ndjsonIn(html, decompress) ?? "")).toEqual(
    madeReport("0.12.0", findings.slice(0, 5)),
  );
});

type Violation = Readonly<{ id: string; first: string }>;

/** What axe has against a page, each with the first place. */
async function violationsOf(page: Page): Promise<readonly Violation[]> {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const { violations } = found as {
    violations: readonly {
      id: string;
      nodes: readonly { html: string; failureSummary: string }[];
    }[];
  };
  return violations.map(({ id, nodes }) => ({
    id,
    first: `${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  }));
}

const LOOKS = [
  { scheme: "light", width: 1280 },
  { scheme: "dark", width: 1280 },
  { scheme: "light", width: 390 },
  { scheme: "dark", width: 390 },
] as const;

const said = CHROMIUM === undefined ? " (needs Chromium: apt-get install chromium)" : "";
describe.skipIf(CHROMIUM === undefined && !MUST_RUN)(`in Chromium${said}`, () => {
  let browser: Browser;
  let profile: string;
  beforeAll(async () => {
    if (CHROMIUM === undefined)
      throw new Error("Chromium must be there where CI is set. apt-get install chromium.");
    profile = await mkdtemp(join(tmpdir(), "weir-chromium-"));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
      env: { ...process.env, HOME: profile },
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await rm(profile, { recursive: true, force: true });
  });

  async function withPage(
    name: string,
    { scheme, width }: Readonly<{ scheme: "light" | "dark"; width: number }>,
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage({
      colorScheme: scheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    try {
      await page.goto(pathToFileURL(paths.get(name) ?? "").href);
      await look(page);
    } finally {
      await page.close();
    }
  }

  for (const name of ["many", "one", "green", "bugs"]) {
    for (const look of LOOKS) {
      test(`${name}, ${look.scheme}, ${look.width} px: axe finds nothing, and the body does not scroll sideways`, async () => {
        await withPage(name, look, async (page) => {
          if (PICTURES !== undefined) {
            await page.screenshot({
              path: join(PICTURES, `${name}-${look.scheme}-${look.width}.png`),
              fullPage: name === "one" || name === "green",
            });
          }
          await page.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = true",
          );
          const width = await page.evaluate("document.documentElement.scrollWidth");
          expect(width).toBeLessThanOrEqual(look.width);
          expect(await violationsOf(page)).toEqual([]);
        });
      }, 120_000);
    }
  }

  test("axe would find a fault", async () => {
    await withPage("green", LOOKS[0], async (page) => {
      await page.evaluate("document.querySelector('.sub').style.color = '#ddd'");
      await page.evaluate("document.documentElement.removeAttribute('lang')");
      const ids = (await violationsOf(page)).map(({ id }) => id);
      expect(ids.toSorted()).toEqual(["color-contrast", "html-has-lang"]);
    });
  });

  test("first column and header stay put while the matrix scrolls", async () => {
    await withPage("many", { scheme: "light", width: 390 }, async (page) => {
      const wrap = page.locator(".tall").first();
      const cell = wrap.locator("tbody th[scope=row]").first();
      const head = wrap.locator("thead tr:nth-child(2) th").first();
      const before = await cell.boundingBox();
      const top = await head.boundingBox();
      await wrap.evaluate((box) => box.scrollTo(300, 200));
      const [after, topAfter, moved] = [
        await cell.boundingBox(),
        await head.boundingBox(),
        await wrap.evaluate((box) => box.scrollLeft),
      ];
      expect(moved).toBeGreaterThan(100);
      expect(after?.x).toBe(before?.x);
      expect(topAfter?.y).toBe(top?.y);
      expect(topAfter?.x).toBeLessThan(top?.x ?? 0);
    });
  });

  test("every cell's name is a sentence, and a broken one leads to its story", async () => {
    await withPage("many", { scheme: "light", width: 1280 }, async (page) => {
      const [first] = findings;
      const steps = first?.steps?.length;
      const name = `${first?.rule}, 0.12.0: broken, ${steps} step${steps === 1 ? "" : "s"}.`;
      await page.getByRole("link", { name, exact: true }).click();
      expect(page.url()).toContain(`#s-${first?.rule}`);
      expect(await page.locator(`#s-${first?.rule}`).boundingBox()).toMatchObject({
        y: expect.closeTo(16, -2),
      });
      const cells = page.locator(".rep tbody td:not([colspan])");
      const names = await cells.evaluateAll((all) =>
        all.map((td) => td.firstElementChild?.getAttribute("aria-label") ?? ""),
      );
      expect(names.length).toBeGreaterThan(300);
      expect(
        names.filter(
          (each) =>
            !/^[A-Z]{3}-\d+, \S+: (broken, \d+ steps?|kept|by design: .+|undecided: .+|skipped: .+|not in that version: .+)\.$/.test(
              each,
            ),
        ),
      ).toEqual([]);
    });
  });
});
