import type { Micros } from "../../spec/model/state.ts";
import { timestampOf } from "../protocol/time.ts";
import { CLIENT, type ClientStory, type Evidence } from "./evidence.ts";
import { LiveProcess, type Program } from "./live-process.ts";
import { type Scenario, type ScriptedJob, toInsert, type Weather } from "./scenario.ts";
import type { Script } from "./script.ts";
import { pause, type Stage } from "./stage.ts";

/** What was done and said while a scenario ran; the record has the rest. */
export type Conducted = Pick<Evidence, "inserted" | "cancelled" | "clients" | "pauses"> &
  Readonly<{
    /** How many connections were cut, and jobs were duplicates of others. */
    cut: number;
    duplicates: number;
    seconds: number;
  }>;

/** How far a scenario may go; `seconds` count from when its clients have started. */
export type Limits = Readonly<{
  seconds: number;
  isStopped: () => boolean;
  onProgress: (line: string) => void;
}>;

const LOOK_MS = 100;
/** How many jobs a client works at a time in each queue. */
const MAX_WORKERS = 12;

/** Runs a scenario: starts the clients, inserts, does to them what is to be done, and stops them when every job is final or the time is over. */
export class Conductor {
  readonly #scenario: Scenario;
  readonly #program: Program;
  readonly #control: LiveProcess;
  readonly #stage: Stage;
  #started = performance.now();
  readonly #clients: Client[] = [];
  readonly #slots: Client[] = [];
  readonly #inserted = new Map<number, Script>();
  readonly #cancelled = new Set<number>();
  readonly #pauses: { queue: string; from: Micros; until: Micros }[] = [];
  readonly #holds: Promise<void>[] = [];
  #cut = 0;
  #duplicates = 0;

  /** `control` is asked for single operations and works nothing itself. */
  constructor(scenario: Scenario, program: Program, control: LiveProcess, stage: Stage) {
    this.#scenario = scenario;
    this.#program = program;
    this.#control = control;
    this.#stage = stage;
  }

  async run(limits: Limits): Promise<Conducted> {
    try {
      const { slots, events } = this.#scenario;
      const [first, ...later] = events;
      // All processes are there before the first client works, so that they begin together.
      for (const [slot, queues] of slots.entries()) this.#hire(slot, queues);
      if (first !== undefined) await this.#do(first.what);
      await Promise.all(this.#slots.map(({ process }) => process.ready));
      await this.#start(this.#slots);
      this.#started = performance.now();
      for (const { atMs, what } of later) {
        if (this.#isOver(limits)) break;
        limits.onProgress(`${(atMs / 1000).toFixed(1)} s: ${what.do}`);
        await pause(atMs - (performance.now() - this.#started));
        await this.#do(what);
      }
      await Promise.all(this.#holds);
      await this.#finish(limits);
      await Promise.all(this.#slots.map((client) => client.stop(true, this.#stage)));
    } finally {
      await Promise.all(this.#clients.map(({ process }) => process.close()));
    }
    await this.#stage.quiet();
    return {
      inserted: this.#inserted,
      cancelled: this.#cancelled,
      clients: this.#clients.map(({ story }) => story),
      pauses: this.#pauses,
      cut: this.#cut,
      duplicates: this.#duplicates,
      seconds: (performance.now() - this.#started) / 1000,
    };
  }

  #isOver({ seconds, isStopped }: Limits): boolean {
    return isStopped() || performance.now() - this.#started > seconds * 1000;
  }

  /** Until nothing is left to do. */
  async #finish(limits: Limits): Promise<void> {
    const { resignEveryMs } = this.#scenario;
    let resigned = performance.now();
    for (;;) {
      const left = await this.#stage.unfinished();
      if (left === 0 || this.#isOver(limits)) return;
      limits.onProgress(`${left} of ${this.#inserted.size} jobs are not final yet`);
      if (resignEveryMs !== null && performance.now() - resigned > resignEveryMs) {
        resigned = performance.now();
        await this.#do({ do: "resign" });
      }
      await pause(LOOK_MS);
    }
  }

  async #do(what: Weather): Promise<void> {
    const now = timestampOf(this.#stage.now());
    switch (what.do) {
      case "insert":
        return this.#insert(what.jobs);
      case "cut":
        return this.#cutOff(this.#at(what.slot));
      case "hold":
        this.#holds.push(this.#stage.hold());
        return;
      case "kill":
        return this.#kill(what.slots);
      case "stop":
        return this.#stop(what.slot, what.hard);
      case "cancel":
        return this.#cancel(what);
      case "pause":
        await this.#control.ask("queue_pause", { now, queue: what.queue });
        this.#pauses.push({
          queue: what.queue,
          from: this.#stage.now(),
          until: Number.POSITIVE_INFINITY,
        });
        return;
      case "resume":
        for (const paused of this.#pauses) paused.until = this.#stage.now();
        await this.#control.ask("queue_resume", { now, queue: what.queue });
        return;
      case "resign":
        await this.#control.ask("request_resign", { now });
    }
  }

  async #insert(jobs: readonly ScriptedJob[]): Promise<void> {
    const now = this.#stage.now();
    const asked = jobs.map((each) =>
      toInsert(each, each.dueMs === null ? null : timestampOf(now + each.dueMs * 1000)),
    );
    const { jobs: answers } = await this.#control.ask("insert_many", {
      now: timestampOf(now),
      jobs: asked,
    });
    for (const [i, { job, duplicate }] of answers.entries()) {
      const script = jobs[i]?.script;
      if (duplicate) this.#duplicates += 1;
      else if (script !== undefined) this.#inserted.set(job.id, script);
    }
  }

  async #cutOff(client: Client): Promise<void> {
    await client.starting;
    this.#cut += await this.#stage.cut(client.client);
    client.cuts.push(this.#stage.now());
  }

  async #kill(slots: readonly number[]): Promise<void> {
    const leader = await this.#stage.leader();
    const [first = 0] = slots;
    const slot = slots.find((each) => this.#at(each).client !== leader) ?? first;
    const client = this.#at(slot);
    await client.starting;
    client.killedAt = this.#stage.now();
    await client.process.kill();
    this.#replace(slot, client);
  }

  async #stop(slot: number, hard: boolean): Promise<void> {
    const client = this.#at(slot);
    await client.stop(hard, this.#stage);
    await client.process.close();
    this.#replace(slot, client);
  }

  async #cancel({ running, waiting }: Extract<Weather, { do: "cancel" }>): Promise<void> {
    const { spared } = this.#scenario;
    const ids = [
      ...(await this.#stage.some("running", running, spared)),
      ...(await this.#stage.some("waiting", waiting, spared)),
    ];
    for (const id of ids) {
      this.#cancelled.add(id);
      await this.#control.ask("cancel", { now: timestampOf(this.#stage.now()), id });
    }
  }

  /** The next process starts in the background; what happens to its slot waits for it. */
  #replace(slot: number, { queues }: Client): void {
    const client = this.#hire(slot, queues);
    client.starting = this.#start([client]);
    client.starting.catch(() => {});
  }

  #hire(slot: number, queues: readonly string[]): Client {
    const number = this.#clients.length + 1;
    const client = new Client(this.#program, this.#scenario, number, queues);
    this.#clients.push(client);
    this.#slots[slot] = client;
    return client;
  }

  async #start(clients: readonly Client[]): Promise<void> {
    await Promise.all(clients.map((client) => client.start()));
  }

  #at(slot: number): Client {
    const client = this.#slots[slot];
    if (client !== undefined) return client;
    throw new Error(`Slot ${slot} must have a client, but has none.`);
  }
}

/** A client in its slot, with what happened to it. */
class Client {
  readonly client: string;
  readonly queues: readonly string[];
  readonly process: LiveProcess;
  readonly cuts: Micros[] = [];
  readonly #told: Pick<Scenario, "timeoutMs" | "rescueAfterMs">;
  starting: Promise<void> = Promise.resolve();
  killedAt: Micros | null = null;
  #stopped: ClientStory["stop"] = null;

  constructor(program: Program, told: Scenario, number: number, queues: readonly string[]) {
    this.#told = told;
    this.client = `${CLIENT}${number}`;
    this.queues = queues;
    this.process = new LiveProcess(program, this.client);
  }

  get story(): ClientStory {
    const { client, killedAt, cuts } = this;
    return { client, killedAt, cuts, stop: this.#stopped };
  }

  async start(): Promise<void> {
    await this.process.ask("start", {
      client: this.client,
      queues: this.queues.map((queue) => ({ queue, max_workers: MAX_WORKERS })),
      timeout_us: this.#told.timeoutMs * 1000,
      rescue_after_us: this.#told.rescueAfterMs * 1000,
    });
  }

  async stop(hard: boolean, stage: Stage): Promise<void> {
    await this.starting;
    const from = stage.now();
    this.#stopped = { from, until: null, hard };
    await this.process.ask("stop", { hard });
    this.#stopped = { from, until: stage.now(), hard };
  }
}
