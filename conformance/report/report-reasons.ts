import { escapeHtml } from "./html.ts";
import { type Column, labelsText } from "./report-columns.ts";
import type { ReportedRule } from "./run-report.ts";

/** Why rules are by design, undecided or skipped: verdict and reason, in the order in which they stand on the page. */
export type Reasons = readonly string[];

const KINDS = ["undecided", "by design", "skipped"] as const;

const TITLES: Readonly<Record<(typeof KINDS)[number], string>> = {
  undecided: "? Undecided",
  "by design": "△ By design",
  skipped: "s Skipped",
};

const isKind = (verdict: string): verdict is (typeof KINDS)[number] =>
  KINDS.some((each) => each === verdict);

const keyOf = ({ verdict, why }: ReportedRule): string => `${verdict}\n${why ?? "no reason given"}`;

/** All reasons of a page, each once. */
export function reasonsIn(columns: readonly Column[]): Reasons {
  const keys = columns.flatMap(({ report }) =>
    report.rules.filter(({ verdict }) => isKind(verdict)).map(keyOf),
  );
  const rank = (key: string) => KINDS.findIndex((kind) => key.startsWith(`${kind}\n`));
  return [...new Set(keys)].toSorted((a, b) => rank(a) - rank(b));
}

/** The place where a rule's reason is told; null where it needs none. */
export function reasonId(reasons: Reasons, rule: ReportedRule): string | null {
  const at = isKind(rule.verdict) ? reasons.indexOf(keyOf(rule)) : -1;
  return at < 0 ? null : `why-${at + 1}`;
}

/** The reasons as a list: what, why, and which rules of which implementation. */
export function reasonsHtml(reasons: Reasons, columns: readonly Column[]): string {
  if (reasons.length === 0) return "";
  const items = reasons.map((key, i) => {
    const [verdict = "", why = ""] = key.split("\n", 2);
    const title = isKind(verdict) ? TITLES[verdict] : verdict;
    const whose = whoseText(key, columns);
    return `<dt id="why-${i + 1}">${title}</dt><dd>${escapeHtml(why)}<small>${escapeHtml(whose)}</small></dd>`;
  });
  return `<h2>Not kept, and not broken</h2><dl class="why">${items.join("")}</dl>`;
}

/** `RSC-3, RSC-4: 0.12.0 to 0.18.0`: columns with the same rules are told together. */
function whoseText(key: string, columns: readonly Column[]): string {
  const labels = new Map<string, string[]>();
  for (const { report, label } of columns) {
    const own = report.rules.filter((rule) => keyOf(rule) === key).map(({ rule }) => rule);
    if (own.length === 0) continue;
    const rules = own.join(", ");
    labels.set(rules, [...(labels.get(rules) ?? []), label]);
  }
  return [...labels].map(([rules, own]) => `${rules}: ${labelsText(own, columns)}`).join(" · ");
}
