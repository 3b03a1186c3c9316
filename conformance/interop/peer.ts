import { Child } from "../protocol/child.ts";
import { LineSplitter } from "../protocol/lines.ts";

/** What a peer tells unasked; `started` is its worker's own word, all others its client's. */
export type PeerEvent = Readonly<{
  event:
    | "started"
    | "completed"
    | "failed"
    | "snoozed"
    | "cancelled"
    | "interrupted"
    | "paused"
    | "resumed";
  job?: number;
  attempt?: number;
  queue?: string;
  /** JSON text, as the worker found it. */
  args?: string;
}>;

/** A job as it is inserted; `args` is JSON text. */
export type PeerJob = Readonly<{
  kind: "weir_script" | "weir_unique_flat";
  args: string;
  queue: string;
  max_attempts?: number;
  scheduled_at?: string;
  unique?: Readonly<{ by_args?: boolean; by_period_ms?: number; by_queue?: boolean }>;
}>;

/** What a peer can be told to do, and what it answers when that is done. */
export type Calls = {
  /** Answered when the client listens. */
  start: [
    Readonly<{
      client: string;
      queues: Readonly<Record<string, Readonly<{ poll_interval_ms: number }>>>;
      max_workers: number;
    }>,
    unknown,
  ];
  insert: [PeerJob, Readonly<{ job: number; duplicate: boolean }>];
  cancel: [Readonly<{ job: number }>, unknown];
  pause: [Readonly<{ queue: string }>, unknown];
  resume: [Readonly<{ queue: string }>, unknown];
  /** Answered when its jobs have ended, and it leads no more. */
  stop: [Readonly<Record<string, never>>, unknown];
};

type Answer = Readonly<{ id: number; result?: unknown; error?: string }>;

/** The longest that anything but a change of leaders may take. Clients that are not woken ask again after 60 s. */
const PATIENCE_MS = 20_000;
const MAX_LINE_BYTES = 1 << 20;

/** A client of some language in a process of its own, told what to do by one JSON object a line. */
export class Peer {
  readonly name: string;
  readonly #child: Child;
  readonly #events: PeerEvent[] = [];
  readonly #calls = new Map<number, (answer: Answer) => void>();
  readonly #ended: Promise<void>;
  /** Called whenever something was told. */
  readonly #watchers = new Set<() => void>();
  #lastId = 0;
  /** Why it answers no more. */
  #fault: string | null = null;

  constructor(name: string, command: readonly string[], databaseUrl: string) {
    this.name = name;
    const lines = new LineSplitter(MAX_LINE_BYTES, {
      line: (text) => this.#take(JSON.parse(text)),
      fault: (fault) => this.#fail(`wrote a line that is ${fault}`),
    });
    let end = () => {};
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    this.#child = new Child(command, env, process.cwd(), {
      output: (chunk) => lines.push(chunk),
      refused: (code) => this.#fail(`could not be started: ${code}`),
      ended: ({ code, signal }) => {
        this.#fail(`ended (${signal ?? `code ${code}`})`);
        end();
      },
    });
  }

  /** Rejects with what the peer said if it could not do it, or if it ends before it answers. */
  async call<M extends keyof Calls>(method: M, params: Calls[M][0]): Promise<Calls[M][1]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Answer>((resolve) => {
      this.#calls.set(id, resolve);
    });
    if (this.#fault === null) this.#child.write(JSON.stringify({ id, method, params }));
    else this.#fail(this.#fault);
    const { result, error } = await this.#patiently(answered, `answer ${method}`);
    if (error !== undefined) throw this.#error(`could not ${method}: ${error}`);
    return result as Calls[M][1];
  }

  /** The first event with these members, if need be awaited. */
  async told(wanted: PeerEvent): Promise<PeerEvent> {
    let look = () => {};
    const found = new Promise<PeerEvent>((resolve) => {
      look = () => {
        const event = this.#events.find((each) => hasMembers(each, wanted));
        if (event !== undefined) resolve(event);
      };
    });
    this.#watchers.add(look);
    look();
    try {
      return await this.#patiently(found, `tell ${JSON.stringify(wanted)}`);
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** Ends the process by SIGKILL: nothing of it runs any more when this resolves. */
  async kill(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }

  #take(line: Answer | PeerEvent): void {
    if ("event" in line) this.#events.push(line);
    else {
      this.#calls.get(line.id)?.(line);
      this.#calls.delete(line.id);
    }
    for (const watch of this.#watchers) watch();
  }

  /** It answers no more: whoever waits is told why. */
  #fail(fault: string): void {
    this.#fault = fault;
    for (const [id, answer] of this.#calls) answer({ id, error: `it ${fault}` });
    this.#calls.clear();
  }

  async #patiently<T>(awaited: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(this.#error(`must ${what} within ${PATIENCE_MS / 1000} s, but did not`));
      }, PATIENCE_MS);
    });
    try {
      return await Promise.race([awaited, over]);
    } finally {
      clearTimeout(timer);
    }
  }

  #error(why: string): Error {
    const events = this.#events.map((event) => JSON.stringify(event)).join("\n");
    const stderr = this.#child.stderr.slice(-20).join("\n");
    return new Error(`${this.name} ${why}.\nIt told:\n${events}\nIts log:\n${stderr}`);
  }
}

function hasMembers(event: PeerEvent, wanted: PeerEvent): boolean {
  return Object.entries(wanted).every(([key, value]) => event[key as keyof PeerEvent] === value);
}
