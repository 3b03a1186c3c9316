import { type Look, ruleLine } from "../report/finding.ts";
import { clip, SCREEN_WIDTH, wrap } from "../report/screen.ts";
import { countOf } from "../report/summary.ts";
import type { BisectAnswer, Explained, Shown, Tried } from "./bisect.ts";
import { EXIT } from "./exit.ts";
import { print } from "./terminal.ts";
import { isRule, type Trace } from "./trace.ts";

/** How the screens of a bisection are drawn. */
export type BisectLook = Look;

const SIGNS: Readonly<Record<Shown | "untried", readonly [glyph: string, word: string]>> = {
  shows: ["✗", "x"],
  another: ["✗", "x"],
  kept: ["✓", "+"],
  cannot: ["·", "."],
  untried: ["!", "!"],
};

const WORDS: Readonly<Record<Shown, string>> = {
  shows: "broken",
  another: "broken another way",
  kept: "kept",
  cannot: "cannot be asked",
};

/** What is looked for, and where. */
export function tellStart(trace: Trace, versions: readonly string[], look: BisectLook): void {
  const { rule, steps, adapter } = trace;
  const what = `${countOf(steps.length, "step")}, recorded on ${adapter}`;
  const where = `${countOf(versions.length, "version")}, each by the rules of its own time`;
  print("", ...(isRule(rule) ? [ruleLine(rule, look)] : []), `  ${what} · ${where}`, "");
}

/** `0.12.0   ✗ broken`: a version as soon as it was tried. */
export function tellProbe({ version, verdict, why }: Tried, trace: Trace, look: BisectLook): void {
  const sign = SIGNS[verdict ?? "untried"][look.ascii ? 1 : 0];
  const other = why === trace.rule ? `${why} with another difference` : why;
  const said =
    verdict === null ? `not tried: ${(why ?? "").split("\n")[0]}` : (WORDS[verdict] ?? "");
  const more = verdict === null || other === null ? "" : `: ${other}`;
  print(clip(`  ${version.padEnd(9)} ${sign} ${said}${more}`, SCREEN_WIDTH, look.ascii));
}

/** Where the verdict changes, why, and how much of it was tried. */
export function tellAnswer(answer: BisectAnswer, look: BisectLook): void {
  const { found, versions, turns, seconds, exit, trace } = answer;
  const lines = [
    sentenceOf(answer),
    ...turns.flatMap((turn) => whyOf(turn, answer)),
    ...(found.untried.length > 0 ? [`not tried: ${found.untried.join(", ")}`] : []),
    `${countOf(found.known.length, "version")} of ${versions.length} tried · ${seconds.toFixed(0)} s`,
  ];
  const mark = exit === EXIT.pass ? (look.ascii ? "x" : "✗") : "?";
  print("", ...lines.flatMap((line, i) => block(i === 0 ? `${mark} ${trace.rule} ${line}` : line)));
  print(`  exit ${exit}${exit === EXIT.inconclusive ? ": the trace showed nowhere" : ""}`);
}

const block = (text: string): readonly string[] =>
  wrap(text, SCREEN_WIDTH - 2, SCREEN_WIDTH - 4).map(
    (line, i) => `${i === 0 ? "  " : "    "}${line}`,
  );

/** `broken in 0.12.0, kept since 0.12.1`, in as many parts as there are changes. */
export function sentenceOf({
  found,
  turns,
  versions,
}: Pick<BisectAnswer, "found" | "turns" | "versions">): string {
  const [first] = found.known;
  const last = found.known.at(-1);
  if (first === undefined || last === undefined) return "could be tried on no version";
  if (turns.length === 0) {
    const tried = found.known.map(({ version }) => version).join(", ");
    const rest = found.known.length < versions.length ? "; what lies between was not (--all)" : "";
    return `${WORDS[first.verdict]} in all that were tried: ${tried}${rest}`;
  }
  const parts = [...turns, null].map((turn, i) => {
    const from = turns[i - 1]?.after.version ?? first.version;
    const to = turn?.before.version ?? last.version;
    const verdict = WORDS[(turn?.before ?? last).verdict];
    if (turn === null) return `${verdict} since ${from}`;
    if (i === 0) return `${verdict} ${to === versions[0] ? "in" : "up to"} ${to}`;
    return from === to ? `${verdict} in ${from}` : `${verdict} from ${from} to ${to}`;
  });
  const more = turns.length > 1 ? "changes more than once: " : "";
  return `${more}${parts.join(", ")}`;
}

function whyOf({ after, gap, changes }: Explained, { family }: BisectAnswer): readonly string[] {
  const between = gap.length > 0 ? [`before ${after.version}, not tried: ${gap.join(", ")}`] : [];
  if (changes.length === 0) return between;
  return [...between, `the rule changed, and not what ${family} does: ${changes.join(" ")}`];
}
