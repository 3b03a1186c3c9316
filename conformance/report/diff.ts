import { isSameWay } from "../run/signature.ts";
import type { Crossing, Replayed } from "./crossing.ts";
import { byHarm } from "./harm.ts";
import { cellOf } from "./rule-matrix.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";

/** What a way to break a rule does on the other version: the same, nothing, nothing for the rules' sake alone, or what cannot be known. */
type Way = "same" | "kept" | "rule" | "cannot" | "unknown";

/** A rule, and what is to be said of it beside its sentence; empty for nothing. */
export type DiffLine = Readonly<{ rule: string; note: string }>;

/** What changes from one version to another. Every rule is in at most one of the lists, in that of its first line here. */
export type Diff = Readonly<{
  /** Broken by the second and not by the first. */
  broken: readonly DiffLine[];
  /** Broken by both, and by the second in a way of its own. */
  worse: readonly DiffLine[];
  /** Broken by the second in what the first cannot be asked. */
  came: readonly DiffLine[];
  fixed: readonly DiffLine[];
  still: readonly DiffLine[];
  /** Told apart by a change of the rules alone; the note names its switches. */
  changed: readonly DiffLine[];
  undecided: readonly DiffLine[];
}>;

/** Names what changes between two reports that have each other's stories in them (`withReplayed`); only a replay mends or breaks anything. */
export function diffOf(a: RunReport, b: RunReport, crossing: Crossing): Diff {
  const rules = [...new Set([...a.rules, ...b.rules].map(({ rule }) => rule))];
  const lists: Record<keyof Diff, DiffLine[]> = {
    broken: [],
    worse: [],
    came: [],
    fixed: [],
    still: [],
    changed: [],
    undecided: [],
  };
  for (const rule of rules.toSorted(byHarm)) {
    const found = judged(rule, a, b, crossing);
    if (found !== null) lists[found.list].push({ rule, note: found.note });
  }
  return lists;
}

type Judged = Readonly<{ list: keyof Diff; note: string }> | null;

function judged(rule: string, a: RunReport, b: RunReport, crossing: Crossing): Judged {
  const [before, after] = [cellOf(a, rule).mark, cellOf(b, rule).mark];
  const gone = waysOf(rule, a, b, crossing);
  const come = waysOf(rule, b, a, crossing);
  const has = (ways: readonly Told[], ...kinds: Way[]) =>
    ways.some(({ way }) => kinds.includes(way));
  const isOnly = (ways: readonly Told[], kind: Way) =>
    ways.length > 0 && ways.every(({ way }) => way === kind);
  if (before === "broken" && after === "broken") {
    if (has(come, "kept")) return { list: "worse", note: "in a way of its own" };
    const isOther = !has(gone, "same") && !has(come, "same");
    return { list: "still", note: isOther ? "another way" : "" };
  }
  if (after === "broken") {
    if (has(come, "kept")) return { list: "broken", note: "" };
    if (isOnly(come, "rule")) return { list: "changed", note: switchesOf(come) };
    if (has(come, "cannot")) return { list: "came", note: whyOf(come, "cannot") };
    return { list: "undecided", note: `whether ${nameOf(a)} keeps it: ${whyOf(come, "unknown")}` };
  }
  if (before === "broken") {
    if (isOnly(gone, "rule")) return { list: "changed", note: switchesOf(gone) };
    if (!has(gone, "unknown", "cannot")) return { list: "fixed", note: "" };
    const why = whyOf(gone, has(gone, "unknown") ? "unknown" : "cannot");
    return { list: "undecided", note: `whether ${nameOf(b)} keeps it: ${why}` };
  }
  const isLost = before === "kept" && after === "skipped";
  return after === "undecided" || after === "failed" || isLost
    ? { list: "undecided", note: cellOf(b, rule).why ?? "" }
    : null;
}

type Told = Readonly<{ way: Way; why: string; switches: readonly string[] }>;

/** The ways in which `own` breaks a rule, and what each does on `other`. */
function waysOf(
  rule: string,
  own: RunReport,
  other: RunReport,
  crossing: Crossing,
): readonly Told[] {
  if (cellOf(own, rule).mark !== "broken") return [];
  const replays = crossing.get(other.header.name) ?? [];
  return evidenceOf(rule, own).map((finding) => {
    if (other.findings.some((each) => isSame(each, finding))) {
      return { way: "same", why: "", switches: [] };
    }
    const replay = replays.find(({ candidate }) =>
      isSameWay(candidate.signature, finding.signature),
    );
    return wayOf(replay);
  });
}

const isSame = (a: ReportedFinding, b: ReportedFinding): boolean =>
  a.kind !== "unclear" && b.kind !== "unclear" && isSameWay(a.signature, b.signature);

function wayOf(replay: Replayed | undefined): Told {
  if (replay === undefined) return { way: "unknown", why: "it was not run there", switches: [] };
  const { verdict, why, switches } = replay;
  if (verdict === "shows") return { way: "same", why: "", switches };
  if (verdict === "kept") return { way: switches.length > 0 ? "rule" : "kept", why: "", switches };
  if (verdict === "cannot") return { way: "cannot", why: why ?? "", switches };
  return { way: "unknown", why: `there its story shows ${why} instead`, switches };
}

/** The findings of a rule, or of the rule whose breach broke it. */
function evidenceOf(rule: string, { findings, rules }: RunReport): readonly ReportedFinding[] {
  const broken = findings.filter(({ kind }) => kind === "broken");
  const own = broken.filter((each) => each.rule === rule);
  if (own.length > 0) return own;
  const cause = /^by what breaks (\S+)$/.exec(
    rules.find((each) => each.rule === rule)?.why ?? "",
  )?.[1];
  return broken.filter((each) => each.rule === cause);
}

const whyOf = (ways: readonly Told[], kind: Way): string =>
  ways.find(({ way }) => way === kind)?.why ?? "it was not run there";

const switchesOf = (ways: readonly Told[]): string =>
  [...new Set(ways.flatMap(({ switches }) => switches))].join(" ");

const nameOf = ({ header }: RunReport): string => header.version;
