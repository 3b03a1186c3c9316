import type { Law, RefusalCode as OwedRefusal } from "../spec/model/effect.ts";
import type { Op } from "../spec/model/op.ts";
import type { Held, Job, Leader, Micros, Notification, Queue, State } from "../spec/model/state.ts";

/** Why an operation was refused: the closed list of the protocol. A refusal is a result, and checked like one. */
export type RefusalCode = OwedRefusal | "unsupported";

/** What an implementation said. Jobs carry the implementation's own ids. */
export type Reply =
  | Readonly<{ op: "insert"; jobs: readonly Readonly<{ job: Job; duplicate: boolean }>[] }>
  | Readonly<{ op: "fetch"; jobs: readonly Job[] }>
  /** `job` null: the implementation returns no row, or found none. */
  | Readonly<{ op: "finish"; job: Job | null }>
  | Readonly<{ op: "schedule"; jobs: readonly Job[] }>
  | Readonly<{ op: "cancel" | "retry"; job: Job }>
  | Readonly<{ op: "get" | "update" | "delete"; job: Job }>
  | Readonly<{ op: "delete_many"; jobs: readonly Job[] }>
  /** The pages that have jobs, from cursor to cursor. */
  | Readonly<{ op: "list"; pages: readonly (readonly Job[])[] }>
  /** How many jobs were rescued, or rows deleted, as the implementation counts. */
  | Readonly<{ op: "rescue" | "clean" | "clean_queues"; count: number }>
  /** Nobody is told what a leader inserts. */
  | Readonly<{ op: "enqueue_periodic" }>
  | Readonly<{ op: "queue_touch" | "queue_update" | "queue_get"; queue: Queue }>
  | Readonly<{ op: "queue_list"; queues: readonly Queue[] }>
  | Readonly<{ op: "queue_pause" | "queue_resume" | "request_resign" }>
  /** `leader` null: the implementation returns no row, or did not elect. */
  | Readonly<{ op: "elect" | "reelect"; elected: boolean; leader: Leader | null }>
  | Readonly<{ op: "resign"; resigned: boolean }>
  | Readonly<{ op: "refused"; code: RefusalCode; message: string }>
  /** An error of the database escaped from the operation. */
  | Readonly<{ op: "database"; sqlstate: string; message: string }>;

/** Turns what the model calls a job into what the implementation calls it. */
export type Names = Readonly<{
  /** The implementation's id of label `#id`; null if it has none (a duplicate, or not inserted). */
  idOf(label: number): number | null;
  /** The fetch whose result a finish delivers; null if the job was never fetched. */
  heldBy(label: number, fetch: number | undefined): Held | null;
  /** The `elected_at` of the term in which a client means to act; null if it never was told of one. */
  termOf(client: string, term: number | undefined): Micros | null;
}>;

/** What is in the database after a step, read by the suite and not by the implementation. */
export type Observation = Readonly<{
  /** In order of id. */
  jobs: readonly Job[];
  /** In order of name. */
  queues: readonly Queue[];
  leader: Leader | null;
  /** What was sent since the last look, in order, once each per transaction; null where nobody listens. */
  notifications: readonly Notification[] | null;
}>;

/** Where the time of an operation comes from: `virtual` in this process, `injected` with each call, `database` its shadowed clock. */
export type ClockLevel = "virtual" | "injected" | "database" | "real";

/** Supported, the reason why not (and in which release it came, if it did), or the rule from which the implementation knowingly differs. */
export type Support =
  | "supported"
  | Readonly<{ unsupported: string; since?: string | undefined }>
  | Readonly<{ divergent: string; why: string }>;

/** What is under test, as every report's first line names it. */
export type About = Readonly<{
  adapter: string;
  implementation: string;
  version: string;
  language: string;
  database: string;
  clock: ClockLevel;
  /** A name of `spec/model/edition.ts`: the rules of the version's time. */
  edition: string;
  capabilities: Readonly<Record<string, Support>>;
}>;

/** What an implementation must offer to be checked. All times are microseconds since `ORIGIN`. */
export interface Adapter {
  readonly about: About;
  /** Empties the queue. */
  reset(): Promise<void>;
  run(op: Op, names: Names): Promise<Reply>;
  /** Runs a whole sequence in one round trip, on an empty queue or on the rows of a state, each step with what was there after it; null where that cannot be done. Absent where it never can. */
  runAll?(
    ops: readonly Op[],
    law: Law,
    from?: State,
  ): Promise<readonly Readonly<{ reply: Reply; seen: Observation }>[] | null>;
  /** Writes the rows of a state into the empty queue, past the implementation: jobs get their labels as ids. Absent where that cannot be done. */
  put?(state: State): Promise<void>;
  /** Makes jobs due when the model has them, past the implementation, where that drew an instant: so that a run is the same every time. Absent where nothing is drawn, or that cannot be done. */
  pin?(jobs: readonly Readonly<{ id: number; nominal: Micros }>[]): Promise<void>;
  /** Gives jobs other ids, past the implementation, for the same reason. Absent where that cannot be done. */
  renumber?(ids: ReadonlyMap<number, number>): Promise<void>;
  observe(): Promise<Observation>;
  close(): Promise<void>;
}

/** The virtual instant at which every run starts, as microseconds since the Unix epoch: 2030-01-01T00:00:00Z. */
export const ORIGIN = 1_893_456_000_000_000;
