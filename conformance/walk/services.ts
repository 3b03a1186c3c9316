import { LEASE } from "../../spec/model/leader.ts";
import type { LeaderOp, Op, QueueOp } from "../../spec/model/op.ts";
import { ALL_QUEUES } from "../../spec/model/queue.ts";
import type { Micros, State } from "../../spec/model/state.ts";
import type { Dice } from "./dice.ts";
import type { Draw } from "./draws.ts";
import type { Place } from "./insert.ts";

const QUEUES = ["default", "default", "other"];
const CLIENTS = ["c1", "c1", "c2"];
const LEASES: readonly Micros[] = [LEASE, LEASE, LEASE, 30_000_000, 1];
const METADATA = ["{}", '{"a": 1}', '{"b":{"c":[1,"ä"]},"a":2}', '{"a":1,"a":2}'];
const NO_OBJECTS = ["[]", "3", "null", '{"a":"\\u0000"}', "{"];
const NO_NAMES = ["Upper", "a b", "a--b", "_a", "", "x".repeat(65), ALL_QUEUES];

/** Operations on queues and on the leader are drawn in walks that have them, and asked only of who can. */
const where =
  (capability: string, weight: (state: State) => number): Draw["weight"] =>
  (state, { scope, swarm: { services } }) => {
    const [of = ""] = capability.split(".");
    if (services === null || !services.of.includes(of) || !scope.can(capability)) return 0;
    return services.weight * weight(state);
  };

const onQueue = (
  op: "queue_touch" | "queue_pause" | "queue_resume" | "queue_get",
  weight: (state: State) => number,
): Draw => ({
  weight: where("queue", weight),
  draw: (dice, _, place) => ({ op, now: place.now, queue: drawQueue(dice, op, place) }),
});

function drawQueue(dice: Dice, op: QueueOp["op"], { swarm }: Place): string {
  if (op === "queue_touch") {
    return swarm.refused && dice.oneIn(6) ? dice.pick(NO_NAMES) : dice.pick(QUEUES);
  }
  const isAll = (op === "queue_pause" || op === "queue_resume") && dice.oneIn(4);
  return isAll ? ALL_QUEUES : dice.pick(QUEUES);
}

const client = (dice: Dice, { swarm }: Place): string =>
  swarm.refused && dice.oneIn(8) ? dice.pick(["", "c".repeat(128)]) : dice.pick(CLIENTS);

/** Its latest term, or any that it had. */
function drawTerm(dice: Dice, state: State): Readonly<{ client: string; term?: number }> | null {
  const known = [...state.terms];
  if (known.length === 0) return null;
  const [client, terms] = dice.pick(known);
  return dice.oneIn(2) ? { client, term: dice.int(0, terms.length - 1) } : { client };
}

const hasLed = (state: State): boolean => state.terms.size > 0;

/** How operations on queues and on the leader are drawn. */
export const SERVICE_DRAWS: Readonly<Record<(QueueOp | LeaderOp)["op"], Draw>> = {
  queue_touch: onQueue("queue_touch", ({ queues }) => (queues.size < 2 ? 4 : 2)),
  queue_pause: onQueue("queue_pause", ({ queues }) => (queues.size > 0 ? 3 : 1)),
  queue_resume: onQueue("queue_resume", ({ queues }) => (queues.size > 0 ? 3 : 1)),
  queue_get: onQueue("queue_get", () => 1),
  queue_update: {
    weight: where("queue.update", ({ queues }) => (queues.size > 0 ? 3 : 1)),
    draw(dice, _, { now, swarm }) {
      const op = { op: "queue_update", now, queue: dice.pick(QUEUES) } as const;
      if (dice.oneIn(3)) return op;
      const isRefused = swarm.refused && dice.oneIn(3);
      return { ...op, metadata: dice.pick(isRefused ? NO_OBJECTS : METADATA) };
    },
  },
  queue_list: {
    weight: where("queue", ({ queues }) => (queues.size > 1 ? 2 : 1)),
    draw: (dice, _, { now }) => ({ op: "queue_list", now, limit: dice.pick([1, 2, 100]) }),
  },
  elect: {
    weight: where("leader", () => 3),
    draw: (dice, _, place) => ({
      op: "elect",
      now: place.now,
      client: client(dice, place),
      lease: place.swarm.refused && dice.oneIn(8) ? dice.pick([0, -1]) : dice.pick(LEASES),
    }),
  },
  reelect: {
    weight: where("leader", (state) => (hasLed(state) ? 3 : 0)),
    draw(dice, state, { now }) {
      const term = drawTerm(dice, state);
      return term === null ? null : { op: "reelect", now, lease: dice.pick(LEASES), ...term };
    },
  },
  resign: {
    weight: where("leader", (state) => (hasLed(state) ? 2 : 0)),
    draw(dice, state, { now }) {
      const term = drawTerm(dice, state);
      return term === null ? null : { op: "resign", now, ...term };
    },
  },
  request_resign: {
    weight: where("leader.request_resign", () => 1),
    draw: (_, __, { now }) => ({ op: "request_resign", now }),
  },
};

/** Simpler forms of an operation on queues or on the leader. */
export function simplerService(op: QueueOp | LeaderOp): Op[] {
  switch (op.op) {
    case "queue_list":
      return op.limit === 100 ? [] : [{ ...op, limit: 100 }];
    case "elect":
    case "reelect":
      return [...simplerClient(op), ...(op.lease === LEASE ? [] : [{ ...op, lease: LEASE }])];
    case "resign":
      return simplerClient(op);
    case "request_resign":
      return [];
    case "queue_update":
      return [
        ...simplerQueue(op),
        ...(op.metadata === undefined || op.metadata === '{"a": 1}'
          ? []
          : [{ ...op, metadata: '{"a": 1}' }]),
      ];
    default:
      return simplerQueue(op);
  }
}

const simplerQueue = <O extends Op & { queue: string }>(op: O): Op[] =>
  op.queue === "default" ? [] : [{ ...op, queue: "default" } as Op];

function simplerClient<O extends Op & { client: string; term?: number }>(op: O): Op[] {
  const { term, ...latest } = op;
  return [
    ...(term === undefined ? [] : [latest as Op]),
    ...(op.client === "c1" ? [] : [{ ...op, client: "c1" } as Op]),
  ];
}
