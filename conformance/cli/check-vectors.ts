import { askVectors } from "../vectors/ask.ts";
import type { Failure, Outcome } from "../vectors/family.ts";
import { readVectors } from "../vectors/files.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Opened } from "./open.ts";
import { count, type Progress, print } from "./terminal.ts";

const SHOWN = 5;
const WIDE = 300;

/** Property `vectors`: asks for River's golden values, prints what became of them, and judges. */
export async function checkVectors(
  { adapter, edition }: Opened,
  options: Readonly<{ json?: boolean; quiet?: boolean }>,
  progress: Progress,
): Promise<ExitCode> {
  const outcomes = await askVectors(adapter, edition, readVectors(), (family) =>
    progress.show(() => family),
  );
  progress.clear();
  if (options.json === true) {
    for (const each of outcomes) {
      const event = { event: "vectors", ...each, left: Object.fromEntries(each.left) };
      print(JSON.stringify(event));
    }
  } else if (options.quiet !== true) print(...outcomes.flatMap(familyLines), "");
  return exitOf(outcomes);
}

function exitOf(outcomes: readonly Outcome[]): ExitCode {
  if (outcomes.some(({ failures }) => failures.length > 0)) return EXIT.divergence;
  return outcomes.some(({ kept }) => kept > 0) ? EXIT.pass : EXIT.inconclusive;
}

function familyLines({ family, kept, failures, left }: Outcome): string[] {
  const asked = kept + failures.length;
  const notAsked = [...left].map(([reason, number]) => `${count(number)} not asked: ${reason}`);
  const more = failures.length - SHOWN;
  return [
    `  ${family}: ${count(kept)} vectors of ${count(asked)} kept${notAsked.map((each) => ` · ${each}`).join("")}`,
    ...failures.slice(0, SHOWN).flatMap(failureLines),
    ...(more > 0 ? [`    and ${count(more)} more, ${rulesOf(failures.slice(SHOWN))}`] : []),
  ];
}

const rulesOf = (failures: readonly Failure[]): string =>
  [...new Set(failures.map(({ rule }) => rule))].join(" ");

const failureLines = ({ rule, input, mustBe, is }: Failure): string[] => [
  `    ✗ ${rule}  ${cut(input)}`,
  `      must be ${cut(mustBe)}`,
  `      but is  ${cut(is)}`,
];

const cut = (text: string): string => (text.length > WIDE ? `${text.slice(0, WIDE)}…` : text);
