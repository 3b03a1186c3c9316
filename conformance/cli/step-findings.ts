import { editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { Law } from "../../spec/model/effect.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { behavesLike } from "../bugs/likeness.ts";
import { lawOf } from "../law.ts";
import { pgliteGround } from "../reference/ground.ts";
import { type Look, nameKeysIn, printFinding } from "../report/finding.ts";
import type { ReportedFinding, ReportHeader } from "../report/run-report.ts";
import { NO_PAINT } from "../report/screen.ts";
import { storyOf } from "../report/story.ts";
import { storyJsonOf } from "../report/story-json.ts";
import type { Finding } from "../run/hunt.ts";
import type { Judgement } from "./judge.ts";
import { count, WEIR } from "./terminal.ts";
import { record } from "./trace.ts";

const PLAIN: Look = { ascii: false, paint: NO_PAINT };

/** Where the findings come from, and where their traces go: null for nowhere. `from` names the implementation whose story a finding is, where it is another's. */
export type Origin = Readonly<{
  header: ReportHeader;
  sequences: number;
  records: string | null;
  from?: ReadonlyMap<Finding, string>;
}>;

/** The findings of a hunt as a report has them, each with its trace written and compared with the seeded bugs. */
export async function stepFindings(
  { broken, byDesign, unclear }: Pick<Judgement, "broken" | "byDesign" | "unclear">,
  origin: Origin,
): Promise<ReadonlyMap<ReportedFinding, Finding>> {
  const told = new Map<ReportedFinding, Finding>();
  const likenesses = await likenessesOf([...broken, ...byDesign]);
  for (const finding of [...broken, ...byDesign, ...unclear]) {
    const kind = broken.includes(finding)
      ? "broken"
      : byDesign.includes(finding)
        ? "by design"
        : "unclear";
    const reported = await reportedOf(finding, kind, likenesses.get(finding) ?? null, origin);
    told.set(reported, finding);
  }
  return told;
}

async function reportedOf(
  finding: Finding,
  kind: ReportedFinding["kind"],
  behavesLike: ReportedFinding["behavesLike"],
  { header, sequences, records, from: sources }: Origin,
): Promise<ReportedFinding> {
  const from = sources?.get(finding);
  const { rule, signature, shrunk, sequence, seconds, length } = finding;
  const { differences } = shrunk?.divergence ?? finding.first;
  const [first] = differences;
  const law = lawOf(editionNamed(header.edition) ?? NEWEST);
  const reported: ReportedFinding = {
    event: "finding",
    kind,
    rule,
    signature,
    sequence,
    seconds,
    ...(from === undefined ? {} : { from }),
    length,
    steps: shrunk === null ? null : [...shrunk.ops],
    story: [],
    ...(shrunk === null ? {} : { table: storyJsonOf(shrunk.ops, law, shrunk.divergence) }),
    expected: JSON.stringify(first?.expected ?? null),
    got: JSON.stringify(first?.got ?? null),
    why: whyOf(finding, law),
    behavesLike,
    record: records === null ? null : await recordOf(finding, header, records),
  };
  const lines = printStory(reported, finding, { law, sequences, look: PLAIN });
  return { ...reported, story: lines.flatMap((line) => line.split("\n")) };
}

function whyOf({ shrunk, first }: Finding, law: Law): string | null {
  const because = (shrunk?.divergence ?? first).differences[0]?.because ?? "";
  if (because === "" || shrunk === null) return because || null;
  return nameKeysIn(because, storyOf(shrunk.ops, law, shrunk.divergence).keys);
}

/** The story of a finding with where it was found; empty for one that did not show again. */
export function printStory(
  { sequence, seconds, length, behavesLike, record, from }: ReportedFinding,
  { shrunk }: Finding,
  { law, sequences, look }: Readonly<{ law: Law; sequences: number; look: Look }>,
): readonly string[] {
  if (shrunk === null) return [];
  const where =
    sequence === 0 ? "on the tour" : `in sequence ${count(sequence)} of ${count(sequences)}`;
  const like = behavesLike === null ? null : `like bug ${behavesLike.bug}: ${behavesLike.origin}.`;
  const found =
    from === undefined
      ? `${where}, after ${seconds.toFixed(1)} s; ${length} steps shrunk to ${shrunk.ops.length}.`
      : `on ${from}; its steps were run here.`;
  const notes: (readonly [string, string])[] = [
    ...(like === null ? [] : ([["Behaves", like]] as const)),
    ["Found", found],
    ...(record === null ? [] : ([["Replay", `${WEIR} replay ${record}`]] as const)),
  ];
  return printFinding({ ops: shrunk.ops, divergence: shrunk.divergence, law, notes }, look);
}

async function recordOf(
  { shrunk, signature, rule }: Finding,
  { name, edition, seed, weir }: ReportHeader,
  folder: string,
): Promise<string | null> {
  const [first] = shrunk?.divergence.differences ?? [];
  if (shrunk === null || first === undefined) return null;
  const trace = {
    format: 1 as const,
    weir,
    adapter: name,
    edition,
    seed,
    rule,
    signature,
    steps: [...shrunk.ops],
    expected: JSON.stringify(first.expected ?? null),
    got: JSON.stringify(first.got ?? null),
  };
  return record(trace, folder);
}

/** The first seeded bug, of those that list the rule, that leaves the same rows after the same steps. */
async function likenessesOf(
  findings: readonly Finding[],
): Promise<ReadonlyMap<Finding, ReportedFinding["behavesLike"]>> {
  const alike = new Map<Finding, ReportedFinding["behavesLike"]>();
  if (findings.length === 0) return alike;
  const ground = await pgliteGround();
  try {
    for (const finding of findings) {
      const { rule, shrunk } = finding;
      if (shrunk === null) continue;
      const bugs = BUGS.filter(({ breaks }) => breaks.includes(rule));
      const { ops, divergence } = shrunk;
      const [bug] = await behavesLike(ground, bugs, ops, lawOf(NEWEST), divergence);
      if (bug !== undefined) alike.set(finding, { bug: bug.name, origin: bug.origin });
    }
    return alike;
  } finally {
    await ground.close();
  }
}
