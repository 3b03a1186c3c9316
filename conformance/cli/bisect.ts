import type { Edition } from "../../spec/model/edition.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { type Bisection, bisect, type Turn } from "../run/bisect.ts";
import { ruleChange, type Switch, traceVerdict } from "../run/trace-verdict.ts";
import { adapterFailure } from "./adapter-failure.ts";
import { type Family, familyOf, versionedOf } from "./adapter-list.ts";
import { type BisectLook, tellAnswer, tellProbe, tellStart } from "./bisect-screen.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { type Opened, openAdapter } from "./open.ts";
import { ruleChanges } from "./rule-changes.ts";
import { lookOf, Progress, print, type ScreenOptions } from "./terminal.ts";
import { readTrace, type Trace } from "./trace.ts";

/** The options of `weir bisect`, as the command line gives them. */
export type BisectOptions = ScreenOptions &
  Readonly<{
    adapter?: string;
    from?: string;
    to?: string;
    all?: boolean;
    database?: string;
    json?: boolean;
  }>;

/** What a version shows of a trace. */
export type Shown = "shows" | "another" | "kept" | "cannot";

/** A version that was tried: what else it shows, what it lacks, or why it could not be. */
export type Tried = Readonly<{ version: string; verdict: Shown | null; why: string | null }>;

/** A turn, and the changes of rules that are the reason for it; empty where the implementation changed. */
export type Explained = Turn<Shown> & Readonly<{ changes: readonly string[] }>;

/** What a bisection comes to. */
export type BisectAnswer = Readonly<{
  trace: Trace;
  family: string;
  versions: readonly string[];
  found: Bisection<Shown>;
  turns: readonly Explained[];
  seconds: number;
  exit: ExitCode;
}>;

/** Runs `weir bisect`: a recorded trace on the published versions of its adapter, until it is known where its verdict changes. */
export async function bisectTrace(path: string, options: BisectOptions): Promise<ExitCode> {
  const started = performance.now();
  const trace = await readTrace(path);
  const { name, family, own } = familyOfTrace(trace, options);
  const versions = rangeOf(await family.versions(), options);
  const { database } = options;
  const server = database === undefined ? await startEmbeddedPostgres() : null;
  const look: BisectLook = lookOf(options);
  const isTold = options.json !== true && options.quiet !== true;
  try {
    if (isTold) tellStart(trace, versions, look);
    const bench = new Bench(name, trace, database ?? server?.url ?? "", options, (tried) => {
      if (isTold) tellProbe(tried, trace, look);
    });
    const also = own !== null && versions.includes(own) ? [own] : [];
    const all = options.all ?? false;
    const found = await bisect(versions, (version) => bench.probe(version), { also, all });
    const turns: Explained[] = [];
    for (const turn of found.turns) turns.push({ ...turn, changes: await bench.changesAt(turn) });
    const seconds = (performance.now() - started) / 1000;
    const exit = exitOf(found);
    const answer: BisectAnswer = { trace, family: name, versions, found, turns, seconds, exit };
    if (options.json === true) print(JSON.stringify(jsonOf(answer)));
    else tellAnswer(answer, look);
    return exit;
  } finally {
    await server?.stop();
  }
}

/** A trace that shows nowhere was not reproduced; one that could be tried nowhere says nothing. */
function exitOf({ known }: Bisection<Shown>): ExitCode {
  if (known.length === 0) return EXIT.adapter;
  return known.some(({ verdict }) => verdict === "shows") ? EXIT.pass : EXIT.inconclusive;
}

const jsonOf = ({ trace, family, found, turns, exit }: BisectAnswer): object => {
  const { rule, signature } = trace;
  return { rule, signature, adapter: family, ...found, turns, exit };
};

function familyOfTrace(
  { adapter }: Trace,
  options: BisectOptions,
): Readonly<{ name: string; family: Family; own: string | null }> {
  const recorded = versionedOf(adapter);
  const name = options.adapter ?? recorded?.family ?? adapter;
  const family = familyOf(name);
  if (family === undefined) {
    throw new UsageError(
      `bisect needs an adapter with versions, but ${name} has none. Name one, such as --adapter river-go.`,
    );
  }
  return { name, family, own: recorded?.family === name ? recorded.version : null };
}

function rangeOf(versions: readonly string[], { from, to }: BisectOptions): readonly string[] {
  const at = (option: string, version: string): number => {
    const index = versions.indexOf(version.replace(/^v/, ""));
    if (index >= 0) return index;
    throw new UsageError(
      `--${option} must be a published version, but is ${version}. Oldest: ${versions[0]}, newest: ${versions.at(-1)}.`,
    );
  };
  const first = from === undefined ? 0 : at("from", from);
  const last = to === undefined ? versions.length - 1 : at("to", to);
  if (first > last) throw new UsageError(`--from must not be after --to, but ${from} is.`);
  return versions.slice(first, last + 1);
}

/** Tries a trace on versions, and keeps their editions. */
class Bench {
  readonly #editions = new Map<string, Edition>();
  readonly #progress: Progress;
  readonly #family: string;
  readonly #trace: Trace;
  readonly #database: string;
  readonly #onTried: (tried: Tried) => void;

  constructor(
    family: string,
    trace: Trace,
    database: string,
    screen: ScreenOptions,
    onTried: (tried: Tried) => void,
  ) {
    this.#family = family;
    this.#trace = trace;
    this.#database = database;
    this.#progress = new Progress(screen);
    this.#onTried = onTried;
  }

  /** Null for a version that cannot be built, opened, or kept alive. */
  async probe(version: string): Promise<Shown | null> {
    const tried = await this.#try(version);
    this.#progress.clear();
    this.#onTried(tried);
    return tried.verdict;
  }

  async #try(version: string): Promise<Tried> {
    try {
      return await this.#with(version, async ({ adapter, edition }) => {
        this.#editions.set(version, edition);
        const shown = await traceVerdict(adapter, this.#trace, edition);
        const { verdict } = shown;
        if (verdict === "cannot") return { version, verdict, why: shown.why };
        const other = verdict === "another" ? shown.divergence.differences[0]?.rule : undefined;
        return { version, verdict, why: other ?? null };
      });
    } catch (error) {
      const why = adapterFailure(error);
      if (why === null) throw error;
      return { version, verdict: null, why };
    }
  }

  /** What River changed of the rules, where by the earlier rules the later version would have shown what the earlier one does. */
  async changesAt({ before, after }: Turn<Shown>): Promise<readonly string[]> {
    const own = this.#editions.get(after.version);
    const other = this.#editions.get(before.version);
    if (own === undefined || other === undefined || own.name === other.name) return [];
    const switches: readonly Switch[] | null = await this.#with(after.version, ({ adapter }) =>
      ruleChange(adapter, this.#trace, { own, other, verdict: before.verdict }),
    );
    return ruleChanges(switches ?? []).map(({ since, what }) => `${since}: ${what}`);
  }

  async #with<T>(version: string, use: (opened: Opened) => Promise<T>): Promise<T> {
    const name = `${this.#family}@${version}`;
    this.#progress.show(() => `opening ${name}`);
    const opened = await openAdapter(name, this.#database, (line) =>
      this.#progress.show(() => line),
    );
    try {
      return await use(opened);
    } finally {
      await opened.adapter.close();
    }
  }
}
