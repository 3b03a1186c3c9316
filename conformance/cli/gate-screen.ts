import { RULES } from "../../spec/rules.generated.ts";
import type { EntryState, Judged } from "../gate/gate.ts";
import { lawOf } from "../law.ts";
import type { Look } from "../report/finding.ts";
import type { ReportedFinding } from "../report/run-report.ts";
import { clip, fill, SCREEN_WIDTH } from "../report/screen.ts";
import { mainStory, sortByStory, tellCounts, tellEnd } from "./check-screen.ts";
import type { GateResult } from "./expect.ts";
import type { Opened } from "./open.ts";
import { count, print, WEIR } from "./terminal.ts";
import { isRule } from "./trace.ts";

const SHOWN = 3;

/** The screen of `weir check --expect`: what is new, what is listed, what is amiss with the list, the worst new story, and what to do. */
export function tellGate({ edition }: Opened, held: GateResult, look: Look, quiet: boolean): void {
  const { examined, gated, written } = held;
  const { report } = examined;
  const fresh = [
    ...sortByStory(gated.fresh, examined.shown),
    ...gated.fresh.filter((finding) => !examined.shown.has(finding)),
  ];
  const states = stateLines(held, fresh, look);
  print(...states, ...(states.length === 0 ? [] : [""]));
  if (!quiet && written === null) {
    const law = lawOf(edition);
    print(...mainStory(fresh[0], { report, shown: examined.shown, law, look }));
    if (fresh[0]?.steps === null) print(...fresh[0].story, "");
  }
  tellCounts(examined, look);
  if (!quiet) print(...remedyLines(held, fresh));
  tellEnd(report);
}

const MARKS = {
  new: ["✗", "x"],
  listed: ["△", "^"],
  changed: ["✗", "x"],
  expired: ["✗", "x"],
  stale: ["✗", "x"],
  unmatched: ["✗", "x"],
  unsought: ["?", "?"],
} as const;

const WORDS: Readonly<Record<Exclude<EntryState, "listed">, (why: string) => string>> = {
  expired: (why) => `${why}: mend it, or accept it again`,
  stale: (why) => `${why}: fixed? remove the entry`,
  unmatched: (why) => `listed, but nothing can show it: ${why}`,
  unsought: (why) => `listed, ${why}`,
};

function stateLines(
  { gated }: GateResult,
  fresh: readonly ReportedFinding[],
  look: Look,
): readonly string[] {
  const of = (state: EntryState, isChanged = false) =>
    gated.entries.filter((each) => each.state === state && (each.becomes !== null) === isChanged);
  const line = (word: keyof typeof MARKS, number: number, rest: string): string => {
    const mark = MARKS[word][look.ascii ? 1 : 0];
    const head = number === 0 ? "" : `${mark} ${count(number)} ${word}`;
    return clip(`  ${fill(head, 13)} ${rest}`, SCREEN_WIDTH, look.ascii);
  };
  const amiss = (state: Exclude<EntryState, "listed">) =>
    some(of(state), ({ entry, why }, all) =>
      line(state, all, `${entry.rule.padEnd(7)} ${WORDS[state](why)}`),
    );
  const listed = of("listed").length;
  return [
    ...some(fresh, (finding, all) => line("new", all, freshWords(finding))),
    ...(listed === 0 ? [] : [line("listed", listed, "still there, unchanged")]),
    ...some(of("stale", true), (judged, all) => line("changed", all, changedWords(judged))),
    ...amiss("expired"),
    ...amiss("stale"),
    ...amiss("unmatched"),
    ...amiss("unsought"),
  ];
}

/** A line for each of the first, with the count on the first of all, and one for the rest. */
function some<T>(all: readonly T[], line: (each: T, all: number) => string): readonly string[] {
  const more = all.length - SHOWN;
  return [
    ...all.slice(0, SHOWN).map((each, i) => line(each, i === 0 ? all.length : 0)),
    ...(more > 0 ? [`                and ${count(more)} more: --json has them all`] : []),
  ];
}

const RULE_WIDTH = 48;

function freshWords({ rule, steps }: ReportedFinding): string {
  const sentence = isRule(rule) ? RULES[rule].sentence.replaceAll("`", "") : "";
  const length =
    steps === null ? "" : steps.length === 1 ? "1 step" : `${count(steps.length)} steps`;
  return `${rule.padEnd(7)} ${fill(clip(sentence, RULE_WIDTH), RULE_WIDTH)} ${length}`.trimEnd();
}

/** The parts of the signature that are not as they were. */
function changedWords({ entry, becomes }: Judged): string {
  const was = entry.signature.split(" | ");
  const is = becomes?.signature.split(" | ") ?? [];
  const at = was.findIndex((part, i) => part !== is[i]);
  return `${entry.rule.padEnd(7)} listed as ${was[at] ?? ""}, but is ${is[at] ?? ""}`;
}

function remedyLines(
  { examined, gated, written }: GateResult,
  [main]: readonly ReportedFinding[],
): readonly string[] {
  const { footer, header } = examined.report;
  const file = footer.gate?.file ?? "";
  if (written !== null) {
    return [`  wrote ${file}: ${count(written)} new, ${count(stayed(gated.entries))} as they were`];
  }
  const isAmiss = gated.entries.some(({ state }) => state !== "listed" && state !== "unsought");
  if (main === undefined && !isAmiss) return [];
  const look = main === undefined ? [] : [`  look     ${WEIR} explain ${main.rule}`];
  return [
    `  accept   ${WEIR} check --adapter ${/\s/.test(header.name) ? "…" : header.name} --expect ${file} --update --reason "…"`,
    ...look,
  ];
}

const stayed = (entries: readonly Judged[]): number =>
  entries.filter(({ state }) => state === "listed" || state === "unsought").length;
