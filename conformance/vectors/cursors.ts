import { orderOf, readCursor, writeCursor } from "../../src/cursor.ts";
import { QueueError } from "../../src/errors.ts";
import { readRfc3339 } from "../../src/time.ts";
import { type Asked, type Outcome, Tally } from "./family.ts";
import type { CursorVector } from "./files.ts";

/** Asks the reference's own functions: over the protocol a cursor is text that only its writer reads. */
export function askCursors({ adapter }: Asked, vectors: readonly CursorVector[]): Outcome {
  const tally = new Tally("list cursors");
  if (adapter.about.adapter !== "reference") {
    tally.leave("only its writer reads a cursor", vectors.length);
    return tally.outcome();
  }
  for (const vector of vectors) {
    const { cursor, refused, row, order_by = "id", states = [] } = vector;
    if (row !== undefined) {
      const input = `${order_by} ${states.join(" ")} ${JSON.stringify(row)}`;
      const written = writeCursor(placedOf(row), orderOf(order_by, states));
      tally.compare("INV-14", input, textIn(cursor), withoutColumn(textIn(written)));
    } else if (refused === undefined && !isWhole(textIn(cursor))) {
      tally.leave("no list writes it, and River takes it for zeros");
    } else {
      const mustBe = refused === undefined ? "taken" : "refused";
      tally.compare("INV-14", textIn(cursor), mustBe, reading(cursor));
    }
  }
  return tally.outcome();
}

const placedOf = (row: NonNullable<CursorVector["row"]>) => ({
  id: BigInt(row.id),
  kind: row.kind,
  queue: row.queue,
  scheduledAt: readRfc3339(row.scheduled_at) ?? 0n,
  attemptedAt: row.attempted_at === null ? null : readRfc3339(row.attempted_at),
  finalizedAt: row.finalized_at === null ? null : readRfc3339(row.finalized_at),
});

const textIn = (cursor: string): string => Buffer.from(cursor, "base64url").toString();

/** Our cursors by time say of which, as River's do not. */
const withoutColumn = (text: string): string => text.replace(/,"column":"[a-z_]+"/, "");

const isWhole = (text: string): boolean =>
  ["id", "kind", "queue", "sort_field", "time"].every((name) => text.includes(`"${name}":`));

function reading(cursor: string): string {
  const [, by = "id"] =
    /"sort_field":"(id|time|scheduled_at|finalized_at)"/.exec(textIn(cursor)) ?? [];
  try {
    readCursor(cursor, orderOf(by as "id", []));
    return "taken";
  } catch (error) {
    if (error instanceof QueueError && error.code === "invalid") return "refused";
    throw error;
  }
}
