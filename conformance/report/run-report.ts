import { z } from "zod";
import { opJson } from "../notation/op-json.ts";
import { storyJson } from "./story-json.ts";

/**
 * What became of one rule on one implementation. `by design`: the implementation says that it differs, and where that is documented.
 * `not in that version`: the rule, or what it needs, came later. `skipped`: the adapter cannot do what the rule needs. `undecided`: it could
 * have been checked and never was, or what was seen did not show again.
 */
export const VERDICTS = [
  "broken",
  "kept",
  "by design",
  "not in that version",
  "undecided",
  "skipped",
] as const;

/** One of `VERDICTS`. */
export type Verdict = (typeof VERDICTS)[number];

const supportJson = z.union([
  z.literal("supported"),
  z.strictObject({ unsupported: z.string(), since: z.string().optional() }),
  z.strictObject({ divergent: z.string(), why: z.string() }),
]);

const headerJson = z.strictObject({
  event: z.literal("header"),
  format: z.literal(1),
  weir: z.string(),
  /** As `--adapter` names it. */
  name: z.string(),
  adapter: z.string(),
  implementation: z.string(),
  version: z.string(),
  language: z.string(),
  database: z.string(),
  /** `unknown` where it could not be asked. */
  clock: z.enum(["virtual", "injected", "database", "real", "unknown"]),
  edition: z.string(),
  capabilities: z.record(z.string(), supportJson),
  property: z.string(),
  seed: z.int(),
  /** The command line that gives this report again. */
  command: z.string(),
  /** Of the machine, in words. */
  machine: z.string(),
  /** When the run began, RFC 3339 in UTC. */
  at: z.string(),
});

const findingJson = z.strictObject({
  event: z.literal("finding"),
  /** `unclear`: seen once, and not again from an empty queue. */
  kind: z.enum(["broken", "by design", "unclear"]),
  rule: z.string(),
  signature: z.string(),
  /** Which sequence showed it, from 1, and after how many seconds; 0 is the tour, or golden values. */
  sequence: z.int(),
  seconds: z.number(),
  /** The implementation on which it was found, where it is that one's story, run here as well: then no sequence of its own showed it. */
  from: z.string().exactOptional(),
  /** How many steps the sequence had up to there. */
  length: z.int(),
  /** The shortest story as operations; null for `unclear`, and for golden values, whose signature has `vectors` in the second place. */
  steps: z.array(opJson).nullable(),
  /** The story as the terminal prints it, without colours, a line each; empty for `unclear`. */
  story: z.array(z.string()),
  /** The story for pages; absent where there is none, as for golden values. */
  table: storyJson.exactOptional(),
  /** The difference that names the rule, as JSON texts. */
  expected: z.string(),
  got: z.string(),
  /** The model's evidence, in words; null where it gives none. */
  why: z.string().nullable(),
  /** A seeded bug that leaves the same rows; null where none does. */
  behavesLike: z.strictObject({ bug: z.string(), origin: z.string() }).nullable(),
  /** The trace file; null where none was written. */
  record: z.string().nullable(),
  /** The reason for which a file of expectations accepts it; absent where none does. */
  accepted: z.string().exactOptional(),
});

const ruleJson = z.strictObject({
  event: z.literal("rule"),
  rule: z.string(),
  verdict: z.enum(VERDICTS),
  /** How often it fired. */
  fired: z.int(),
  /**
   * Why it is by design, skipped, undecided or not in that version, or which finding broke it where none of its own did (an invariant);
   * null for the others.
   */
  why: z.string().nullable(),
});

/** How much of the abstract transitions of the tour's worlds was reached, and by what. */
const tourJson = z.strictObject({
  transitions: z.int(),
  toured: z.int(),
  injected: z.int(),
  walked: z.int(),
  paths: z.int(),
  worlds: z.int(),
  injections: z.int(),
  seconds: z.number(),
});

/** What became of one family of golden values. */
const vectorsJson = z.strictObject({
  family: z.string(),
  kept: z.int(),
  failed: z.int(),
  /** How many were not asked, by the reason. */
  left: z.record(z.string(), z.int()),
});

/** What a file of expectations says of the run. Findings that it lists have `accepted`. */
const gateJson = z.strictObject({
  file: z.string(),
  /** Entries that still show, unchanged. */
  listed: z.int(),
  /** How many findings are broken and not listed. */
  unlisted: z.int(),
  /** Entries for which something must be done, and why. */
  amiss: z.array(
    z.strictObject({
      rule: z.string(),
      signature: z.string(),
      state: z.enum(["expired", "stale", "unmatched", "unsought"]),
      why: z.string(),
    }),
  ),
});

const footerJson = z.strictObject({
  event: z.literal("footer"),
  sequences: z.int(),
  operations: z.int(),
  seconds: z.number(),
  /** Abstract transitions that walks have reached. */
  transitions: z.int(),
  /** Absent where there was no tour. */
  tour: tourJson.exactOptional(),
  /** Absent where no golden values were asked for. */
  vectors: z.array(vectorsJson).exactOptional(),
  /** Absent where nothing was expected. */
  gate: gateJson.exactOptional(),
  /** False where the run was cut short: by Ctrl-C, or by an adapter that died (its message is in `failure`). */
  complete: z.boolean(),
  failure: z.string().nullable(),
  exit: z.int(),
});

/** One line of a report: a header, findings, rules, a footer. A report without its footer is an error. */
export const eventJson = z.discriminatedUnion("event", [
  headerJson,
  findingJson,
  ruleJson,
  footerJson,
]);

/** A line of a report. */
export type ReportEvent = z.infer<typeof eventJson>;
/** What was checked, on what, and how to do it again. */
export type ReportHeader = z.infer<typeof headerJson>;
/** One way in which the implementation parts from the rules. */
export type ReportedFinding = z.infer<typeof findingJson>;
/** What became of one rule. */
export type ReportedRule = z.infer<typeof ruleJson>;
/** How far the run came, and its exit code. */
export type ReportFooter = z.infer<typeof footerJson>;

/** One run against one implementation: what every table, page and file is made of. */
export type RunReport = Readonly<{
  header: ReportHeader;
  findings: readonly ReportedFinding[];
  /** All rules of the suite, in the order of the chapters. */
  rules: readonly ReportedRule[];
  footer: ReportFooter;
}>;
