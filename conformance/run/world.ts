import type { Law, Model, Step } from "../../spec/model/effect.ts";
import { membersOf, merge } from "../../spec/model/jsonb.ts";
import type { Op } from "../../spec/model/op.ts";
import {
  EMPTY,
  type Held,
  type Job,
  type Micros,
  type Notification,
  type State,
} from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { Names, Observation, Reply } from "../adapter.ts";
import type { Observed } from "../compare/difference.ts";
import { idsInOrder, inOrderOfIds, labelsOfRuns } from "./runs.ts";

/** A job, by its label and by the implementation's id, that is due at another instant than the model has it, both being right. */
export type Drawn = Readonly<{ label: number; id: number; seen: Micros; nominal: Micros }>;

/** The model's state beside the implementation's names for its jobs. */
export class World implements Names {
  state: State;
  /** The implementation's id of each label. */
  readonly #ids: Map<number, number>;
  readonly law: Law;
  readonly #model: Model;

  /** Jobs that are there already have their labels as ids. */
  constructor(law: Law, model: Model = step, from: State = EMPTY) {
    this.state = from;
    this.#ids = new Map([...from.jobs.keys()].map((label) => [label, label]));
    this.law = law;
    this.#model = model;
  }

  /** What the rules say of `op` here; nothing moves. */
  expect(op: Op): Step {
    return this.#model(this.state, op, this.law);
  }

  /** The step as far as only the rows can tell: in which order a leader inserted what was due. */
  settle(op: Op, expected: Step, seen: Observation): Step {
    if (op.op !== "enqueue_periodic") return expected;
    const known = new Set(this.#ids.values());
    return inOrderOfIds(
      this.state,
      expected,
      seen.jobs.filter(({ id }) => !known.has(id)),
    );
  }

  /** Which ids should be others, so that what a leader inserted at one look has them in the model's order. */
  misplaced(op: Op, seen: Observation): ReadonlyMap<number, number> {
    const known = new Set(this.#ids.values());
    const fresh = seen.jobs.filter(({ id }) => !known.has(id));
    return fresh.length < 2 ? new Map() : idsInOrder(this.state.jobs, this.expect(op), fresh);
  }

  idOf(label: number): number | null {
    return this.#ids.get(label) ?? null;
  }

  heldBy(label: number, fetch: number | undefined): Held | null {
    const fetches = this.state.fetches.get(label) ?? [];
    return (fetch === undefined ? fetches.at(-1) : fetches[fetch]) ?? null;
  }

  termOf(client: string, term: number | undefined): Micros | null {
    const terms = this.state.terms.get(client) ?? [];
    return (term === undefined ? terms.at(-1) : terms[term]) ?? null;
  }

  /** What was seen and said after `op`, rows under their labels. */
  observed(op: Op, expected: Step, seen: Observation, reply: Reply): Observed {
    const jobs = this.#label(op, expected, seen.jobs);
    const labels = new Map([...this.#ids].map(([label, id]) => [id, label]));
    const queues = new Map(seen.queues.map((queue) => [queue.name, queue]));
    const { leader } = seen;
    const notifications = seen.notifications?.map((each) => labelled(each, labels)) ?? null;
    return { jobs, labels, queues, leader, notifications, reply };
  }

  /** The rows under their labels. Ids not seen before belong, in their order, to the labels that the step inserts. */
  #label(op: Op, expected: Step, rows: readonly Job[]): ReadonlyMap<number, Job> {
    const known = new Map([...this.#ids].map(([label, id]) => [id, label]));
    const fresh = rows.filter((row) => !known.has(row.id)).map((row) => row.id);
    const free =
      op.op === "enqueue_periodic"
        ? labelsOfRuns(
            this.#ids,
            expected,
            rows.filter((row) => !known.has(row.id)),
          )
        : freeLabels(op, expected, fresh.length, (label) => this.#ids.has(label));
    for (const [index, id] of fresh.entries()) {
      // A row that nobody asked for gets a label beyond all others.
      const all = [...this.#ids.keys(), ...free.filter((each) => each !== undefined)];
      const label = free[index] ?? Math.max(0, ...all) + 1;
      this.#ids.set(label, id);
      known.set(id, label);
    }
    return new Map(rows.map((row) => [known.get(row.id) ?? row.id, row]));
  }

  /**
   * The jobs of which a rule left open when they are next due, as they were observed and as the model has it: an implementation draws
   * that, so the same steps would not meet the same queue again.
   */
  drawn({ effects, state }: Step, observed: Observed): readonly Drawn[] {
    return effects.flatMap(({ job: label, scheduledWithin: within }) => {
      const nominal = label === null || within === undefined ? undefined : state.jobs.get(label);
      const got = nominal === undefined ? undefined : observed.jobs.get(nominal.id);
      if (nominal === undefined || got === undefined || within === undefined) return [];
      const { scheduledAt: seen } = got;
      const isWithin = within[0] <= seen && seen <= within[1];
      const isSame = got.state === nominal.state && nominal.scheduledAt !== seen;
      const { id, scheduledAt } = nominal;
      return isWithin && isSame ? [{ label: id, id: got.id, seen, nominal: scheduledAt }] : [];
    });
  }

  /** Goes on from what the rules say, with instants that a rule left open as they are in the queue. */
  advance(expected: Step, drawn: readonly Drawn[]): void {
    const jobs = new Map(expected.state.jobs);
    for (const { label, seen } of drawn) {
      const job = jobs.get(label);
      if (job !== undefined) jobs.set(label, { ...job, scheduledAt: seen });
    }
    this.state = drawn.length === 0 ? expected.state : { ...expected.state, jobs };
  }

  /** Goes on from the rows as they were observed; an attempt is still held where its fetch is still the job's. */
  takeOver(op: Op, expected: Step, observed: Observed): void {
    const jobs = new Map(
      [...observed.jobs]
        .sort(([a], [b]) => a - b)
        .map(([label, job]) => [label, { ...job, id: label }]),
    );
    const fetches = new Map(expected.state.fetches);
    for (const [label, job] of jobs) {
      if (job.state !== "running" || job.attemptedAt === null) continue;
      const held = fetches.get(label) ?? [];
      const last = held.at(-1);
      if (last?.attempt === job.attempt && last.attemptedAt === job.attemptedAt) continue;
      fetches.set(label, [...held, { attempt: job.attempt, attemptedAt: job.attemptedAt }]);
    }
    const { queues, leader } = observed;
    const notifiedAt = new Map(expected.state.notifiedAt);
    for (const queue of toldQueues(observed)) notifiedAt.set(queue, op.now);
    this.state = { ...expected.state, jobs, fetches, queues, leader, notifiedAt };
  }
}

/** The queues of which listeners were told that jobs are available. */
function toldQueues({ notifications }: Observed): readonly string[] {
  return (notifications ?? []).flatMap(({ channel, payload }) => {
    const queue = channel === "insert" ? membersOf(payload)?.get("queue") : undefined;
    return queue === undefined ? [] : [String(JSON.parse(queue))];
  });
}

function freeLabels(
  op: Op,
  expected: Step,
  count: number,
  isTaken: (label: number) => boolean,
): readonly number[] {
  if (op.op !== "insert") return [];
  const asked = op.jobs.map((job) => job.id).filter((label) => !isTaken(label));
  const owed = asked.filter((label) => expected.state.jobs.has(label));
  return count <= owed.length ? owed : asked;
}

/** What was sent with the job's label in the place of its id; null for an id that no job has, which is never what was owed. */
function labelled(sent: Notification, labels: ReadonlyMap<number, number>): Notification {
  const id = membersOf(sent.payload)?.get("job_id");
  if (id === undefined) return sent;
  return { ...sent, payload: merge(sent.payload, `{"job_id": ${labels.get(Number(id)) ?? null}}`) };
}
