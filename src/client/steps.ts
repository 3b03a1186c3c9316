import { QueueError } from "../errors.ts";
import { encodeJson } from "../json.ts";
import { checkJson } from "../validate.ts";

/** River's metadata keys: the last step that is done, and where steps that are not done can be taken up. */
const STEP = "river:resumable_step";
const CURSOR = "river:resumable_cursor";

/** The steps of one attempt: which an earlier one did, and how far this one comes. Reads and writes what River's resumable steps (0.51) do. */
export class Steps {
  readonly #resumeAt: string;
  readonly #cursors: Map<string, unknown>;
  /** Steps that a cursor waits for though none is done: until these are found, progress elsewhere must not be recorded. */
  readonly #awaited: Set<string>;
  readonly #names = new Set<string>();
  #isFound: boolean;
  #done: string | null = null;
  #within: string | null = null;
  #areCursorsChanged = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(metadata: Readonly<Record<string, unknown>>) {
    const { [STEP]: step, [CURSOR]: cursors } = metadata;
    this.#resumeAt = typeof step === "string" ? step : "";
    this.#isFound = this.#resumeAt === "";
    const known = typeof cursors === "object" && cursors !== null ? Object.entries(cursors) : [];
    this.#cursors = new Map(known);
    this.#awaited = new Set(this.#isFound ? this.#cursors.keys() : []);
  }

  async step<Result>(name: string, run: () => Promise<Result> | Result): Promise<Result | null> {
    this.#enter(name);
    if (this.#awaited.has(name))
      throw this.#fail(misuse(name, "be taken up with stepFrom, since it has a cursor"));
    if (!this.#isFound) {
      this.#match(name);
      return null;
    }
    return this.#run(name, run);
  }

  async stepFrom<Cursor, Result>(
    name: string,
    run: (cursor: Cursor | null, save: (cursor: Cursor) => void) => Promise<Result> | Result,
  ): Promise<Result | null> {
    this.#enter(name);
    const hasCursor = this.#cursors.has(name);
    // The step that was done last is taken up again where a cursor says that it was done only in part.
    if (!this.#isFound && !(this.#match(name) && hasCursor)) return null;
    this.#awaited.delete(name);
    const save = (cursor: Cursor) => {
      checkJson(encodeJson(cursor, "cursor"), "cursor");
      this.#cursors.set(name, cursor);
      this.#areCursorsChanged = true;
    };
    const from = (this.#cursors.get(name) ?? null) as Cursor | null;
    const result = await this.#run(name, () => run(from, save));
    if (this.#cursors.delete(name)) this.#areCursorsChanged = true;
    return result;
  }

  /** Why the attempt has failed though its handler resolved: a step failed, or one that must be taken up was never asked for. */
  get failure(): { readonly error: unknown } | null {
    if (this.#failure !== null) return this.#failure;
    const [missing] = this.#isFound ? this.#awaited : [this.#resumeAt];
    return missing === undefined
      ? null
      : { error: misuse(missing, "be asked for, since an earlier attempt had come to it") };
  }

  /** What the metadata must say for the next attempt, if this one does not complete the job. */
  get progress(): Readonly<Record<string, unknown>> {
    if (this.#awaited.size > 0) return {};
    const cursors = this.#cursors.size === 0 ? null : Object.fromEntries(this.#cursors);
    return {
      ...(this.#areCursorsChanged && { [CURSOR]: cursors }),
      ...(this.#done !== null && { [STEP]: this.#done }),
    };
  }

  #enter(name: string): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#within !== null)
      throw this.#fail(misuse(name, `not be asked for within step ${this.#within}`));
    if (this.#names.has(name)) throw this.#fail(misuse(name, "be asked for once"));
    this.#names.add(name);
  }

  #match(name: string): boolean {
    if (name !== this.#resumeAt) return false;
    this.#isFound = true;
    this.#done = name;
    return true;
  }

  async #run<Result>(name: string, run: () => Promise<Result> | Result): Promise<Result> {
    this.#within = name;
    try {
      const result = await run();
      this.#done = name;
      return result;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#within = null;
    }
  }

  #fail(error: unknown): unknown {
    this.#failure ??= { error };
    return error;
  }
}

const misuse = (name: string, rule: string): QueueError =>
  new QueueError("invalid", `step ${JSON.stringify(name)} must ${rule}.`, { field: "step" });
