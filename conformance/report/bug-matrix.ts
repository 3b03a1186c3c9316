import { CHAPTERS, RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Bug } from "../bugs/bug.ts";
import type { Verdict } from "../bugs/kill.ts";
import { breakersOf } from "./bug-summary.ts";
import { escapeHtml, sentenceHtml, shortened } from "./html.ts";

/** Rules × bugs, a table for each chapter with the bugs that list a rule of it: who was killed by which rule, and which rules few bugs break. */
export function matricesHtml(verdicts: readonly Verdict[], catalogue: readonly Bug[]): string {
  return [
    "<h2>Rules × bugs</h2>",
    '<p class="legend"><span>✓ 3 &nbsp;killed by this rule, in 3 steps</span><span>○ &nbsp;listed; another rule named it</span><span>✗ &nbsp;not caught as it should be</span><span><span class="tag">△ thin</span>broken by one bug only, or by none</span></p>',
    ...CHAPTERS.map((chapter) => chapterHtml(chapter, verdicts, catalogue)),
  ].join("\n");
}

function chapterHtml(
  { id, title }: (typeof CHAPTERS)[number],
  verdicts: readonly Verdict[],
  catalogue: readonly Bug[],
): string {
  const rules = (Object.keys(RULES) as RuleId[]).filter((rule) => rule.startsWith(`${id}-`));
  const columns = verdicts.filter(
    ({ bug, rule }) =>
      bug.breaks.some((each) => rules.includes(each)) || (rule !== null && rules.includes(rule)),
  );
  const heads = columns.map(
    ({ bug: { name } }) =>
      `<th class="v" scope="col"><a href="#b-${escapeHtml(name)}">${escapeHtml(name)}</a></th>`,
  );
  return [
    `<h3>${id}: ${escapeHtml(title)}</h3>`,
    `<div class="wrap" tabindex="0" role="region" aria-label="${id} × bugs"><table class="mx"><caption>Rules of ${escapeHtml(title)} and the bugs that break them</caption>`,
    `<thead><tr><th scope="col">rule</th>${heads.join("")}</tr></thead><tbody>`,
    ...rules.map((rule) => rowHtml(rule, columns, breakersOf(rule, catalogue).length)),
    "</tbody></table></div>",
  ].join("\n");
}

function rowHtml(rule: RuleId, columns: readonly Verdict[], breakers: number): string {
  const isThin = breakers < 2;
  const count = breakers === 1 ? "1 bug" : `${breakers} bugs`;
  const tag = isThin ? `<span class="tag">△ ${count}</span>` : `<i>${count}</i>`;
  const head = `<th scope="row"><b>${rule}</b> ${tag}<small>${sentenceHtml(shortened(RULES[rule].sentence))}</small></th>`;
  const cells = columns.map((verdict) => cellHtml(rule, verdict));
  return `<tr${isThin ? ' class="thin"' : ""}>${head}${cells.join("")}</tr>`;
}

/** Empty where a bug has nothing to do with a rule; else its name says the whole of it. */
function cellHtml(rule: RuleId, { bug, verdict, rule: named, ops }: Verdict): string {
  const isListed = bug.breaks.includes(rule);
  if (!isListed && named !== rule) return "<td></td>";
  const link = (look: string, sign: string, said: string) =>
    `<td><a${look} href="#b-${escapeHtml(bug.name)}" aria-label="${escapeHtml(`${rule}, ${bug.name}: ${said}`)}.">${sign}</a></td>`;
  if (verdict !== "killed") {
    const what = isListed ? "should have named it" : "named it, but is not listed";
    return link(' class="w"', "✗", `${verdict}; this rule ${what}`);
  }
  if (named !== rule) return link(' class="l"', "○", `killed, but named by ${named}`);
  return link(
    "",
    `✓ ${ops.length}`,
    `killed in ${ops.length} ${ops.length === 1 ? "step" : "steps"}`,
  );
}
