import { type Edition, NEWEST } from "../../spec/model/edition.ts";
import type { OpName } from "../../spec/model/op.ts";
import type { JobState, Micros } from "../../spec/model/state.ts";
import type { About } from "../adapter.ts";
import type { Dice } from "./dice.ts";

/** What the implementation under test can be asked; the rest is never drawn. */
export type Scope = Readonly<{ edition: Edition; can: (capability: string) => boolean }>;

/** Everything may be asked. */
export const FULL_SCOPE: Scope = { edition: NEWEST, can: () => true };

/** What `about` says that it supports. */
export const scopeOf = (about: About, edition: Edition): Scope => ({
  edition,
  can: (capability) => (about.capabilities[capability] ?? "supported") === "supported",
});

/** The features of one walk. Switching most of them off makes the rest meet more often. */
export type Swarm = Readonly<{
  keys: readonly string[];
  masks: readonly (readonly JobState[] | null)[];
  queues: readonly string[];
  priorities: readonly number[];
  delays: readonly Micros[];
  snooze: boolean;
  unkeyed: boolean;
  nasty: boolean;
  metadata: boolean;
  late: boolean;
  refused: boolean;
  /** Jobs that let go of one key while they wait for a retry, and are scheduled only when several are due. */
  rivals: boolean;
  /** The operations of this walk beside insert, fetch, finish and schedule. */
  extras: ReadonlySet<OpName>;
  /** Queues are paused, and leaders elected: only in some walks, as nothing of a job hangs on them. */
  services: Services | null;
  steps: number;
}>;

const SECOND: Micros = 1_000_000;

/** Masks that clients accept: the default, without retryable, and with final states. */
export const MASKS: readonly (readonly JobState[] | null)[] = [
  null,
  ["available", "pending", "running", "scheduled"],
  ["available", "completed", "pending", "running", "scheduled"],
  ["available", "discarded", "pending", "running", "scheduled"],
  ["available", "cancelled", "discarded", "pending", "running", "scheduled"],
  [
    "available",
    "cancelled",
    "completed",
    "discarded",
    "pending",
    "retryable",
    "running",
    "scheduled",
  ],
];

/** Operations on queues, on the leader, or on both; a third of the walks that have them have little else. */
type Services = Readonly<{ of: readonly string[]; weight: number }>;

const drawServices = (dice: Dice): Services => ({
  of: dice.pick([["queue"], ["leader"], ["queue", "leader"]]),
  weight: dice.pick([1, 1, 8]),
});

/** The masks of jobs that let go of their key while they are retryable. */
const RELEASING = MASKS.filter((mask) => mask !== null && !mask.includes("retryable"));

/** Waits with exact ties, and neighbours of one microsecond at the limits of five milliseconds and five seconds. */
const DELAYS: readonly Micros[] = [
  0,
  1,
  5_001,
  SECOND,
  5 * SECOND,
  5 * SECOND + 1,
  6 * SECOND,
  30 * SECOND,
  3600 * SECOND,
];

/** Draws the features of a walk; one walk in three has them all. `optional` operations are switched off one by one. */
export function drawSwarm(dice: Dice, scope: Scope, optional: readonly OpName[]): Swarm {
  const isPlain = dice.oneIn(3);
  const on = () => isPlain || dice.oneIn(2);
  const steps = dice.oneIn(25) ? 150 : dice.int(5, 40);
  const rivals = dice.oneIn(3);
  const swarm: Swarm = {
    keys: dice.weighted([
      [3, ["A"]],
      [2, ["A", "B"]],
      [1, ["A", "B", "C"]],
    ]),
    masks: isPlain ? MASKS : [dice.pick(MASKS), dice.pick(MASKS)],
    queues: on() ? ["default", "other"] : ["default"],
    priorities: on() ? [1, 2, 4] : [1],
    delays: isPlain ? DELAYS : [dice.pick(DELAYS), dice.pick(DELAYS), 6 * SECOND],
    snooze: on() && scope.can("finish.snooze"),
    unkeyed: on(),
    nasty: dice.oneIn(4),
    metadata: on() && scope.can("finish.metadata"),
    late: on() && scope.can("finish.late"),
    refused: dice.oneIn(3),
    rivals,
    extras: new Set(optional.filter(() => isPlain || dice.oneIn(4))),
    services: dice.oneIn(5) ? drawServices(dice) : null,
    steps,
  };
  if (!rivals) return swarm;
  const masks = [dice.pick(RELEASING), dice.pick(RELEASING)];
  const delays = [6 * SECOND, 6 * SECOND, 30 * SECOND];
  return {
    ...swarm,
    keys: ["A"],
    masks,
    queues: ["default"],
    delays,
    unkeyed: false,
    nasty: false,
  };
}
