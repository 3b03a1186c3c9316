import { type Edition, editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { RULES } from "../../spec/rules.generated.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { NotationError } from "../notation/scanner.ts";
import { type Look, printFinding } from "../report/finding.ts";
import { printSteps } from "../report/steps.ts";
import { runSequence } from "../run/sequence.ts";
import { shrink } from "../run/shrink.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { type Opened, openAdapter } from "./open.ts";
import { lookOf, print, type ScreenOptions, WEIR } from "./terminal.ts";
import { isRule, listTraces, readTrace, record, setFixed, type Trace } from "./trace.ts";

/** The options of `weir replay`, as the command line gives them. */
export type ReplayOptions = ScreenOptions &
  Readonly<{ adapter?: string; database?: string; step?: boolean; shrink?: boolean }>;

/** Runs `weir replay`: all records, a trace file, a rule's examples, or steps in the notation from standard input (`-`). */
export async function replay(what: string | undefined, options: ReplayOptions): Promise<ExitCode> {
  if (what === undefined) return replayAll(options);
  if (what === "-") return replayStory(await readInput(), options);
  if (isRule(what)) {
    const [example = ""] = RULES[what].examples;
    return replayStory(example, options);
  }
  const trace = await readTrace(what);
  return (await replayTrace(trace, options, true)).exit;
}

type Replayed = Readonly<{ status: "fixed" | "still" | "cannot"; exit: ExitCode }>;

async function replayAll(options: ReplayOptions): Promise<ExitCode> {
  const paths = await listTraces();
  if (paths.length === 0) throw new UsageError("no records are in .weir/: nothing to replay.");
  const results: Replayed["status"][] = [];
  const marks = { fixed: "✓ fixed ", still: "✗ still ", cannot: "? cannot" };
  const started = performance.now();
  for (const path of paths) {
    const trace = await readTrace(path);
    const { status } = await replayTrace(trace, options, false);
    if (status === "fixed") await setFixed(path);
    results.push(status);
    const moved = status === "fixed" ? "   moved to .weir/fixed/" : "";
    print(
      `  ${marks[status]}  ${path}  ${options.adapter ?? trace.adapter}  ${trace.steps.length} steps${moved}`,
    );
  }
  const of = (status: Replayed["status"]) => results.filter((each) => each === status).length;
  const exit = of("still") > 0 ? EXIT.divergence : of("cannot") > 0 ? EXIT.inconclusive : EXIT.pass;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(
    `  ${of("fixed")} fixed, ${of("still")} still there, ${of("cannot")} undecided · ${seconds} s · exit ${exit}`,
  );
  return exit;
}

async function replayTrace(
  trace: Trace,
  options: ReplayOptions,
  isTold: boolean,
): Promise<Replayed> {
  const name = options.adapter ?? trace.adapter;
  const opened = await openAdapter(name, options.database ?? null, () => undefined);
  try {
    const law = lawOf(opened.edition);
    const look = lookOf(options);
    if (isTold && opened.edition.name !== trace.edition) {
      print(`  recorded under edition ${trace.edition}, judged by edition ${opened.edition.name}`);
    }
    const { divergences } = await runSequence(opened.adapter, trace.steps, law);
    const same = divergences.find((each) => each.signature === trace.signature);
    const first = same ?? divergences[0];
    if (first === undefined) {
      if (isTold)
        print(
          `  ✓ fixed  ${trace.rule} on ${name}: ${trace.steps.length} steps, no difference`,
          "  exit 0",
        );
      return { status: "fixed", exit: EXIT.pass };
    }
    if (isTold) {
      const ops =
        options.shrink === true
          ? await shrinkAgain(opened, trace)
          : trace.steps.slice(0, first.at + 1);
      await tellDivergence(opened, ops, look);
      print(
        "",
        `  ${same === undefined ? "another difference than recorded" : "still there"}`,
        "  exit 1: divergence",
      );
    }
    return { status: "still", exit: EXIT.divergence };
  } catch (error) {
    if (isTold) throw error;
    return { status: "cannot", exit: EXIT.inconclusive };
  } finally {
    await opened.adapter.close();
  }
}

async function shrinkAgain(
  { adapter, edition, name }: Opened,
  trace: Trace,
): Promise<readonly Op[]> {
  const shrunk = await shrink(adapter, trace.steps, lawOf(edition), trace.signature);
  if (shrunk === null) return trace.steps;
  const path = await record({ ...trace, adapter: name, steps: [...shrunk.ops] });
  print(`  ${trace.steps.length} steps shrunk to ${shrunk.ops.length}, written to ${path}`, "");
  return shrunk.ops;
}

async function tellDivergence(
  { adapter, edition }: Opened,
  ops: readonly Op[],
  look: Look,
): Promise<void> {
  const law = lawOf(edition);
  const { divergences } = await runSequence(adapter, ops, law);
  const [divergence] = divergences;
  if (divergence === undefined) return;
  for (const line of printFinding(
    { ops: ops.slice(0, divergence.at + 1), divergence, law, notes: [] },
    look,
  ))
    print(line);
}

async function replayStory(text: string, options: ReplayOptions): Promise<ExitCode> {
  const { steps, edition: named } = readStory(text);
  if (steps.length === 0) throw new UsageError("there are no steps to replay.");
  const judged: Edition =
    named === undefined ? NEWEST : (editionNamed(named) ?? unknownEdition(named));
  const opened = await openAdapter(
    options.adapter ?? "reference",
    options.database ?? null,
    () => undefined,
  );
  try {
    const edition = named === undefined ? opened.edition : judged;
    const law = lawOf(edition);
    const ops = steps.map((step) => step.op);
    const look = lookOf(options);
    const { divergences } = await runSequence(opened.adapter, ops, law);
    const [divergence] = divergences;
    if (divergence !== undefined) {
      for (const line of printFinding(
        { ops: ops.slice(0, divergence.at + 1), divergence, law, notes: [] },
        look,
      ))
        print(line);
      print("", "  exit 1: divergence");
      return EXIT.divergence;
    }
    for (const line of printSteps(ops, law, look, options.step === true)) print(line);
    print(
      "",
      `  ✓ ${opened.adapter.about.adapter}: ${ops.length} steps, no difference`,
      "  exit 0",
    );
    return EXIT.pass;
  } finally {
    await opened.adapter.close();
  }
}

function unknownEdition(name: string): never {
  throw new UsageError(`edition must be one that Weir knows, but is ${name}.`);
}

function readStory(text: string) {
  try {
    return parseStory(text);
  } catch (error) {
    if (error instanceof NotationError) throw new UsageError(error.message);
    throw error;
  }
}

async function readInput(): Promise<string> {
  if (process.stdin.isTTY)
    print(`  steps in the notation, then Ctrl-D; for example: ${WEIR} replay - < story.txt`);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
