import type { OpName, OutcomeKind, UniqueOptions } from "../../spec/model/op.ts";
import type { JobState, Micros } from "../../spec/model/state.ts";

import type { Scope } from "../walk/swarm.ts";

/** The clock of a world moves in steps of five seconds: what is at most that far away runs again without the scheduler. */
export const TICK: Micros = 5_000_000;

/** Args that carry a key's letter, as a client encodes them. */
export const argsOf = (letter: string): string => `{"key":"${letter}"}`;

/** A limit that stands for "all". */
export const ALL = 10_000;

/** The bounds within which a model is explored to the end: few jobs and few values, so that they meet in every way. */
export type World = Readonly<{
  name: string;
  /** What meets here, in a few words. */
  about: string;
  /** Rows at most. */
  jobs: number;
  operations: readonly OpName[];
  /** Letters of unique keys; they stand for each other. */
  keys: readonly string[];
  /** What a unique key is made of. */
  identities: readonly UniqueOptions[];
  /** The states of unique jobs' masks; null is the default. */
  masks: readonly (readonly JobState[] | null)[];
  /** Whether jobs without a key are inserted too. */
  unkeyed: boolean;
  /** How far ahead jobs are scheduled, retried and snoozed, in microseconds; multiples of `TICK`, at most two. */
  delays: readonly Micros[];
  maxAttempts: readonly number[];
  priorities: readonly number[];
  queues: readonly string[];
  clients: readonly string[];
  /** Of fetch and schedule. */
  limits: readonly number[];
  /** How far ahead the scheduler looks, in microseconds. */
  horizons: readonly Micros[];
  /** Of jobs without a key; the first is also that of the others. */
  kinds: readonly string[];
  outcomes: readonly OutcomeKind[];
  /** Metadata with which jobs are inserted. */
  metadata: readonly string[];
  /** Metadata updates that outcomes carry; null is none. */
  updates: readonly (string | null)[];
  pending: boolean;
  /** Calls that insert two jobs. */
  batches: boolean;
  /** Results of jobs that run no longer, of earlier fetches, and of jobs never fetched. */
  late: boolean;
  /** Failed attempts without a time of their own, or one that has passed. */
  policy: boolean;
  /** Whether it counts when listeners were last told of a queue. */
  told: boolean;
  /** Calls that must be refused. */
  refused: boolean;
  /** Whether the tour of `weir check` visits it; the others are for `weir explore` alone. */
  tour: boolean;
}>;

/** The world without what an implementation cannot be asked. */
export function narrow(world: World, { can, edition }: Scope): World {
  const some = <T>(all: readonly T[], first: T, isAble: boolean) => (isAble ? all : [first]);
  return {
    ...world,
    operations: world.operations.filter((name) => can(name)),
    outcomes: world.outcomes.filter(
      (kind) => can(`finish.${kind}`) && (kind !== "interrupt" || edition.interrupt),
    ),
    metadata: some(world.metadata, "{}", can("insert.metadata")),
    updates: some(world.updates, null, can("finish.metadata")),
    pending: world.pending && can("insert.pending"),
    batches: world.batches && can("insert.batch"),
    late: world.late && can("finish.late"),
    policy: world.policy && can("finish.retry_policy"),
    identities: world.identities.filter(
      ({ byPeriod }) => byPeriod === undefined || can("insert.period"),
    ),
    horizons: some(world.horizons, 0, can("schedule.horizon")),
  };
}

/** The bounds in words, as the screen shows them. */
export function boundsOf(world: World): string {
  const { jobs, keys, masks, queues, clients, maxAttempts } = world;
  const of = (many: number, word: string) => `${many} ${word}${many === 1 ? "" : "s"}`;
  const parts = [
    of(jobs, "job"),
    keys.length === 0 ? "no key" : of(keys.length, "key"),
    ...(keys.length === 0 ? [] : [of(masks.length, "mask")]),
    ...(queues.length > 1 ? [of(queues.length, "queue")] : []),
    ...(clients.length > 1 ? [of(clients.length, "client")] : []),
    `max ${maxAttempts.join("/")}`,
  ];
  return parts.join(", ");
}
