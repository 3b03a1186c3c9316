import type { About } from "../adapter.ts";
import { ServerError } from "../database/server-error.ts";
import { tourOf } from "../explore/tour.ts";
import { lawOf } from "../law.ts";
import { AdapterError } from "../protocol/failure.ts";
import type { ReportedFinding, ReportHeader, RunReport } from "../report/run-report.ts";
import { type Finding, type HuntReport, hunt } from "../run/hunt.ts";
import { askVectors } from "../vectors/ask.ts";
import type { Outcome } from "../vectors/family.ts";
import { readVectors } from "../vectors/files.ts";
import { DRAWS } from "../walk/draws.ts";
import { scopeOf } from "../walk/swarm.ts";
import { EXIT, type ExitCode, worstOf } from "./exit.ts";
import { judge } from "./judge.ts";
import { machine } from "./machine.ts";
import type { Opened } from "./open.ts";
import { stepFindings } from "./step-findings.ts";
import { VERSION } from "./terminal.ts";
import { RECORDS } from "./trace.ts";
import { vectorCounts, vectorFindings } from "./vector-findings.ts";

/** What `--property` takes. */
export const PROPERTIES = ["all", "step", "insert", "tour", "vectors", "live"] as const;

/** What is compared: one of `PROPERTIES` but `live`, which is checked elsewhere. */
export type Property = Exclude<(typeof PROPERTIES)[number], "live">;

/**
 * How an implementation is checked. Limits are null where there are none; then a walk ends after `usualRuns` sequences, 1,000 where these are null
 * or absent, or with `seconds` when they are over.
 */
export type RunOptions = Readonly<{
  property: Property;
  seed: number;
  runs: number | null;
  usualRuns?: number | null;
  seconds: number | null;
  maxSteps: number | null;
  failFast: boolean;
  /** The command line that gives this report again. */
  command: string;
  /** When the run begins. */
  at: Date;
  /** The folder for traces; null writes none, absent is `.weir`. */
  records?: string | null;
  /** Asked between sequences: true ends the run. */
  isStopped?: () => boolean;
  onProgress?: (now: HuntReport | string) => void;
}>;

/** A report, and what it was made of: `shown` has the finding of each that came from a sequence. */
export type Examined = Readonly<{
  report: RunReport;
  /** Every exit code that holds; that of the report is the worst. */
  exits: readonly ExitCode[];
  isTourCut: boolean;
  shown: ReadonlyMap<ReportedFinding, Finding>;
}>;

const RUNS = 1000;

/** Checks an adapter that is open, and leaves it open. An adapter that dies on the way makes the report incomplete; what was found before is in it. */
export const checkAdapter = async (opened: Opened, options: RunOptions): Promise<RunReport> =>
  (await examine(opened, options)).report;

/** `checkAdapter`, with what a screen needs beside the report. */
export async function examine(opened: Opened, options: RunOptions): Promise<Examined> {
  const { property } = options;
  const narrowed = property === "insert" ? insertOnly(opened) : opened;
  const { name, adapter, edition } = narrowed;
  const header = headerOf({ name, about: adapter.about, edition: edition.name }, options);
  const { hunted, vectors, seconds, ...ended } = await gather(narrowed, options);
  const canPut = narrowed.adapter.put !== undefined;
  const judgement = judge(narrowed.adapter.about, { property, hunted, vectors, canPut });
  const sequences = hunted?.sequences ?? 0;
  const { records = RECORDS } = options;
  const shown = await stepFindings(judgement, { header, sequences, records });
  const cut = ended.failure !== null ? [EXIT.adapter] : ended.complete ? [] : [EXIT.inconclusive];
  const exits = [...judgement.exits, ...cut];
  return {
    report: {
      header,
      findings: [...vectorFindings(vectors ?? []), ...shown.keys()],
      rules: judgement.rules,
      footer: {
        event: "footer",
        sequences,
        operations: hunted?.operations ?? 0,
        seconds,
        transitions: hunted?.transitions ?? 0,
        ...(hunted?.tour ? { tour: hunted.tour } : {}),
        ...(vectors === null ? {} : { vectors: vectorCounts(vectors) }),
        ...ended,
        exit: worstOf(exits),
      },
    },
    exits,
    isTourCut: judgement.isTourCut,
    shown,
  };
}

type Gathered = Readonly<{
  hunted: HuntReport | null;
  vectors: readonly Outcome[] | null;
  seconds: number;
  complete: boolean;
  failure: string | null;
}>;

/** Asks for the golden values and walks, as far as the property goes and the adapter holds out. */
async function gather(opened: Opened, options: RunOptions): Promise<Gathered> {
  const { property, onProgress, isStopped } = options;
  const started = performance.now();
  let vectors: readonly Outcome[] | null = null;
  let hunted: HuntReport | null = null;
  let failure: string | null = null;
  try {
    if (property === "vectors" || property === "all") {
      const { adapter, edition } = opened;
      vectors = await askVectors(adapter, edition, readVectors(), (each) => onProgress?.(each));
    }
    if (property !== "vectors") {
      hunted = await huntIn(opened, options, (now) => {
        hunted = now;
      });
    }
  } catch (error) {
    if (!(error instanceof AdapterError || error instanceof ServerError)) throw error;
    failure = error.message;
  }
  const complete = failure === null && isStopped?.() !== true;
  return { hunted, vectors, seconds: (performance.now() - started) / 1000, complete, failure };
}

function huntIn(
  opened: Opened,
  options: RunOptions,
  onReport: (now: HuntReport) => void,
): Promise<HuntReport> {
  const { adapter, others, edition } = opened;
  const { seed, seconds, maxSteps, failFast, isStopped, onProgress } = options;
  const law = lawOf(edition);
  return hunt([adapter, ...others], law, {
    tour: goesOnTour(opened, options) ? tourOf(law, scopeOf(adapter.about, law.edition)) : null,
    seed,
    sequences: sequencesOf(options),
    seconds,
    maxSteps,
    failFast,
    ...(isStopped === undefined ? {} : { isStopped }),
    onProgress: (now) => {
      onReport(now);
      onProgress?.(now);
    },
  });
}

/** How many sequences a run has at most: infinitely many where only time ends it. */
export function sequencesOf({ property, runs, usualRuns, seconds }: RunOptions): number {
  if (property === "tour") return 0;
  return runs ?? (seconds === null ? (usualRuns ?? RUNS) : Number.POSITIVE_INFINITY);
}

/** The tour comes by itself, or before walks without a limit of their own where a whole sequence is one message: elsewhere it takes minutes. */
function goesOnTour({ adapter }: Opened, options: RunOptions): boolean {
  const { property, runs, seconds, maxSteps } = options;
  const isWhole = [runs, seconds, maxSteps].every((each) => each === null);
  return property === "tour" || (isWhole && property !== "insert" && adapter.runAll !== undefined);
}

/** The header of a run's report. */
export function headerOf(
  { name, about, edition }: Readonly<{ name: string; about: About; edition: string }>,
  {
    property,
    seed,
    command,
    at,
  }: Pick<ReportHeader, "property" | "seed" | "command"> & { at: Date },
): ReportHeader {
  return {
    event: "header",
    format: 1,
    weir: VERSION,
    name,
    ...about,
    capabilities: { ...about.capabilities },
    edition,
    property,
    seed,
    command,
    machine: machine(),
    at: at.toISOString(),
  };
}

/** The same adapter, of which only inserts are asked. */
function insertOnly(opened: Opened): Opened {
  const operations = Object.keys(DRAWS).filter((name) => name !== "insert");
  const services = ["queue", "queue.update", "leader", "leader.request_resign"];
  const only = [...operations, ...services].map(
    (name) => [name, { unsupported: "property insert" }] as const,
  );
  const { adapter } = opened;
  const capabilities = { ...adapter.about.capabilities, ...Object.fromEntries(only) };
  const { runAll } = adapter;
  return {
    ...opened,
    adapter: {
      about: { ...adapter.about, capabilities },
      reset: () => adapter.reset(),
      run: (op, names) => adapter.run(op, names),
      ...(runAll === undefined ? {} : { runAll: (ops, law) => runAll(ops, law) }),
      observe: () => adapter.observe(),
      close: () => adapter.close(),
    },
  };
}
