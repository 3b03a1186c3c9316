import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NEWEST } from "../../spec/model/edition.ts";
import { PUBLISHED } from "../adapters/river-go.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { tellBug } from "../bugs/story.ts";
import { explain as answerTo } from "../explain/explain.ts";
import type { Sources } from "../explain/links.ts";
import { printExplanation } from "../explain/print.ts";
import { lawOf } from "../law.ts";
import { printOp } from "../notation/print.ts";
import { pgliteGround } from "../reference/ground.ts";
import { printFinding } from "../report/finding.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { GATE_SEED } from "./options.ts";
import { lookOf, print, type ScreenOptions, WEIR } from "./terminal.ts";

/** The options of `weir explain`, as the command line gives them. */
export type ExplainOptions = ScreenOptions & Readonly<{ json?: boolean }>;

/** How long to look for a bug's story. */
const SECONDS = 20;

/** Runs `weir explain`: a rule, a bug with its shortest story, a version, a column or a word; nothing lists the chapters. */
export async function explain(
  asked: string | undefined,
  options: ExplainOptions,
): Promise<ExitCode> {
  const law = lawOf(NEWEST);
  const adapters = PUBLISHED.map((version) => `river-go@${version}`);
  const answer = answerTo(asked ?? "", { sources: readSources(), adapters, law });
  if (answer.kind === "unknown") {
    const near = answer.nearest.join(", ");
    throw new UsageError(`nothing is known of ${answer.word}. Nearest: ${near}.`);
  }
  const look = lookOf(options);
  const bug = answer.kind === "bug" ? BUGS.find(({ name }) => name === answer.name) : undefined;
  const ground = bug === undefined ? null : await pgliteGround();
  try {
    const story =
      bug === undefined || ground === null
        ? null
        : await tellBug(ground, bug, { seed: GATE_SEED, seconds: SECONDS });
    if (options.json === true) {
      const steps =
        bug === undefined
          ? {}
          : { steps: story?.ops.map((op) => ({ at: op.now, step: printOp(op) })) ?? null };
      print(JSON.stringify({ ...answer, ...steps }));
      return EXIT.pass;
    }
    for (const line of printExplanation(answer, law, { ...look, command: WEIR })) print(line);
    if (story !== null)
      for (const line of printFinding({ ...story, law, notes: [] }, look)) print(line);
    else if (bug !== undefined)
      print(`  No story was found in ${SECONDS} s. ${WEIR} bugs ${bug.name} looks longer.`);
    return EXIT.pass;
  } finally {
    await ground?.close();
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LINKED = ["spec", "spec/model", "src/ops", "conformance/compare", "conformance/bugs"];

/** What answers link into, by paths from the root: sources, also where Weir is installed. */
export const linkedPaths = (): readonly string[] =>
  LINKED.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /(?<!\.test|\.generated)\.ts$|\.md$/.test(name))
      .sort()
      .map((name) => `${folder}/${name}`),
  );

const readSources = (): Sources =>
  new Map(linkedPaths().map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
