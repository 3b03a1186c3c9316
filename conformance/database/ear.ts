import { CHANNELS, type Notification } from "../../spec/model/state.ts";

/** Weir's own channel: what was heard before its nth message was sent by the nth step, or earlier. */
const MARKER = "weir_step";

/** The statement that ends a step for whoever listens. `step` tells it from the others of its transaction. */
export const markStep = (step: number): string => `notify ${MARKER}, '${step}'`;

type Send = (sql: string) => Promise<readonly Readonly<{ rows: readonly unknown[] }>[]>;

/** What a session that listens has heard on River's channels. Whoever owns the session hands each notification to `hear`. */
export class Ear {
  #steps: Notification[][] = [[]];

  /** Listens on River's channels of the session's current schema, and on Weir's own. */
  static async open(send: Send): Promise<Ear> {
    const [result] = await send("select current_schema()::text as name");
    const [schema] = (result?.rows ?? []) as readonly Readonly<{ name: string }>[];
    const topics = CHANNELS.map((channel) => `listen "${schema?.name}.river_${channel}"`);
    await send([...topics, `listen ${MARKER}`].join("; "));
    return new Ear();
  }

  hear(channel: string, payload: string): void {
    if (channel === MARKER) this.#steps.push([]);
    const known = CHANNELS.find((name) => channel.endsWith(`.river_${name}`));
    if (known !== undefined) this.#steps.at(-1)?.push({ channel: known, payload });
  }

  /** All that was heard since the last look, in order. */
  take(): readonly Notification[] {
    return this.#forget().flat();
  }

  /** The same, apart: what was heard before each marker. */
  takeSteps(): readonly (readonly Notification[])[] {
    return this.#forget().slice(0, -1);
  }

  #forget(): readonly Notification[][] {
    const heard = this.#steps;
    this.#steps = [[]];
    return heard;
  }
}
