import { marked } from "marked";
import { beforeAll, expect, test } from "vitest";
import { pgliteGround } from "../reference/ground.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { markdown } from "./markdown.ts";
import type { ReportedFinding } from "./run-report.ts";

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 3);
  await ground.close();
});

/** What a reader sees: GitHub's flavour, with character references read. */
const shownOf = (text: string): string =>
  String(marked.parse(text, { gfm: true, async: false })).replaceAll(/&#(\d+);/g, (_, code) =>
    String.fromCodePoint(Number(code)),
  );

test("a pass says so, and what it does not show", () => {
  const text = markdown([madeReport("0.51.1", [])]);
  expect(text).toMatch(/^## ✓ river-go 0\.51\.1 keeps 177 rules, all that apply/);
  expect(text).toContain("npx weir check --adapter river-go@0.51.1 --seed 42");
  expect(text).toContain("A pass is not a proof");
  expect(text).not.toContain("Mind what");
});

test("hollow numbers come first, then the table, then the stories", () => {
  const over = {
    "PER-1": { verdict: "undecided", fired: 0, why: "never tried" },
    "PER-2": { verdict: "skipped", why: "no cron" },
    "PER-3": { verdict: "skipped", why: "no cron" },
  } as const;
  const shown = shownOf(markdown([madeReport("0.12.0", findings, over)]));
  const order = [
    "breaks 3 of the 175 rules",
    "Mind what was not checked: 1 undecided, 1 rule never fired, 2 skipped.",
    "undecided: never tried: PER-1",
    "skipped: no cron: PER-2, PER-3",
    "<table>",
    "<strong>INS-2</strong>",
    "<details>",
  ].map((part) => shown.indexOf(part));
  expect(order.filter((at) => at < 0)).toEqual([]);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
  expect(shown).toContain("must be ◌ pending");
});

test("several reports: who breaks what, and one story for those that show the same", () => {
  const text = markdown([
    madeReport("0.12.0", findings),
    madeReport("0.12.1", findings.slice(0, 1)),
  ]);
  const shown = shownOf(text);
  expect(shown).toContain("3 rules are broken somewhere, by 2 of 2 implementations.");
  expect(shown).toContain("<td>river-go 0.12.0, river-go 0.12.1</td>");
  expect(shown.match(/<details>/g)).toHaveLength(3);
});

test("what is expected is said to be, and what must be mended too", () => {
  const known = findings.map((each) => ({ ...each, accepted: "River says so" }));
  const amiss = [
    { rule: "SCH-3", signature: "x", state: "stale" as const, why: "kept in 412 tries" },
  ];
  const gate = { file: "weir.expect.json", listed: 3, unlisted: 0, amiss };
  const text = markdown([madeReport("1", known, {}, { gate: { ...gate, amiss: [] } })]);
  expect(text).toMatch(
    /^## △ river-go 1 breaks 3 of the 177 rules that apply to it, all of them expected/,
  );
  expect(text).toContain("**INS-2** (expected)");
  expect(text).toContain("<summary>△ ");
  const stale = markdown([madeReport("1", [], {}, { gate })]);
  expect(stale).toMatch(/^## ✗ .*1 entry of what is expected must be mended/);
  expect(stale).toContain("- **stale** SCH-3 in weir.expect.json: kept in 412 tries (x)");
});

test("a run that died is no pass", () => {
  const died = madeReport("1", [], {}, { complete: false, failure: "the adapter ended" });
  const text = markdown([died]);
  expect(text).toMatch(/^## \? Nothing broken was found, but 1 of 1 run did not finish/);
  expect(text).toContain("not finished: river-go 1: the adapter ended");
});

test("no text becomes markup, ends its cell or leaves its block", () => {
  const evil =
    "</pre></details><script>x</script> | **b** `c` [l](https://e.vil) ~~d~~ \\\n\n# h\u0000 &amp;";
  const [first] = findings;
  if (first === undefined) throw new Error("There must be a finding.");
  const report = madeReport("1", [{ ...first, story: ["a", "", ...evil.split("\n")] }], {
    "PER-2": { verdict: "skipped", why: evil },
  });
  const header = { ...report.header, name: evil, adapter: evil, command: `x\n\`\`\`\n${evil}` };
  const text = markdown([{ ...report, header }, report]);
  const html = String(marked.parse(text, { gfm: true, async: false }));
  expect(html).not.toMatch(/<script|<a |<h1|<del|<em/);
  expect(html).not.toContain("\u0000");
  expect(html.match(/<strong>/g)).toHaveLength(2);
  expect(html.match(/<\/pre>/g)).toHaveLength(html.match(/<pre>/g)?.length ?? 0);
  const rows = [...html.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(
    ([, row = ""]) => row.match(/<t[dh]>/g)?.length,
  );
  expect(new Set(rows)).toEqual(new Set([4, 5]));
  expect(shownOf(text)).toContain("**b** `c` [l](https://e.vil) ~~d~~ \\");
});
