import type { Op } from "../../spec/model/op.ts";
import { RULES } from "../../spec/rules.generated.ts";
import type { About, Names } from "../adapter.ts";
import { type BrokenClaim, isPositive } from "../adapters/claims.ts";
import { checkableRules, ladderOf, type Rung } from "../adapters/ladder.ts";
import { type ProcessAdapter, processAdapter } from "../adapters/process.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { AdapterError } from "../protocol/failure.ts";
import { timestampOf } from "../protocol/time.ts";
import { absenceOf } from "../run/applies.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { commandOf } from "./open.ts";
import { budgetsOf } from "./options.ts";
import { tellSmoke } from "./smoke-screen.ts";
import { lookOf, Progress, print, type ScreenOptions } from "./terminal.ts";

/** The options of `weir smoke`, as the command line gives them. */
export type SmokeOptions = ScreenOptions &
  Readonly<{ adapter: string; database?: string; budget?: string; json?: boolean }>;

/** What a first look at an adapter shows. */
export type Smoke = Readonly<{
  about: About;
  handshakeMs: number;
  resetMs: number;
  /** The capabilities that it has, with their parts. */
  have: readonly string[];
  /** How many rules can be checked, of those in force. */
  rules: number;
  inForce: number;
  ladder: readonly Rung[];
  broken: readonly BrokenClaim[];
  /** Why the adapter could not be asked to the end; null where it could. */
  ended: string | null;
}>;

/** Runs `weir smoke`: handshake, reset and every claim, without judging the implementation. */
export async function smoke(options: SmokeOptions): Promise<ExitCode> {
  const { adapter: name } = options;
  if (name === "reference") {
    throw new UsageError("--adapter must be a program, but reference runs in this process.");
  }
  const budgets = budgetsOf(options.budget);
  const progress = new Progress(options);
  const command = await commandOf(name, (line) => progress.show(() => line));
  const server = options.database === undefined ? await startEmbeddedPostgres() : null;
  try {
    const adapter = await processAdapter({
      command,
      serverUrl: options.database ?? server?.url ?? "",
      budgets,
    });
    const seen = await lookAt(adapter, (line) => progress.show(() => line)).finally(() =>
      adapter.close().catch(() => {}),
    );
    progress.clear();
    const exit = seen.broken.length > 0 || seen.ended !== null ? EXIT.adapter : EXIT.pass;
    if (options.json === true) print(JSON.stringify({ name, ...seen, exit }));
    else tellSmoke(name, seen, lookOf(options), exit);
    return exit;
  } finally {
    progress.clear();
    await server?.stop();
  }
}

async function lookAt(adapter: ProcessAdapter, onProgress: (line: string) => void): Promise<Smoke> {
  const { about, handshakeMs } = adapter;
  const { edition, capabilities } = about;
  const broken: BrokenClaim[] = [];
  // The first reset may migrate; every sequence begins with one like the second.
  await adapter.reset();
  const started = performance.now();
  await adapter.reset();
  const resetMs = performance.now() - started;
  let ended: string | null = null;
  try {
    for await (const claim of adapter.brokenClaims()) {
      broken.push(claim);
      onProgress(`${broken.length} claims not kept`);
    }
    const clock = await brokenClock(adapter);
    if (clock !== null) broken.push(clock);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    ended = error.message;
  }
  const lost = Object.fromEntries(
    broken.map(({ claim, why }) => [claim, { unsupported: why }] as const),
  );
  const kept = { ...about, capabilities: { ...capabilities, ...lost } };
  return {
    about,
    handshakeMs: Math.round(handshakeMs),
    resetMs: Math.round(resetMs),
    have: Object.keys(kept.capabilities).filter((claim) => isPositive(kept.capabilities[claim])),
    rules: checkableRules(edition, kept.capabilities).length,
    inForce: (Object.keys(RULES) as (keyof typeof RULES)[]).filter(
      (rule) => absenceOf(rule, edition, {})?.verdict !== "not in that version",
    ).length,
    ladder: ladderOf(kept),
    broken,
    ended,
  };
}

const LATER = 3_600_000_000;
const INSERT: Op = { op: "insert", now: LATER, jobs: [{ id: 1, kind: "weir_probe" }] };
const NO_NAMES: Names = { idOf: () => null, heldBy: () => null, termOf: () => null };

/** A job must be of the instant at which it was inserted, unless the adapter says that its time is real. */
async function brokenClock(adapter: ProcessAdapter): Promise<BrokenClaim | null> {
  const { clock } = adapter.about;
  if (clock === "real") return null;
  await adapter.reset();
  await adapter.run(INSERT, NO_NAMES);
  const [job] = (await adapter.observe()).jobs;
  await adapter.reset();
  if (job === undefined || job.createdAt === LATER) return null;
  const [is, must] = [timestampOf(job.createdAt), timestampOf(LATER)];
  return { claim: `clock ${clock}`, why: `a job inserted at ${must} was created at ${is}` };
}
