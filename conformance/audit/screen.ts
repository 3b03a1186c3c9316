import { EXIT, type ExitCode } from "../cli/exit.ts";
import { clip, type Paint, wrap } from "../report/screen.ts";
import type { Audit } from "./audit.ts";
import { CHECKS, type Found, type Outcome } from "./check.ts";
import { shortTime } from "./duration.ts";
import type { Victim } from "./grade.ts";
import { rangeOf } from "./services.ts";
import type { News } from "./watch.ts";

/** How a screen looks, and what its commands name. */
export type AuditLook = Readonly<{
  ascii: boolean;
  paint: Paint;
  width: number;
  /** How the command that prints this was called, without output options. */
  command: string;
  seconds: number;
}>;

/** The screen of an audit without its last line, the verdict. */
export const wholeScreen = (audit: Audit, look: AuditLook): readonly string[] => [
  ...screenOf(audit, look),
  ...repairLines(audit.outcomes, look),
];

/** A rule is broken; or there is a question, such as a check that could not be made; or neither. */
export function exitOf({ outcomes }: Audit): ExitCode {
  if (outcomes.some((each) => "weight" in each && each.weight === "broken")) return EXIT.divergence;
  const isOpen = outcomes.some(
    (each) => "unjudged" in each || ("weight" in each && each.weight === "open"),
  );
  return isOpen ? EXIT.inconclusive : EXIT.pass;
}

/** The last line: the exit code and what it comes from. */
export function verdictOf(audit: Audit): string {
  const said = tally(audit.outcomes);
  const found = said === null ? "" : `: ${said}`;
  return `  exit ${exitOf(audit)}${found}; nothing was changed, no args were read`;
}

const SIGNS = { broken: "✗", open: "?", hint: "!", kept: "✓" } as const;
const WORDS = { broken: "x", open: "?", hint: "!", kept: "ok" } as const;

/** What an audit saw as a screen: rules broken, open questions, hints, what is sound, and how to put it right. */
function screenOf({ seen, outcomes }: Audit, look: AuditLook): readonly string[] {
  const { ascii, paint, seconds, width } = look;
  const sign = (of: keyof typeof SIGNS) => (ascii ? WORDS : SIGNS)[of];
  const found = outcomes.filter((each): each is Found => "weight" in each);
  const unjudged = outcomes.filter((each) => "unjudged" in each);
  const kept = outcomes.filter((each) => "kept" in each).length;
  const lines = [
    `  ${head(seen, seconds)}`,
    "",
    ...(["broken", "open", "hint"] as const).flatMap((weight) =>
      found
        .filter((each) => each.weight === weight)
        .flatMap((each) => [
          ...foundLines(each, sign(weight), look),
          ...victimLines(each, seen.victims, look),
        ]),
    ),
    ...unjudgedLines(unjudged).map((text) => `  ${sign("open")} ${text}`),
    ...(kept === 0
      ? []
      : [
          `  ${paint.green(sign("kept"))} ${kept} ${kept === outcomes.length ? "checks" : kept === 1 ? "other check" : "other checks"}: nothing found`,
        ]),
    ...rightly(seen.graded),
  ];
  return lines.map((line) => clip(line, width + (line.length - plain(line).length), ascii));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what colours are made of.
const plain = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, "");

function head({ place, counts, migrations }: Audit["seen"], seconds: number): string {
  const main = migrations?.get("main") ?? [];
  const versions = main.length === 0 ? "unknown migrations" : `river migrations ${rangeOf(main)}`;
  const schema = place.schema === "public" ? "" : `schema ${printable(place.schema)} · `;
  return `read-only · one repeatable-read snapshot · ${schema}${versions} · ${counts.jobs.toLocaleString("en-US")} jobs · ${Math.round(seconds)} s`;
}

function foundLines(
  { check, says, details, rule: own }: Found,
  sign: string,
  { paint, width }: AuditLook,
): readonly string[] {
  const { weight } = CHECKS[check];
  const rule = own ?? CHECKS[check].rule;
  const text = `  ${sign} ${printable(says)}`;
  const isShort = rule !== null && [...text].length + rule.length + 2 <= width - 4;
  const signed = weight === "broken" ? text.replace(sign, paint.red(sign)) : text;
  const title = isShort
    ? `${signed}${" ".repeat(width - 4 - [...text].length - rule.length)}${paint.cyan(rule)}`
    : signed;
  return [
    title,
    ...details.flatMap((detail) =>
      wrap(printable(detail), width - 4, width - 15).map((line, i) =>
        i === 0 ? `    ${line}` : `               ${line}`,
      ),
    ),
  ];
}

function victimLines(
  { check, count }: Found,
  victims: readonly Victim[],
  { ascii, paint }: AuditLook,
): readonly string[] {
  if (check !== "discarded") return [];
  const more = count - victims.length;
  const kindWidth = Math.max(4, ...victims.map(({ kind }) => Math.min(24, [...kind].length)));
  const idWidth = Math.max(2, ...victims.map(({ id }) => id.length));
  const row = (id: string, kind: string, due: string, attempts: string, key: string) =>
    `               ${id.padEnd(idWidth)}   ${clip(printable(kind), kindWidth, ascii).padEnd(kindWidth)}   ${due.padEnd(15)}   ${attempts.padStart(8)}   ${key}`;
  const ellipsis = ascii ? "..." : "…";
  return [
    paint.dim(row("id", "kind", "due", "attempts", "key")),
    ...victims.map(({ id, kind, due, attempts, key }) =>
      row(id, kind, shortTime(due, true), attempts, `${key.slice(0, 6)}${ellipsis}`),
    ),
    ...(more > 0
      ? [
          `               ${ellipsis} ${more.toLocaleString("en-US")} more: --list SCH-3 > victims.csv`,
        ]
      : []),
    "",
  ];
}

function unjudgedLines(outcomes: readonly Outcome[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const each of outcomes) {
    if (!("unjudged" in each)) continue;
    reasons.set(each.unjudged, [...(reasons.get(each.unjudged) ?? []), each.check]);
  }
  return [...reasons].map(([why, checks]) => `not judged: ${checks.join(", ")}: ${why}`);
}

function rightly(graded: Audit["seen"]["graded"]): readonly string[] {
  const of = (grade: string) =>
    (graded ?? []).filter((each) => each.grade === grade).reduce((sum, { jobs }) => sum + jobs, 0);
  const parts = [
    ...(of("rightly") > 0 ? [`${of("rightly")} rightly discarded (the rival is still there)`] : []),
    ...(of("later") > 0 ? [`${of("later")} retried since`] : []),
  ];
  return parts.length === 0 ? [] : [`    Also marked by the scheduler: ${parts.join(", ")}.`];
}

/** Text from the database, as one line that no terminal takes for a command. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");

/** `1 finding, 1 open question, 1 hint`; null where there is nothing. */
function tally(outcomes: readonly Outcome[]): string | null {
  const of = (weight: string) =>
    outcomes.filter((each) => "weight" in each && each.weight === weight).length;
  const open = of("open") + outcomes.filter((each) => "unjudged" in each).length;
  const parts = [
    [of("broken"), "finding", "findings"],
    [open, "open question", "open questions"],
    [of("hint"), "hint", "hints"],
  ] as const;
  const said = parts.flatMap(([count, one, many]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`],
  );
  return said.length === 0 ? null : said.join(", ");
}

/** What to do about wrongly discarded jobs; nothing where there are none. */
function repairLines(outcomes: readonly Outcome[], { command }: AuditLook): readonly string[] {
  const isDamaged = outcomes.some((each) => each.check === "discarded" && "weight" in each);
  if (!isDamaged) return [];
  return [
    "",
    `  put right  ${command} --repair-sql > repair.sql   printed, never run; one job`,
    "             per key, the newest, and only where no live job has that key",
  ];
}

/** One line of a watch. */
export function newsLine(
  news: News,
  at: string,
  { ascii, width }: Pick<AuditLook, "ascii" | "width">,
): string {
  const { weight } = CHECKS[news.check];
  const start = `  ${shortTime(at, true)}  ${(ascii ? WORDS : SIGNS)[weight]} `;
  if ("outcome" in news) {
    const { outcome } = news;
    const says =
      "says" in outcome
        ? outcome.says
        : "unjudged" in outcome
          ? `not judged: ${outcome.check}: ${outcome.unjudged}`
          : "";
    return clip(`${start}${printable(says)}`, width, ascii);
  }
  const { id, kind, due } = news.job;
  const how =
    { discarded: "wrongly", rivals: "perhaps rightly" }[news.check as string] ??
    "unclear whether rightly";
  return clip(
    `${start}${id} ${printable(kind ?? "")}, due ${shortTime(due ?? "", true)}, was discarded, ${how}`,
    width,
    ascii,
  );
}
