import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job, type Micros, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { lawOf } from "../law.ts";
import type { ClientStory, Evidence } from "./evidence.ts";
import type { Change } from "./recorder.ts";
import type { RunEvent } from "./runs.ts";
import type { Script } from "./script.ts";

/** A second in microseconds. */
export const SECOND: Micros = 1_000_000;
const LAW = lawOf(NEWEST);

/** A record of what the model itself does, so that it is legal until it is tampered with: for tests. */
export class MadeHistory {
  state: State = EMPTY;
  readonly changes: Change[] = [];
  readonly runs: RunEvent[] = [];
  readonly inserted = new Map<number, Script>();
  readonly cancelled = new Set<number>();
  readonly clients: ClientStory[] = [];
  readonly pauses: Evidence["pauses"][number][] = [];

  /** Does an operation and records what it changed, in one transaction; each row first goes through `edit`. */
  do(op: Op, edit: (job: Job) => Job = (job) => job): this {
    const before = this.state;
    const after = step(before, op, LAW).state;
    const jobs = new Map(after.jobs);
    for (const [id, job] of jobs)
      if (job !== before.jobs.get(id)) jobs.set(id, edit({ ...job, args: "{}" }));
    this.state = { ...after, jobs };
    if (op.op === "cancel") this.cancelled.add(op.job);
    const tx = `t${this.changes.length}`;
    for (const id of new Set([...before.jobs.keys(), ...jobs.keys()]))
      this.#record(tx, op.now, before.jobs.get(id) ?? null, jobs.get(id) ?? null);
    return this;
  }

  /** Changes a row past every rule, and records it. */
  set(now: Micros, id: number, row: Partial<Job> | null): this {
    const from = this.state.jobs.get(id) ?? null;
    const jobs = new Map(this.state.jobs);
    if (row === null || from === null) jobs.delete(id);
    else jobs.set(id, { ...from, ...row });
    this.state = { ...this.state, jobs };
    this.#record(`t${this.changes.length}`, now, from, jobs.get(id) ?? null);
    return this;
  }

  insert(now: Micros, id: number, script: Script, more: Partial<Job> = {}): this {
    this.inserted.set(id, script);
    const job = { id, kind: "weir_script", args: JSON.stringify(script) };
    return this.do({ op: "insert", now, jobs: [job] }, (row) => ({ ...row, ...more }));
  }

  fetch(now: Micros, client = "c1"): this {
    return this.do({ op: "fetch", now, queue: "default", limit: 1, client });
  }

  /** A worker writes that it begins with the latest fetch of a job, or (with `how`) how it ends. */
  run(at: Micros, id: number, how: string | null = null, more: Partial<RunEvent> = {}): this {
    const job = this.state.jobs.get(id);
    const { attempt = 0, attemptedAt = null, attemptedBy = [] } = job ?? {};
    this.runs.push({
      run: `${id} ${attempt} ${attemptedAt}`,
      event: how === null ? "began" : "ended",
      job: id,
      attempt,
      attemptedAt: attemptedAt ?? 0,
      client: attemptedBy.at(-1) ?? "",
      how,
      at,
      tx: "of its own",
      ...more,
    });
    return this;
  }

  complete(now: Micros, job: number): this {
    return this.do({ op: "finish", now, job, outcome: { kind: "complete" } });
  }

  /** Fetch, run and complete within a second. */
  work(now: Micros, job: number, client = "c1"): this {
    this.fetch(now, client)
      .run(now + 1, job)
      .run(now + 2, job, "complete");
    return this.complete(now + 3, job);
  }

  client(client: string, story: Partial<ClientStory> = {}): this {
    this.clients.push({ client, killedAt: null, stop: null, cuts: [], ...story });
    return this;
  }

  /** The rows at the end are those of the record. */
  get evidence(): Evidence {
    const { changes, runs, inserted, cancelled, clients, pauses } = this;
    const terms = { law: LAW, after: 3 * SECOND, timeout: SECOND };
    const rows = [...this.state.jobs.values()];
    return { terms, changes, runs, rows, inserted, cancelled, clients, pauses };
  }

  #record(tx: string, at: Micros, from: Job | null, to: Job | null): void {
    if (from === to) return;
    const job = (to ?? from)?.id ?? null;
    this.changes.push({ seq: this.changes.length + 1, tx, at, job, from, to });
  }
}
