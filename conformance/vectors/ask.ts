import type { Edition } from "../../spec/model/edition.ts";
import type { Adapter } from "../adapter.ts";
import { scopeOf } from "../walk/swarm.ts";
import { askCron } from "./cron.ts";
import { askCursors } from "./cursors.ts";
import type { Asked, Outcome } from "./family.ts";
import type { Vectors } from "./files.ts";
import { askPayloads } from "./payloads.ts";
import { askRetry } from "./retry.ts";
import { askSnoozes } from "./snoozes.ts";
import { askUnique } from "./unique.ts";

/** Asks an implementation for every golden value that it can be asked for, by the rules of its edition, one family after the other. */
export async function askVectors(
  adapter: Adapter,
  edition: Edition,
  vectors: Vectors,
  onProgress: (line: string) => void,
): Promise<readonly Outcome[]> {
  const asked: Asked = { adapter, scope: scopeOf(adapter.about, edition) };
  const families: readonly Readonly<[name: string, ask: () => Outcome | Promise<Outcome>]>[] = [
    ["unique keys", () => askUnique(asked, vectors.unique)],
    ["retry delays", () => askRetry(asked, vectors.retry)],
    ["snooze counters", () => askSnoozes(asked, vectors.snoozes)],
    ["notifications", () => askPayloads(asked, vectors.payloads)],
    ["cron times", () => askCron(asked, vectors.cron)],
    ["list cursors", () => askCursors(asked, vectors.cursors)],
  ];
  const outcomes: Outcome[] = [];
  for (const [name, ask] of families) {
    onProgress(name);
    outcomes.push(await ask());
  }
  return outcomes;
}
