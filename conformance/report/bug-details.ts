import type { Law } from "../../spec/model/effect.ts";
import { RULES } from "../../spec/rules.generated.ts";
import type { Edit } from "../bugs/bug.ts";
import type { Verdict } from "../bugs/kill.ts";
import type { BugStory } from "../bugs/story.ts";
import { escapeHtml, sentenceHtml } from "./html.ts";
import { storyHtml } from "./story-html.ts";

/** The sign of a verdict: what it means is said in words beside it. */
export const verdictMark = (verdict: Verdict["verdict"]): string =>
  verdict === "killed" ? "✓" : "✗";

/** A bug that opens to its diff, its origin and its story; with `blame`, open, and saying what is wrong with it first. */
export function bugDetails(
  verdict: Verdict,
  story: BugStory | undefined,
  law: Law,
  blame?: string,
): string {
  const { bug, rule, ops } = verdict;
  const name = escapeHtml(bug.name);
  const said =
    blame === undefined
      ? `${rule}, ${ops.length} ${ops.length === 1 ? "step" : "steps"}`
      : escapeHtml(blame);
  const mark = verdictMark(verdict.verdict);
  return [
    `<details${blame === undefined ? "" : ' class="no" open'}><summary><b>${mark}</b> <code>${name}</code> ${said}</summary><div id="b-${name}">`,
    `<p>${escapeHtml(bug.what)}</p>`,
    factsHtml(verdict),
    ...bug.edits.map(editHtml),
    bug.edits.length === 0
      ? "<p>No edit of SQL: what is asked or answered is changed on its way.</p>"
      : "",
    story === undefined ? "" : storyHtml(story.ops, law, story.divergence),
    "</div></details>",
  ].join("");
}

function factsHtml({ bug, verdict, rule, sequence, seconds }: Verdict): string {
  const [main, ...others] = [...new Set([rule, ...bug.breaks])].filter(
    (each) => each !== null && bug.breaks.includes(each),
  );
  const sentence = main == null ? "" : `<b>${main}</b> ${sentenceHtml(RULES[main].sentence)}`;
  const facts: (readonly [string, string])[] = [
    ["Origin", escapeHtml(bug.origin)],
    ["Breaks", [sentence, others.join(", ")].filter((each) => each !== "").join("<br>")],
    ...(verdict === "killed"
      ? ([["Found", `by ${rule} in sequence ${sequence}, after ${seconds.toFixed(1)} s`]] as const)
      : []),
  ];
  return `<dl>${facts.map(([word, text]) => `<dt>${word}</dt><dd>${text}</dd>`).join("")}</dl>`;
}

function editHtml({ statement, find, replace }: Edit): string {
  const side = (tag: "del" | "ins", sign: string, text: string) =>
    text.trim() === ""
      ? []
      : text
          .replaceAll(/^\n+|\s+$/g, "")
          .split("\n")
          .map((line) => `<${tag}>${sign} ${escapeHtml(line)}</${tag}>`);
  const lines = [...side("del", "−", find), ...side("ins", "+", replace)];
  return `<pre>${escapeHtml(statement)}\n${lines.join("\n")}</pre>`;
}
