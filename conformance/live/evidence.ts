import type { Job, Micros } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Terms } from "./operation.ts";
import type { Change } from "./recorder.ts";
import type { RunEvent } from "./runs.ts";
import type { Script } from "./script.ts";

/** Names of connections that begin so are those of clients at work. */
export const CLIENT = "weir_live_";

/** `client 2`, as stories name it. */
export const nameOf = (client: string): string =>
  client.startsWith(CLIENT) ? `client ${client.slice(CLIENT.length)}` : client;

/** What was done to a client, as far as it excuses anything; instants by the database's clock. */
export type ClientStory = Readonly<{
  client: string;
  /** When its process was killed. */
  killedAt: Micros | null;
  /** From when it was asked to stop until it said that it had; `until` null where it never did. */
  stop: Readonly<{ from: Micros; until: Micros | null; hard: boolean }> | null;
  /** When its connections were cut. */
  cuts: readonly Micros[];
}>;

/** All that is known of a run: what the database recorded, what the workers wrote, and what was done to them. */
export type Evidence = Readonly<{
  terms: Terms;
  changes: readonly Change[];
  runs: readonly RunEvent[];
  /** The rows at the end, read without the recorder. */
  rows: readonly Job[];
  /** The script of each job that an insert said it had inserted. */
  inserted: ReadonlyMap<number, Script>;
  /** The jobs that somebody was asked to cancel. */
  cancelled: ReadonlySet<number>;
  clients: readonly ClientStory[];
  /** When the pause of a queue had been committed, and when its end was asked for. */
  pauses: readonly Readonly<{ queue: string; from: Micros; until: Micros }>[];
}>;

/** One thing that broke a rule. `must` and `is` are words or states. */
export type LiveFinding = Readonly<{
  rule: RuleId;
  /** Null where it shows on no job. */
  job: number | null;
  /** The change that shows it; null where that is what is missing, or it is a worker's own line, written `at` then. */
  seq: number | null;
  at?: Micros;
  /** What kind of operation it was, and on which column it shows, for signatures. */
  kind: string;
  column: string;
  must: string;
  is: string;
  because: string;
  /** Invariants that it breaks as well. */
  breaks: readonly RuleId[];
}>;
