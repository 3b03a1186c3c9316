import type {
  CleanOp,
  CleanQueuesOp,
  FetchOp,
  FinishOp,
  InsertJob,
  InsertOp,
  Op,
  OpName,
  Outcome,
  OutcomeKind,
  RescueOp,
  ScheduleOp,
} from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import { LISTS } from "./lists.ts";
import { cleans, queueCleans, rescues } from "./maintenance.ts";
import { REFUSED_INSERTS } from "./refusals.ts";
import { SERVICE_OPERATIONS } from "./services.ts";
import { argsOf, TICK, type World } from "./world.ts";

/** What an operation of a plain state is called in a story: its jobs, its keys, and the instant that was 0. */
export type Places = Readonly<{
  now: number;
  label: (label: number) => number;
  letter: (letter: string) => string;
  /** How many fetches of a job a plain state has forgotten; by the story's label. */
  forgotten: (label: number) => number;
  /** How many terms of a client a plain state has forgotten. */
  forgottenTerms: (client: string) => number;
}>;

/**
 * What an operation asks for that others do not, so that plain states must keep it: `dates`, whether an attempt began or a job ended just
 * now; `order`, which of the finished jobs came first, since they can come back.
 */
export type Kept = "dates" | "order";

/** How one operation occurs in plain states and in stories. */
export type Chapter<O extends Op> = Readonly<{
  keeps?: readonly Kept[];
  /** All that may be asked in a plain state, at the instant 0. */
  list: (state: State, world: World) => readonly O[];
  /** The same operation where jobs, keys and times have their names in a story. */
  place: (op: O, places: Places) => O;
}>;

const insert: Chapter<InsertOp> = {
  list(state, world) {
    const id = state.jobs.size + 1;
    const letters: (string | null)[] = [...lettersIn(state, world)];
    if (world.unkeyed) letters.unshift(null);
    const jobs = letters.flatMap((letter) =>
      // Where there is no room only a duplicate can be inserted, and nothing but its key counts.
      id > world.jobs ? [jobOf(letter, id, world)] : jobsOf(letter, id, world),
    );
    const calls = jobs.map((job): InsertOp => ({ op: "insert", now: 0, jobs: [job] }));
    const pairs = world.batches ? letters.flatMap((letter) => pairsOf(letter, id, world)) : [];
    const isEmpty = state.jobs.size === 0;
    return [...calls, ...pairs, ...(world.refused && isEmpty ? REFUSED_INSERTS : [])];
  },
  place: (op, { now, label, letter }) => ({
    ...op,
    now,
    jobs: op.jobs.map((job) => ({
      ...job,
      id: label(job.id),
      ...(job.scheduledAt === undefined ? {} : { scheduledAt: job.scheduledAt + now }),
      ...(job.args === undefined ? {} : { args: renamed(job.args, letter) }),
    })),
  }),
};

const renamed = (args: string, letter: (letter: string) => string): string =>
  args.replace(/^\{"key":"([A-Z])"\}$/, (_, each: string) => argsOf(letter(each)));

/** The letters in use, and one more. */
function lettersIn(state: State, world: World): readonly string[] {
  const used = new Set(
    [...state.jobs.values()].flatMap((job) => (job.uniqueKey === null ? [] : [job.uniqueKey])),
  );
  return world.keys.slice(0, used.size + 1);
}

const jobOf = (letter: string | null, id: number, { masks, identities }: World): InsertJob => {
  if (letter === null) return { id };
  const [mask = null] = masks;
  const states = mask === null ? {} : { byState: mask };
  return { id, args: argsOf(letter), unique: { ...identities[0], ...states } };
};

/** One job in each of the ways that the world knows. */
function jobsOf(letter: string | null, id: number, world: World): readonly InsertJob[] {
  const dues = [null, ...world.delays];
  return identitiesOf(letter, id, world).flatMap((identity) =>
    dues.flatMap((due) =>
      world.maxAttempts.flatMap((maxAttempts) =>
        world.priorities.flatMap((priority) =>
          world.queues.flatMap((queue) =>
            world.metadata.flatMap((metadata) => {
              const job: InsertJob = {
                ...identity,
                maxAttempts,
                ...(priority === 1 ? {} : { priority }),
                ...(queue === "default" ? {} : { queue }),
                ...(metadata === "{}" ? {} : { metadata }),
                ...(due === null ? {} : { scheduledAt: due }),
              };
              return world.pending && due === null ? [job, { ...job, pending: true }] : [job];
            }),
          ),
        ),
      ),
    ),
  );
}

const identitiesOf = (letter: string | null, id: number, world: World): readonly InsertJob[] =>
  letter === null
    ? world.kinds.map((kind) => (kind === "weir" ? { id } : { id, kind }))
    : world.masks.flatMap((mask) =>
        world.identities.map((unique) =>
          jobOf(letter, id, { ...world, masks: [mask], identities: [unique] }),
        ),
      );

/** Two of one key in a call, and one beside another. */
function pairsOf(letter: string | null, id: number, world: World): readonly InsertOp[] {
  const maxAttempts = world.maxAttempts[0] ?? 1;
  const first = { ...jobOf(letter, id, world), maxAttempts };
  return [{ op: "insert", now: 0, jobs: [first, { ...first, id: id + 1 }] }];
}

const fetch: Chapter<FetchOp> = {
  list: (_, { queues, limits, clients }) =>
    queues.flatMap((queue) =>
      [...limits]
        .reverse()
        .flatMap((limit) =>
          clients.map((client): FetchOp => ({ op: "fetch", now: 0, queue, limit, client })),
        ),
    ),
  place: (op, { now }) => ({ ...op, now }),
};

const finish: Chapter<FinishOp> = {
  list: (state, world) =>
    [...state.jobs.values()].flatMap((job) => {
      const fetches = state.fetches.get(job.id)?.length ?? 0;
      const ends = (outcomes: readonly Outcome[], fetch?: number): FinishOp[] =>
        outcomes.map((outcome) => ({
          op: "finish",
          now: 0,
          job: job.id,
          ...(fetch === undefined ? {} : { fetch }),
          outcome,
        }));
      if (job.state === "running") {
        const own = ends(outcomesIn(world));
        return world.late && fetches > 1 ? [...own, ...ends(lateOutcomes(world), 0)] : own;
      }
      if (!world.late) return [];
      const last = ends(lateOutcomes(world));
      return fetches > 1 ? [...last, ...ends(lateOutcomes(world), 0)] : last;
    }),
  place: (op, { now, label, forgotten }) => {
    const { outcome } = op;
    const job = label(op.job);
    return {
      ...op,
      now,
      job,
      ...(op.fetch === undefined ? {} : { fetch: op.fetch + forgotten(job) }),
      outcome:
        outcome.kind === "error" && outcome.retryAt !== null
          ? { ...outcome, retryAt: outcome.retryAt + now }
          : outcome,
    };
  },
};

const outcomesIn = (world: World): readonly Outcome[] =>
  world.outcomes.flatMap((kind) =>
    world.updates.flatMap((metadata) =>
      outcomesOf(kind, world).map((outcome) =>
        metadata === null ? outcome : { ...outcome, metadata },
      ),
    ),
  );

/** A late result does nothing but merge, whatever it says. */
const lateOutcomes = (world: World): readonly Outcome[] =>
  world.outcomes.flatMap((kind) => {
    const [outcome] = outcomesOf(kind, world);
    if (outcome === undefined) return [];
    return world.updates.map((metadata) =>
      metadata === null ? outcome : { ...outcome, metadata },
    );
  });

function outcomesOf(kind: OutcomeKind, { delays, policy, refused }: World): readonly Outcome[] {
  const message = "boom";
  switch (kind) {
    case "error": {
      const times = policy ? [...delays, null, -TICK] : delays;
      return times.map((retryAt) => ({ kind, message, retryAt }));
    }
    case "snooze":
      return (refused ? [...delays, -1] : delays).map((each) => ({ kind, for: each }));
    case "discard":
    case "cancel":
      return [{ kind, message }];
    default:
      return [{ kind }];
  }
}

const schedule: Chapter<ScheduleOp> = {
  list: (_, { limits, horizons }) =>
    limits.flatMap((limit) =>
      horizons.map((horizon): ScheduleOp => ({ op: "schedule", now: 0, horizon, limit })),
    ),
  place: (op, { now }) => ({ ...op, now, horizon: op.horizon + now }),
};

/** Operations on a single job: each that is there, and one that is not. */
const onEachJob = <O extends Op & Readonly<{ job: number }>>(
  ops: (job: number) => readonly O[],
): Chapter<O> => ({
  list: ({ jobs }) => [...jobs.keys(), jobs.size + 1].flatMap(ops),
  place: (op, { now, label }) => ({ ...op, now, job: label(op.job) }),
});

const rescue: Chapter<RescueOp> = {
  keeps: ["dates"],
  list: (_, world) => rescues(world),
  place: (op, { now }) => ({ ...op, now }),
};

const clean: Chapter<CleanOp> = {
  keeps: ["dates"],
  list: cleans,
  place: (op, { now }) => ({ ...op, now }),
};

const cleanQueues: Chapter<CleanQueuesOp> = {
  list: queueCleans,
  place: (op, { now }) => ({ ...op, now }),
};

/** Every operation's chapter. A new operation is one entry here. */
export const OPERATIONS: Readonly<{ [N in OpName]: Chapter<Extract<Op, { op: N }>> }> = {
  insert,
  fetch,
  finish,
  schedule,
  cancel: onEachJob((job) => [{ op: "cancel", now: 0, job }]),
  retry: { ...onEachJob((job) => [{ op: "retry", now: 0, job }]), keeps: ["order"] },
  get: onEachJob((job) => [{ op: "get", now: 0, job }]),
  delete: onEachJob((job) => [{ op: "delete", now: 0, job }]),
  update: onEachJob((job) => [{ op: "update", now: 0, job, output: "1" }]),
  delete_many: {
    list: ({ jobs }) => [...jobs.keys()].map((id) => ({ op: "delete_many", now: 0, ids: [id] })),
    place: (op, { now, label }) => ({ ...op, now, ids: (op.ids ?? []).map(label) }),
  },
  list: {
    list: () => LISTS,
    place: (op, { now }) => ({ ...op, now }),
  },
  rescue,
  clean,
  // Ticks are instants of the calendar, and a plain state knows only how long ago and how soon things are.
  enqueue_periodic: { list: () => [], place: (op, { now }) => ({ ...op, now }) },
  clean_queues: cleanQueues,
  ...SERVICE_OPERATIONS,
};

/** All operations of a world in a plain state, at the instant 0. */
export const operationsIn = (state: State, world: World): readonly Op[] =>
  world.operations.flatMap((name): readonly Op[] => OPERATIONS[name].list(state, world));

/** An operation of a plain state with its names in a story. */
export function placeOp(op: Op, places: Places): Op {
  const chapter: Readonly<{ place(op: never, places: Places): Op }> = OPERATIONS[op.op];
  return chapter.place(op as never, places);
}
