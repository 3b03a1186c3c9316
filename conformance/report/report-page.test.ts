import { beforeAll, expect, test } from "vitest";
import { pgliteGround } from "../reference/ground.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { reportPage } from "./report-page.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 3);
  await ground.close();
});

const pageOf = (...reports: readonly RunReport[]): string =>
  reportPage(reports, (text) => new TextEncoder().encode(text));

const named = (
  report: RunReport,
  adapter: string,
  version: string,
  language: string,
): RunReport => ({
  ...report,
  header: { ...report.header, name: `${adapter}@${version}`, adapter, version, language },
});

test("a pass is green, and says what it does not show", () => {
  const page = pageOf(madeReport("0.51.1", []));
  expect(page).toContain('<div class="verdict"><b>✓ river-go 0.51.1 keeps 177 rules');
  expect(page).toContain("✓ 177 rules kept");
  expect(page).toContain("A pass does not show that nothing is wrong.");
});

test("what makes a verdict hollow comes before it, in amber", () => {
  const over = { "PER-1": { verdict: "undecided", fired: 0, why: "never tried" } } as const;
  expect(pageOf(madeReport("1", [], over))).toContain(
    '<div class="verdict mind"><p>! Not everything was checked: 1 undecided, 1 rule never fired.</p><b>? Nothing broken was found, but 1 rule could not be decided: this is not a pass.</b>',
  );
  const died = pageOf(madeReport("1", [], {}, { complete: false, failure: "it <ended>" }));
  expect(died).toContain("! Not everything was checked: 1 run not finished.");
  expect(died).toContain("river-go@1 did not finish: it &lt;ended&gt;");
});

test("versions stand in their order, by implementation, with its language above", () => {
  const at = (version: string) => madeReport(version, []);
  const broken = findings.slice(0, 1);
  const page = pageOf(
    madeReport("0.9.0", broken),
    named(at("x"), "river-rust", "0.5.0", "rust"),
    madeReport("0.51.1", []),
    madeReport("0.12.0", broken),
  );
  const [, head = ""] = /<thead>([\s\S]*?)<\/thead>/.exec(page) ?? [];
  expect([...head.matchAll(/>([\d.]+)</g)].map(([, version]) => version)).toEqual([
    "0.9.0",
    "0.12.0",
    "0.51.1",
    "0.5.0",
  ]);
  expect(head).toContain('colspan="3"><span>river-go<small>go</small>');
  expect(head).toContain('colspan="1"><span>river-rust<small>rust</small>');
  expect(page).toContain('aria-label="INS-2, river-rust 0.5.0: kept."');
  expect(page).toContain("river-go: broken 0.9.0 to 0.12.0, kept 0.51.1; river-rust: kept 0.5.0.");
});

test("rows are grouped by harm; what all keep, or keep where they can, is no row of the matrix", () => {
  const over = { "PER-2": { verdict: "skipped", why: "no cron" } } as const;
  const page = pageOf(madeReport("1", findings, over), madeReport("2", []));
  const [matrix = ""] = page.split("</table>");
  const groups = [...matrix.matchAll(/<th scope="rowgroup">([^<]*)</g)].map(([, group]) => group);
  expect(groups[0]).toBe("Work lost or thrown away");
  expect(matrix).not.toContain("PER-2");
  expect(page).toContain('aria-label="PER-2, 1: skipped: no cron."');
  expect(page).toContain("✓ 1 rule kept wherever tried");
  expect(page).toContain("✓ 173 rules kept by all 2");
  expect(page).toContain("<td>173/176</td><td>177/177</td>");
});

test("a story: table, reasoning, what it is like, and who shows it", () => {
  const page = pageOf(madeReport("1", findings), madeReport("2", findings));
  expect(page).toContain(
    "Let the queue be empty. Then at 0s <code>insert #1 due 30s, pending</code>. #1 is new. By INS-2, #1 must be ◌ pending, but is ◷ scheduled: a contradiction.",
  );
  expect(page).toContain("<dt>Shown by</dt><dd>1, 2</dd>");
  expect(page).toContain("like seeded bug insert-pending-with-time");
  expect(page.match(/<section /g)).toHaveLength(3);
});

test("what is expected is marked, and the verdict says whether all of it is", () => {
  const gate = { file: "weir.expect.json", listed: 2, unlisted: 0, amiss: [] };
  const known = findings.map((each) => ({ ...each, accepted: "River says so <here>" }));
  const listed = pageOf(madeReport("1", known, {}, { gate, exit: 0 }));
  expect(listed).toContain(
    '<div class="verdict"><b>△ river-go 1 breaks 3 of the 177 rules that apply to it, all of them expected.</b>',
  );
  expect(listed).toContain(
    '<td class="n e"><a href="#s-INS-2" aria-label="INS-2, 1: broken, 1 step, as expected.">',
  );
  expect(listed).toContain("<dt>Expected</dt><dd>River says so &lt;here&gt;</dd>");
  expect(listed).toContain("<small>gated</small>");
  const amiss = [
    { rule: "SCH-3", signature: "SCH-3 | x", state: "stale", why: "kept in 412 tries" },
  ] as const;
  const stale = pageOf(
    madeReport(
      "1",
      [...known.slice(1), ...findings.slice(0, 1)],
      {},
      { gate: { ...gate, unlisted: 1, amiss: [...amiss] } },
    ),
  );
  expect(stale).toContain(
    "✗ river-go 1 breaks 3 of the 177 rules that apply to it; 2 of them expected; 1 entry of what is expected must be mended.",
  );
  expect(stale).toContain("stale in weir.expect.json: SCH-3: kept in 412 tries");
});

test("golden values and rules of an invariant have no table, and are told all the same", () => {
  const [first] = findings;
  if (first === undefined) throw new Error("There must be a finding.");
  const { table: _, ...rest } = first;
  const golden = { ...rest, steps: null, story: ["must be <1>", "but is 2"], behavesLike: null };
  const over = { "INV-2": { verdict: "broken", why: "seen in the story of INS-2" } } as const;
  const page = pageOf(madeReport("1", [golden], over));
  expect(page).toContain("<pre>must be &lt;1&gt;\nbut is 2</pre>");
  expect(page).toContain('aria-label="INS-2, 1: broken.">✗</a>');
  expect(page).toContain("<p>seen in the story of INS-2</p>");
});

test("no text breaks out of its place, and the page loads and runs nothing", () => {
  const evil = `</script><script>alert("1")</script> & 'x' \u0000`;
  const [first] = findings;
  if (first === undefined) throw new Error("There must be a finding.");
  const { table: _, ...rest } = first;
  const bad = { ...rest, rule: evil, story: [evil], why: evil, record: evil, signature: evil };
  const report = madeReport(
    evil,
    [
      first,
      bad,
      {
        ...first,
        table: {
          steps: [{ at: 0, text: evil, cells: { 1: `= ${evil}` }, keys: { [evil]: evil } }],
          jobs: [1],
          keys: [evil],
          marks: [{ step: 0, at: "step", must: evil }],
          also: [{ subject: evil, must: evil, is: evil }],
        },
      },
    ],
    {
      "PER-2": { verdict: "by design", why: evil },
    },
  );
  const page = pageOf(
    {
      ...report,
      rules: [
        ...report.rules,
        { event: "rule", rule: evil, verdict: "broken", fired: 1, why: evil },
      ],
    },
    madeReport("2", []),
  );
  const scripts = page.match(/<script[^>]*>/g) ?? [];
  expect(scripts).toEqual(['<script type="application/x-ndjson" id="ndjson">']);
  expect(page.match(/<\/script/g)).toHaveLength(1);
  expect(page).not.toContain("\u0000");
  expect(page).not.toMatch(/<(?:link|img|iframe|object)\b| src=|url\(|@import| on[a-z]+="/);
});
