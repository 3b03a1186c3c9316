/** The kind of job that every live adapter has a worker for. Its args say what each attempt does. */
export const SCRIPT_KIND = "weir_script";

/** What ends an attempt, by its word. `hang` never does, whatever its signal says. */
export const ENDINGS = [
  "complete",
  "complete_tx",
  "error",
  "panic",
  "snooze",
  "cancel",
  "discard",
  "hang",
] as const;

/** One of `ENDINGS`. */
export type Ending = (typeof ENDINGS)[number];

/**
 * One thing that an attempt does. `sleep` hears no signal; `heed` ends the attempt when its signal fires, by the signal's reason. `output`
 * is JSON text. A snooze lasts `ms`.
 */
export type Action =
  | Readonly<{ do: "sleep" | "heed"; ms: number }>
  | Readonly<{ do: "snooze"; ms: number }>
  | Readonly<{ do: "output"; json: string }>
  | { [E in Exclude<Ending, "snooze">]: Readonly<{ do: E }> }[Exclude<Ending, "snooze">];

/** What each attempt does, in order; the last list stands for all that follow. The text is that of a job's args. */
export type Script = Readonly<{ attempts: readonly (readonly string[])[] }>;

/** How often an attempt was given back by a snooze stands in the metadata: the number alone would play the same list again. */
export const indexOf = (attempt: number, snoozes: number): number => attempt - 1 + snoozes;

/** What an attempt does: words such as `sleep 100ms`, `output {"a":1}`, `complete`. Throws for a script that is none. */
export function actionsOf(script: Script, index: number): readonly Action[] {
  const words = script.attempts.at(Math.min(Math.max(index, 0), script.attempts.length - 1));
  if (words === undefined) throw new Error("A script must have a list of actions, but has none.");
  return words.map(parse);
}

/** What ends an attempt that is left alone. */
export function endingOf(actions: readonly Action[]): Ending {
  const last = actions.at(-1)?.do;
  return ENDINGS.find((ending) => ending === last) ?? "complete";
}

function parse(text: string): Action {
  const blank = text.indexOf(" ");
  const word = blank < 0 ? text : text.slice(0, blank);
  const rest = blank < 0 ? "" : text.slice(blank + 1);
  if (word === "output") return { do: word, json: rest };
  if (word === "sleep" || word === "heed" || word === "snooze") {
    const ms = /^(\d+)ms$/.exec(rest)?.[1];
    if (ms !== undefined) return { do: word, ms: Number(ms) };
  }
  const ending = ENDINGS.find((each) => each === word);
  if (ending !== undefined && ending !== "snooze" && rest === "") return { do: ending };
  throw new Error(`An action must be one of the script's, but is ${text}.`);
}
