import type { ReportedFinding, RunReport } from "../report/run-report.ts";
import type { Entry, Expectations } from "./file.ts";

/**
 * What became of an entry. `listed`: it still shows. `expired`: it still shows, and its last day is over. `stale`: it no longer shows.
 * `unmatched`: nothing that this adapter does can show it. `unsought`: this run cannot say.
 */
export type EntryState = "listed" | "expired" | "stale" | "unmatched" | "unsought";

/** An entry with its state, and why it has it, in words. */
export type Judged = Readonly<{
  entry: Entry;
  state: EntryState;
  why: string;
  /** The unlisted finding of the same rule that a stale entry may have turned into; null where there is none. */
  becomes: ReportedFinding | null;
}>;

/** What a file of expectations makes of a run. */
export type Gated = Readonly<{
  /** What is broken and not listed. */
  fresh: readonly ReportedFinding[];
  entries: readonly Judged[];
}>;

/** What the story of an entry did when it was run again. */
export type Replayed = Readonly<{ shows: boolean }>;

/** What is known beside the report. */
export type GateOptions = Readonly<{
  /** Such as 2027-01-31. */
  today: string;
  /** Whether the run was bidden to end early: no absence in it says anything. */
  isCut: boolean;
  /** The entries whose stories were run again, by signature. */
  replayed: ReadonlyMap<string, Replayed>;
}>;

/** Holds a run against the divergences that are known and accepted. */
export function gate(file: Expectations, report: RunReport, options: GateOptions): Gated {
  const listed = new Set(file.entries.map(({ signature }) => signature));
  const fresh = report.findings.filter(
    ({ kind, signature }) => kind === "broken" && !listed.has(signature),
  );
  const changed = new Set<ReportedFinding>();
  const entries = file.entries.map((entry): Judged => {
    const [state, why] = stateOf(entry, file, report, options);
    const becomes =
      state === "stale"
        ? fresh.find((finding) => finding.rule === entry.rule && !changed.has(finding))
        : undefined;
    if (becomes !== undefined) changed.add(becomes);
    return { entry, state, why, becomes: becomes ?? null };
  });
  return { fresh, entries };
}

type State = readonly [state: EntryState, why: string];

function stateOf(entry: Entry, file: Expectations, report: RunReport, options: GateOptions): State {
  const { signature, expires } = entry;
  const seen = report.findings.find((finding) => finding.signature === signature);
  const shows = seen?.kind === "broken" || options.replayed.get(signature)?.shows === true;
  if (seen?.kind === "by design") return ["unmatched", "the adapter says that it is by design"];
  if (shows && expires !== undefined && expires < options.today) {
    return ["expired", `accepted until ${expires}`];
  }
  if (shows) return ["listed", "still there, unchanged"];
  if (seen?.kind === "unclear") return ["unsought", "seen once, not again from an empty queue"];
  return absentState(entry, file, report, options);
}

function absentState(
  { rule: id, signature }: Entry,
  file: Expectations,
  report: RunReport,
  { isCut, replayed }: GateOptions,
): State {
  const rule = report.rules.find((each) => each.rule === id);
  if (rule === undefined) return ["unmatched", "there is no such rule"];
  if (["by design", "not in that version", "skipped"].includes(rule.verdict)) {
    return ["unmatched", `${rule.verdict}: ${rule.why ?? ""}`];
  }
  const tries = `${rule.fired.toLocaleString("en-US")} ${rule.fired === 1 ? "try" : "tries"}`;
  if (replayed.get(signature)?.shows === false) {
    const also = rule.fired > 0 ? `, nor did ${tries}` : "";
    return ["stale", `its story no longer shows it${also}`];
  }
  const { complete, sequences } = report.footer;
  if (isCut || !complete || sequences < file.runs) {
    const [did, of] = [sequences, file.runs].map((each) => each.toLocaleString("en-US"));
    return ["unsought", `not looked for long enough: ${did} sequences of ${of}`];
  }
  if (rule.fired === 0) return ["unsought", "its rule never fired"];
  return ["stale", `${rule.verdict === "kept" ? "kept" : "not seen"} in ${tries}`];
}

/** The entries that stay, those whose stay is not decided, and with a reason of their own those that are new or had expired. */
export function updated(
  { fresh, entries }: Gated,
  storyOf: (finding: ReportedFinding) => readonly string[] | null,
  reasonOf: (signature: string) => string,
): readonly Entry[] {
  const kept = entries.flatMap(({ entry, state }): Entry[] => {
    if (state === "listed" || state === "unsought") return [entry];
    if (state !== "expired") return [];
    const { expires: _, ...rest } = entry;
    return [{ ...rest, reason: reasonOf(entry.signature) }];
  });
  const added = fresh.map((finding): Entry => {
    const { rule, signature } = finding;
    const story = storyOf(finding);
    const reason = reasonOf(signature);
    return { rule, signature, reason, ...(story === null ? {} : { story: [...story] }) };
  });
  return [...kept, ...added];
}
