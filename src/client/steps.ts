import { QueueError } from "../errors.ts";
import { encodeJson, encodeString, splitObject } from "../json.ts";
import { checkJson } from "../validate.ts";

/** River's metadata keys: the last step that is done, and where steps that are not done can be taken up. */
const STEP = "river:resumable_step";
const CURSOR = "river:resumable_cursor";

/** The steps of one attempt: which an earlier one did, and how far this one comes. Reads and writes what River's resumable steps (0.51) do. */
export class Steps {
  readonly #resumeAt: string;
  /** By step, as JSON text: what another program wrote must not lose a digit on its way through here. */
  readonly #cursors: Map<string, string>;
  /** Steps that a cursor waits for though none is done: until these are found, progress elsewhere must not be recorded. */
  readonly #awaited: Set<string>;
  readonly #names = new Set<string>();
  #isFound: boolean;
  #done: string | null = null;
  #within: string | null = null;
  #areCursorsChanged = false;
  #failure: { readonly error: unknown } | null = null;

  /** From the job's metadata, JSON text. */
  constructor(metadata: string) {
    const members = membersOf(metadata);
    const step: unknown = JSON.parse(members.get(STEP) ?? "null");
    this.#resumeAt = typeof step === "string" ? step : "";
    this.#isFound = this.#resumeAt === "";
    this.#cursors = membersOf(members.get(CURSOR) ?? "null");
    this.#awaited = new Set(this.#isFound ? [...this.#cursors.keys()].sort() : []);
  }

  async step<Result>(name: string, run: () => Promise<Result> | Result): Promise<Result | null> {
    this.#enter(name);
    if (this.#awaited.has(name))
      throw this.#fail(misuse(name, "be taken up with stepFrom, since it has a cursor"));
    if (!this.#isFound) {
      this.#match(name);
      return null;
    }
    const result = await this.#run(name, run);
    this.#done = name;
    return result;
  }

  async stepFrom<Cursor, Result>(
    name: string,
    run: (cursor: Cursor | null, save: (cursor: Cursor) => void) => Promise<Result> | Result,
  ): Promise<Result | null> {
    this.#enter(name);
    const text = this.#cursors.get(name);
    // The step that was done last is taken up again where a cursor says that it was done only in part.
    if (!this.#isFound && !(this.#match(name) && text !== undefined)) return null;
    this.#awaited.delete(name);
    const from = (text === undefined ? null : JSON.parse(text)) as Cursor | null;
    const result = await this.#run(name, () => run(from, (cursor) => this.#save(name, cursor)));
    this.#done = name;
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

  /** What the metadata must say for the next attempt, as JSON texts, if this one does not complete the job. */
  get progress(): readonly (readonly [string, string])[] {
    if (this.#awaited.size > 0) return [];
    const cursors = [...this.#cursors].map(([name, text]) => `${encodeString(name)}:${text}`);
    const all = cursors.length === 0 ? "null" : `{${cursors.join(",")}}`;
    return [
      ...(this.#areCursorsChanged ? [[CURSOR, all] as const] : []),
      ...(this.#done === null ? [] : [[STEP, encodeString(this.#done)] as const]),
    ];
  }

  #enter(name: string): void {
    if (this.#failure !== null) throw this.#failure.error;
    // Metadata that Postgres cannot hold would fail the attempt only at its end, without what it did.
    checkJson(encodeString(name), "name of a step");
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
      // Of a step within it, whose error it did not let through.
      if (this.#failure !== null) throw this.#failure.error;
      return result;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#within = null;
    }
  }

  #save(name: string, cursor: unknown): void {
    if (this.#within !== name) throw misuse(name, "still run when its cursor is saved");
    const text = encodeJson(cursor, "cursor");
    checkJson(text, "cursor");
    this.#cursors.set(name, text);
    this.#areCursorsChanged = true;
  }

  #fail(error: unknown): unknown {
    this.#failure ??= { error };
    return error;
  }
}

/** The members of JSON text, as texts; of repeated ones the last counts. None of what is no object. */
const membersOf = (text: string): Map<string, string> =>
  new Map((splitObject(text) ?? []).map(({ key, raw }) => [key, raw]));

const misuse = (name: string, rule: string): QueueError =>
  new QueueError("invalid", `step ${JSON.stringify(name)} must ${rule}.`, { field: "step" });
