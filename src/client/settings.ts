import { parseCron } from "../cron.ts";
import { QueueError } from "../errors.ts";
import { clientNow, LONGEST, type Micros } from "../time.ts";
import { checkQueueName, checkText } from "../validate.ts";
import type { ClientOptions, Problem, QueueConfig } from "./options.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";
import type { Worker } from "./worker.ts";

/** The options with what they leave open. */
export type Settings = Required<
  Omit<ClientOptions, "clock" | "onError" | "onStuck" | "retryDelayMs">
> &
  Pick<ClientOptions, "onError" | "onStuck" | "retryDelayMs"> &
  Readonly<{
    /** Null is the database's clock. */
    now: () => Micros | null;
    /** For what must be known here. */
    here: () => Micros;
  }>;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Fills in the defaults. Throws `invalid` for what cannot be. `onProblem` then never throws. */
export function settingsOf(options: ClientOptions): Settings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as ClientOptions;
  const { clock = null, jobTimeoutMs = 60_000, onProblem = complain } = given;
  const settings: Settings = {
    id: `weir_${crypto.randomUUID().replaceAll("-", "")}`,
    queues: {},
    workers: [],
    periodic: [],
    defaults: {},
    middleware: [],
    hooks: [],
    onlyKnownKinds: false,
    jobTimeoutMs,
    stuckAfterMs: 10_000,
    pollOnly: false,
    mayLead: true,
    rescueAfterMs: jobTimeoutMs > HOUR ? jobTimeoutMs + HOUR : HOUR,
    cancelledRetentionMs: DAY,
    completedRetentionMs: DAY,
    discardedRetentionMs: 7 * DAY,
    reindex: {},
    softStopMs: -1,
    hardStopMs: 5_000,
    ...given,
    onProblem: (problem) => tell(onProblem, problem),
    now: clock ?? (() => null),
    here: clock ?? clientNow,
  };
  check(settings);
  return settings;
}

function check(settings: Settings): void {
  const { id, queues, workers, periodic, jobTimeoutMs, rescueAfterMs, reindex } = settings;
  checkText(id, "id");
  const { length } = [...id];
  if (length < 1 || length > 127)
    throw invalid("id", `have 1 to 127 characters, but has ${length}`);
  for (const [name, config] of Object.entries(queues)) checkQueue(name, config);
  checkWorkers(workers);
  checkPeriodic(settings, periodic);
  if (reindex?.schedule !== undefined) parseCron(reindex.schedule);
  for (const field of ["stuckAfterMs", "hardStopMs"] as const) checkMs(settings[field], field, 0);
  checkTimeout(jobTimeoutMs, "jobTimeoutMs");
  checkMs(rescueAfterMs, "rescueAfterMs", 1);
  for (const field of RETENTIONS) checkMs(settings[field], field, -1);
  if (rescueAfterMs >= jobTimeoutMs) return;
  throw invalid(
    "rescueAfterMs",
    `be jobTimeoutMs (${jobTimeoutMs}) or more, or jobs that run well are rescued`,
  );
}

const RETENTIONS = [
  "softStopMs",
  "cancelledRetentionMs",
  "completedRetentionMs",
  "discardedRetentionMs",
] as const;

/** Refuses what no queue can be worked by. */
export function checkQueue(
  name: string,
  { maxWorkers, fetchPollMs = 1, fetchCooldownMs = 0 }: QueueConfig,
): void {
  checkQueueName(name, "queues");
  if (!Number.isInteger(maxWorkers) || maxWorkers < 1 || maxWorkers > 10_000) {
    throw invalid(
      `queues.${name}.maxWorkers`,
      `be an integer from 1 to 10000, but is ${maxWorkers}`,
    );
  }
  checkMs(fetchPollMs, `queues.${name}.fetchPollMs`, 1);
  checkMs(fetchCooldownMs, `queues.${name}.fetchCooldownMs`, 0);
}

function checkWorkers(workers: readonly Worker[]): void {
  const kinds = workers.map(({ type }) => type.kind);
  const twice = kinds.find((kind, at) => kinds.indexOf(kind) < at);
  if (twice !== undefined)
    throw invalid("workers", `have one for each kind, but have two for ${twice}`);
  for (const { type, timeoutMs } of workers)
    if (timeoutMs !== undefined) checkTimeout(timeoutMs, `timeoutMs of ${type.kind}`);
}

/** Refuses schedules that cannot be read, an id that two entries have, and entries of a client that never leads. */
export function checkPeriodic(
  { mayLead }: Pick<Settings, "mayLead">,
  entries: readonly PeriodicEntry[],
): void {
  if (!mayLead && entries.length > 0) {
    throw invalid("periodic", "be empty where mayLead is false: no other client has them");
  }
  for (const { schedule } of entries) if (typeof schedule === "string") parseCron(schedule);
  const ids = entries.flatMap(({ id }) => (id === undefined ? [] : [id]));
  for (const id of ids) checkText(id, "periodic id");
  const twice = ids.find((id, at) => ids.indexOf(id) < at);
  if (twice !== undefined)
    throw invalid("id", `be one periodic entry's only, but ${twice} is another's`);
}

function checkTimeout(ms: number, field: string): void {
  if (ms === -1) return;
  if (!(ms > 0 && ms <= LONGEST_MS))
    throw invalid(field, `be more than 0 milliseconds, or -1 for never, but is ${ms}`);
}

const LONGEST_MS = Number(LONGEST / 1000n);

/** −1 is never, where `least` is −1. */
function checkMs(ms: number, field: string, least: number): void {
  if (ms === -1 && least === -1) return;
  if (ms >= Math.max(least, 0) && ms <= LONGEST_MS) return;
  const never = least === -1 ? ", or -1 for never" : "";
  throw invalid(field, `be ${Math.max(least, 0)} or more milliseconds${never}, but is ${ms}`);
}

const invalid = (field: string, rule: string): QueueError =>
  new QueueError("invalid", `${field} must ${rule}.`, { field });

/** What a listener of problems does wrong must not stop what goes on in the background. */
function tell(onProblem: (problem: Problem) => unknown, problem: Problem): void {
  const fail = (error: unknown) => complain({ what: "onProblem", error, tries: 0 });
  try {
    const said = onProblem(problem);
    if (said instanceof Promise) said.catch(fail);
  } catch (error) {
    fail(error);
  }
}

function complain({ what, error, tries }: Problem): void {
  const again = tries > 1 ? ` (${tries} times in a row)` : "";
  console.error(`weir: ${what} failed${again}:`, error);
}
