import type { Database, Db } from "../db.ts";
import { Loop } from "./loop.ts";
import type { Problem } from "./options.ts";

/** What a client hears of others, as River's clients say it. */
export interface Heard {
  /** There may be available jobs in this queue. */
  inserted(queue: string): void;
  /** Somebody cancelled a running job. */
  cancelled(id: bigint): void;
  /** `queue` is `*` for all. */
  paused(queue: string, isPaused: boolean): void;
  /** The leader resigned, so that another may be elected at once; null where it is not said who that was. */
  resigned(leader: string | null): void;
  /** Whoever leads is asked to resign. */
  resignRequested(): void;
  /** It listens again after a time in which nothing was heard: anything may have happened. */
  caughtUp(): void;
}

const TOPICS = ["river_insert", "river_control", "river_leadership"];
/** So often it is looked at whether the connection is still there; a lost one is opened again at once. */
const LOOK_MS = 60_000;

/** Listens on one connection, and opens another whenever that one breaks, with back-off. */
export class Notifier {
  readonly #listen: NonNullable<Database["listen"]>;
  readonly #heard: Heard;
  readonly #loop: Loop;
  #end: (() => Promise<void>) | null = null;
  #failure: unknown = null;
  #isClosed = false;

  private constructor(
    listen: NonNullable<Database["listen"]>,
    heard: Heard,
    onProblem: (problem: Problem) => void,
  ) {
    this.#listen = listen;
    this.#heard = heard;
    this.#loop = new Loop(
      () => this.#keep(),
      (error, tries) => onProblem({ what: "listen", error, tries }),
    );
  }

  /** Listens, if the database can. Rejects where the first connection fails. */
  static async open(
    db: Db & Partial<Database>,
    heard: Heard,
    onProblem: (problem: Problem) => void,
  ): Promise<Notifier | null> {
    if (db.listen === undefined) return null;
    const notifier = new Notifier(db.listen.bind(db), heard, onProblem);
    await notifier.#open();
    notifier.#loop.start(LOOK_MS);
    return notifier;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop.stop();
    await this.#end?.();
  }

  async #keep(): Promise<number> {
    // Told once as a problem of its own, then the next try follows after the back-off.
    if (this.#failure !== null) {
      const failure = this.#failure;
      this.#failure = null;
      throw failure;
    }
    if (this.#end !== null) return LOOK_MS;
    await this.#open();
    this.#heard.caughtUp();
    return LOOK_MS;
  }

  async #open(): Promise<void> {
    const end = await this.#listen(TOPICS, {
      hear: (topic, payload) => this.#hear(topic, payload),
      lost: (error) => {
        this.#end = null;
        this.#failure = error ?? new Error("listening must go on, but ended");
        this.#loop.wake();
      },
    });
    // No longer wanted by those who did not wait, or lost already.
    if (this.#isClosed) await end();
    else if (this.#failure === null) this.#end = end;
  }

  #hear(topic: string, payload: string): void {
    const said = read(payload);
    const { queue, action, leader_id: leader } = said;
    if (topic === "river_insert" && typeof queue === "string") this.#heard.inserted(queue);
    if (topic === "river_control") this.#control(said);
    if (topic !== "river_leadership") return;
    if (action === "resigned") this.#heard.resigned(typeof leader === "string" ? leader : null);
    if (action === "request_resign") this.#heard.resignRequested();
  }

  #control({ action, queue, job_id: id }: Readonly<Record<string, unknown>>): void {
    if (action === "cancel" && Number.isSafeInteger(id))
      this.#heard.cancelled(BigInt(id as number));
    if (typeof queue !== "string") return;
    if (action === "pause" || action === "resume") this.#heard.paused(queue, action === "pause");
  }
}

/** The payload's members; none for what no client says. */
function read(payload: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(payload);
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
