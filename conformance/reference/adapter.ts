import { NEWEST } from "../../spec/model/edition.ts";
import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { Db } from "../../src/db.ts";
import type { About, Adapter, Names, Observation, Reply } from "../adapter.ts";
import { type Ear, markStep } from "../database/ear.ts";
import {
  jobsOf,
  OBSERVE,
  OBSERVE_SERVICES,
  type ObservedRow,
  observe,
  type ServicesRow,
  servicesOf,
} from "../database/observe.ts";
import { put, putState } from "../database/put.ts";
import type { Foreseen } from "./list.ts";
import { runReference } from "./operations.ts";
import { type Call, Script, type SendScript } from "./script.ts";

/** A database of the suite's own, with River's tables in it. */
export type Ground = Readonly<{
  db: Db;
  send: SendScript;
  /** A statement prepared once, as the text that runs it. */
  call: Call;
  /** What the session hears of itself. */
  ear: Ear;
  /** How reports name it: `PGlite (PostgreSQL 18.6, in this process)`. */
  name: string;
  close(): Promise<void>;
}>;

/** Changes what the reference says to its database or what it answers: how a seeded bug gets in. */
export type Alteration = Readonly<{
  statement(sql: string): string;
  op(op: Op): Op;
  reply(reply: Reply): Reply;
}>;

const NONE: Alteration = { statement: (sql) => sql, op: (op) => op, reply: (reply) => reply };

const EMPTY_TABLES = [
  "delete from river_job",
  "delete from river_queue",
  "delete from river_leader",
];
const RESTART = "select setval('river_job_id_seq', 1, false)";

/** The reference implementation under test, in this process. `close` closes the ground too. */
export function referenceAdapter(ground: Ground, alteration: Alteration = NONE): Adapter {
  const altered = alter(ground.db, alteration);
  return {
    about: aboutReference(ground),
    reset: async () => {
      await ground.send([...EMPTY_TABLES, RESTART].join(";"));
      ground.ear.take();
    },
    run: async (op, names) =>
      alteration.reply(await runReference(altered, alteration.op(op), names)),
    runAll: (ops, law, from) => runAll(ground, ops, law, alteration, from),
    put: (state) => put(ground.db, state),
    observe: async () => {
      const notifications = ground.ear.take();
      return { ...(await observe(ground.db)), notifications };
    },
    close: () => ground.close(),
  };
}

const alter = (db: Db, { statement }: Alteration): Db => ({
  query: (sql, params) => db.query(statement(sql), params),
});

const aboutReference = (ground: Ground): About => ({
  adapter: "reference",
  implementation: "weir",
  version: "0.1.0",
  language: "typescript",
  database: ground.name,
  clock: "virtual",
  edition: NEWEST.name,
  capabilities: {},
});

type Unheard = Omit<Observation, "notifications">;
type Done = Readonly<{ reply: Reply; seen: Observation }>;

/**
 * The whole sequence in one round trip: every insert starts at the id that the model's label says, and every step is a transaction, since
 * equal notifications of one transaction come to one.
 */
async function runAll(
  ground: Ground,
  ops: readonly Op[],
  law: Law,
  alteration: Alteration,
  from: State = EMPTY,
): Promise<readonly Done[] | null> {
  const script = new Script();
  const db = alter(script, alteration);
  const prediction = new Prediction(from);
  const rows = from === EMPTY ? [{ sql: RESTART, params: [] }] : putState(from);
  for (const sql of EMPTY_TABLES) void script.query(sql, []);
  for (const { sql, params } of rows) void script.query(sql, params);
  const running = ops.map(async (op, at): Promise<Omit<Done, "seen"> & { seen: Unheard }> => {
    const start =
      op.op === "insert" ? op.jobs[0]?.id : op.op === "enqueue_periodic" ? op.id : undefined;
    const before =
      start === undefined
        ? null
        : script.query("select setval('river_job_id_seq', $1::bigint, false)", [start]);
    const { names, ...foreseen } = prediction.before(op, law);
    script.command("begin");
    const reply = runReference(db, alteration.op(op), names, { jitter: 0, ...foreseen });
    script.command(markStep(at));
    script.command("commit");
    const observed = script.query<ObservedRow>(OBSERVE, []);
    const services = script.query<ServicesRow>(OBSERVE_SERVICES, []);
    await before;
    const jobs = jobsOf((await observed).rows);
    const seen = { jobs, ...servicesOf((await services).rows[0]) };
    return { reply: alteration.reply(await reply), seen };
  });
  ground.ear.take();
  const all = Promise.all(running);
  try {
    await script.flush(ground.send, ground.call);
    const done = await all;
    const heard = ground.ear.takeSteps();
    return done.map(({ reply, seen }, at) => ({
      reply,
      seen: { ...seen, notifications: heard[at] ?? [] },
    }));
  } catch {
    // Whatever it was shows again, and by itself, when the sequence is run step by step.
    await ground.send("rollback");
    return null;
  }
}

/** The ids and fetches that the reference will have, as the model foresees them. */
class Prediction {
  #state: State;
  readonly #ids: Map<number, number>;

  constructor(from: State) {
    this.#state = from;
    this.#ids = new Map([...from.jobs.keys()].map((label) => [label, label]));
  }

  /** The names as they are when `op` runs, what it must do, and the batches of a rescue, the short one at its end among them. */
  before(op: Op, law: Law): Readonly<{ names: Names; batches: number | null; foreseen: Foreseen }> {
    const state = this.#state;
    const expected = step(state, op, law);
    this.#state = expected.state;
    const { answer } = expected;
    if (op.op === "insert" && answer.op === "insert") {
      const labels = op.jobs.map(({ id }) => id);
      this.#foresee(labels[0] ?? 1, answer.jobs, labels);
    }
    if (op.op === "enqueue_periodic" && answer.op === "enqueue_periodic") {
      this.#foresee(
        op.id,
        answer.jobs,
        answer.jobs.map(({ id }) => id),
      );
    }
    const ids = new Map(this.#ids);
    const names: Names = {
      idOf: (label) => ids.get(label) ?? null,
      heldBy: (label, fetch) => {
        const held = state.fetches.get(label) ?? [];
        return (fetch === undefined ? held.at(-1) : held[fetch]) ?? null;
      },
      termOf: (client, term) => {
        const terms = state.terms.get(client) ?? [];
        return (term === undefined ? terms.at(-1) : terms[term]) ?? null;
      },
    };
    const isPass = op.op === "rescue" && expected.answer.op === "rescue";
    const batches = isPass ? Math.floor(expected.answer.count / Math.max(op.limit, 1)) + 1 : null;
    return { names, batches, foreseen: { before: state, expected } };
  }

  /** One id is drawn for the first job of each key in a call, also when it turns out to be a duplicate. */
  #foresee(
    start: number,
    answers: readonly Readonly<{ id: number; duplicate: boolean }>[],
    labels: readonly number[],
  ): void {
    const seen = new Set<number>();
    let next = start;
    for (const [i, { id, duplicate }] of answers.entries()) {
      if (duplicate && seen.has(id)) continue;
      seen.add(id);
      const label = labels[i];
      if (!duplicate && label !== undefined) this.#ids.set(label, next);
      next += 1;
    }
  }
}
