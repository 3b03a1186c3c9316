import { Arbitrary, type Random, Stream, sample, Value } from "fast-check";
import type { Params } from "../protocol/messages.ts";
import { Dice } from "../walk/dice.ts";
import { SCRIPT_KIND, type Script } from "./script.ts";

type WireJob = Params<"insert">["job"];

/** A job to insert, and in how many milliseconds it is due where it is not at once. */
export type ScriptedJob = Readonly<{
  script: Script;
  job: Omit<WireJob, "kind" | "scheduled_at">;
  dueMs: number | null;
}>;

/** What happens to the clients; slots are places for clients, counted from 0. */
export type Weather =
  | Readonly<{ do: "insert"; jobs: readonly ScriptedJob[] }>
  /** All its connections, at a moment when statements of it are under way. */
  | Readonly<{ do: "cut"; slot: number }>
  /** Rows of jobs are locked while these become due; the next thing does not wait for it. */
  | Readonly<{ do: "hold" }>
  /** The process, and another takes its place; not the leader's where there is a choice, whose lease would have to run out. */
  | Readonly<{ do: "kill"; slots: readonly number[] }>
  /** Another takes its place. */
  | Readonly<{ do: "stop"; slot: number; hard: boolean }>
  /** So many jobs that run, and that wait. */
  | Readonly<{ do: "cancel"; running: number; waiting: number }>
  | Readonly<{ do: "pause" | "resume"; queue: string }>
  /** Whoever leads gives it up, and the services of another leader begin at once. */
  | Readonly<{ do: "resign" }>;

/** A run of live clients: which queues the client in each slot works, and what happens when, in milliseconds from the start and in order. */
export type Scenario = Readonly<{
  slots: readonly (readonly string[])[];
  events: readonly Readonly<{ atMs: number; what: Weather }>[];
  /** How often, after the last of these, the lead changes hands, so that nothing waits for the next round of a service; null: it does not. */
  resignEveryMs: number | null;
  /** What the clients are told: their timeout, and after how long a running job is rescued. */
  timeoutMs: number;
  rescueAfterMs: number;
  /** So many jobs, the first ones, are not cancelled. */
  spared: number;
}>;

/** What of it the implementation can be asked for. */
export type Can = Readonly<{ unique: boolean; cancel: boolean; queue: boolean; resign: boolean }>;

/** The queues of scenarios. */
export const [A, B, C] = ["weir_a", "weir_b", "weir_c"] as const;
const JOBS = 260;
const WAVES = 15;
const WAVE_MS = 500;
/** What is there before a client starts: they all begin at once, and fetch the same. */
const AT_START = 0.35;
/** Short enough to be waited for, and long enough that a slow machine is not taken for a dead one. */
const TIMES = { timeoutMs: 1_000, rescueAfterMs: 3_000 };

/** The scenario of a seed: the same jobs and the same weather. What comes of it depends on the machine. */
export function scenarioOf(seed: number, can: Can): Scenario {
  const [scenario] = sample(new Drawn((dice) => draw(dice, can)), { seed, numRuns: 1 });
  if (scenario === undefined) throw new Error("A scenario must be drawn, but was not.");
  return scenario;
}

class Drawn<T> extends Arbitrary<T> {
  readonly #draw: (dice: Dice) => T;

  constructor(draw: (dice: Dice) => T) {
    super();
    this.#draw = draw;
  }

  generate(random: Random): Value<T> {
    return new Value(this.#draw(new Dice(random)), undefined);
  }

  canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }

  shrink(): Stream<Value<T>> {
    return Stream.nil();
  }
}

function draw(dice: Dice, can: Can): Scenario {
  const first = Array.from({ length: Math.round(JOBS * AT_START) }, () => drawJob(dice, can));
  const each = Math.round((JOBS * (1 - AT_START)) / WAVES);
  const waves = Array.from({ length: WAVES }, (_, wave) => ({
    atMs: (wave + 1) * WAVE_MS,
    what: { do: "insert", jobs: Array.from({ length: each }, () => drawJob(dice, can)) } as const,
  }));
  const events = [
    { atMs: 0, what: { do: "insert", jobs: [...stubborn(), ...first] } as const },
    ...waves,
    ...weather(dice, can),
  ];
  return {
    // The one in the middle is never killed: what is stubborn must outlive its rescue.
    slots: [[A, B], [A, B, C], [B]],
    events: events.sort((a, b) => a.atMs - b.atMs),
    resignEveryMs: can.resign ? 2_000 : null,
    ...TIMES,
    spared: stubborn().length,
  };
}

function weather(dice: Dice, can: Can): Scenario["events"] {
  const at = (ms: number, what: Weather) => ({ atMs: ms + dice.int(0, 250), what });
  const other = dice.int(0, 1);
  return [
    at(700, { do: "cut", slot: other }),
    at(1_300, { do: "kill", slots: [0, 2] }),
    at(1_900, { do: "hold" }),
    at(2_100, { do: "cut", slot: 1 - other }),
    at(2_700, { do: "stop", slot: 2, hard: dice.oneIn(2) }),
    at(4_300, { do: "cut", slot: 0 }),
    at(5_200, { do: "kill", slots: [0, 2] }),
    ...(can.cancel
      ? [900, 3_200, 4_800].map((ms) => at(ms, { do: "cancel", running: 3, waiting: 2 }))
      : []),
    ...(can.queue
      ? [at(3_300, { do: "pause", queue: B }), at(6_800, { do: "resume", queue: B })]
      : []),
    ...(can.resign ? [3_600, 5_500, 7_500].map((ms) => at(ms, { do: "resign" })) : []),
  ];
}

/** Those that outlive their rescue, whose results come late; and those that never end. */
function stubborn(): readonly ScriptedJob[] {
  const stuck = (max: number, ...attempts: Script["attempts"]) =>
    scripted(attempts, max, { queue: C });
  const late = (ms: number, word: string) =>
    stuck(3, [`sleep ${ms}ms`, word], ["sleep 2400ms", "complete"], ["complete"]);
  return [
    late(6_500, "error"),
    late(8_000, "complete"),
    late(9_500, "discard"),
    stuck(3, ["hang"], ["complete"]),
    stuck(1, ["hang"]),
    stuck(1, ["sleep 400ms", "hang"]),
    stuck(3, ["snooze 5100ms"], ["complete"]),
  ];
}

/** A job of a script, in the first queue unless said otherwise. */
export function scripted(
  attempts: Script["attempts"],
  max_attempts: number,
  rest: Partial<Omit<ScriptedJob["job"], "args">> = {},
): ScriptedJob {
  const script = { attempts };
  const args = JSON.stringify(script);
  return { script, job: { args, queue: A, max_attempts, ...rest }, dueMs: null };
}

function drawJob(dice: Dice, can: Can): ScriptedJob {
  const work = () => `sleep ${dice.pick([1, 20, 60, 120, 250])}ms`;
  const rest = { queue: dice.oneIn(3) ? B : A, priority: dice.int(1, 4) };
  const plain = (...attempts: readonly (readonly string[])[]) => scripted(attempts, 3, rest);
  return dice.weighted<() => ScriptedJob>([
    [30, () => plain([work(), "complete"])],
    [10, () => plain([work(), "complete_tx"])],
    [8, () => plain([`output {"n":${dice.int(1, 9)}}`, work(), "complete"])],
    [10, () => plain([work(), "error"], [work(), "complete"])],
    [4, () => plain(["panic"], ["complete"])],
    [4, () => scripted([[work(), "error"]], 1, rest)],
    [6, () => plain([work(), "snooze 300ms"], [work(), "complete"])],
    [3, () => plain([work(), "cancel"])],
    [3, () => plain([work(), "discard"])],
    [8, () => plain([`heed ${dice.pick([300, 700, 1_500])}ms`, "complete"], ["complete"])],
    [8, () => ({ ...plain([work(), "complete"]), dueMs: dice.int(200, 3_000) })],
    [can.unique ? 12 : 0, () => keyed(dice, rest)],
  ])();
}

/** Few keys, each with a script of its own, since the key is a function of the args. */
function keyed(dice: Dice, rest: Readonly<{ queue: string; priority: number }>): ScriptedJob {
  const key = dice.int(1, 6);
  const work = key % 2 === 0 ? ["heed 300ms", "complete"] : ["sleep 400ms", "error"];
  const script = { attempts: [work, ["complete"]], key };
  const held = ["available", "pending", "running", "scheduled"] as const;
  const by_state = key % 3 === 0 ? [...held] : [...held, "retryable" as const];
  const unique = { by_args: true, by_state };
  const job = { args: JSON.stringify(script), max_attempts: 3, unique, ...rest };
  return { script, job, dueMs: dice.oneIn(3) ? dice.int(200, 2_000) : null };
}

/** The job as an insert asks for it. */
export const toInsert = ({ job }: ScriptedJob, scheduledAt: string | null): WireJob => ({
  ...job,
  kind: SCRIPT_KIND,
  ...(scheduledAt !== null && { scheduled_at: scheduledAt }),
});
