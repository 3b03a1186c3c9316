import type { Leader, Micros, Queue, State } from "../../spec/model/state.ts";
import { TICK } from "./world.ts";

/** All of a state but its jobs. */
export type Services = Omit<State, "jobs" | "fetches">;

/** No queues, no leader, and nobody who was told of a term. */
export const NO_SERVICES: Services = {
  queues: new Map(),
  leader: null,
  terms: new Map(),
  notifiedAt: new Map(),
};

/** The services of a state at the instant `now`, with the clock at 0 and what has passed by its order; null where there are none. */
export function plainServices(state: State, now: Micros, isTold: boolean): Services | null {
  const { queues, leader, terms } = state;
  const notifiedAt = isTold ? state.notifiedAt : NO_SERVICES.notifiedAt;
  if (queues.size + terms.size + notifiedAt.size === 0 && leader === null) return null;
  const starts = [...[...terms.values()].flat(), ...(leader === null ? [] : [leader.electedAt])];
  const past = [...new Set(starts.filter((at) => at < now))].sort((a, b) => b - a);
  const start = (at: Micros) => (at >= now ? 0 : -TICK * (past.indexOf(at) + 1));
  return {
    queues: new Map(byName(queues).map(([name, queue]) => [name, plainQueue(queue, now)])),
    leader: leader === null ? null : plainLeader(leader, now, start),
    terms: new Map(byName(terms).map(([client, all]) => [client, all.slice(-TERMS).map(start)])),
    notifiedAt: new Map(byName(notifiedAt).map(([name, at]) => [name, dated(at, now)])),
  };
}

/** Terms that are kept of each client: the latest, and one that is over. */
const TERMS = 2;

const byName = <T>(all: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...all].sort(([a], [b]) => (a < b ? -1 : 1));

const dated = (at: Micros, now: Micros): Micros => (at >= now ? 0 : -TICK);

const plainQueue = (queue: Queue, now: Micros): Queue => ({
  ...queue,
  createdAt: -TICK,
  pausedAt: queue.pausedAt === null ? null : dated(queue.pausedAt, now),
  updatedAt: dated(queue.updatedAt, now),
});

const plainLeader = (leader: Leader, now: Micros, start: (at: Micros) => Micros): Leader => ({
  leaderId: leader.leaderId,
  electedAt: start(leader.electedAt),
  expiresAt: leader.expiresAt < now ? -TICK : Math.ceil((leader.expiresAt - now) / TICK) * TICK,
});

/** The same text for the same services only. */
export const textOfServices = ({ queues, leader, terms, notifiedAt }: Services): string =>
  JSON.stringify([[...queues.values()], leader, [...terms], [...notifiedAt]]);
