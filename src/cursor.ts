import { QueueError } from "./errors.ts";
import type { Job, JobState } from "./job.ts";
import { encodeArgs, splitObject } from "./json.ts";
import { INFINITE, type Micros, readRfc3339, timestampText } from "./time.ts";

/** By what a list is ordered: `time` is the time of the first state asked for, the others are columns. Ties are by id. */
export type ListOrder = "id" | "scheduled_at" | "finalized_at" | "time";

/** The column that decides, null for the id alone. */
export type TimeColumn = "scheduled_at" | "attempted_at" | "finalized_at";

/** What places a job in a list's order. */
export interface Order {
  readonly by: ListOrder;
  readonly column: TimeColumn | null;
}

/** The order of a list of these states; of no states in particular, `time` is `scheduled_at`. */
export function orderOf(by: ListOrder, states: readonly JobState[]): Order {
  return { by, column: by === "id" ? null : by === "time" ? timeColumn(states[0]) : by };
}

function timeColumn(state: JobState | undefined): TimeColumn {
  switch (state) {
    case "running":
      return "attempted_at";
    case "cancelled":
    case "completed":
    case "discarded":
      return "finalized_at";
    default:
      return "scheduled_at";
  }
}

/** A place in a list: after the job of this id. `time` is text for a `timestamptz`, null for none. */
export interface Place {
  readonly id: string;
  readonly time: string | null;
}

/** What of a job decides its place in any order. */
export type Placed = Pick<
  Job,
  "id" | "kind" | "queue" | "scheduledAt" | "attemptedAt" | "finalizedAt"
>;

/** How River's Go client writes that a job has no such time. */
const NO_TIME = "0001-01-01T00:00:00Z";

/**
 * The cursor of a job in an order, in the text of River's `JobListCursor` (0.51). River does not say which column `time` means; ours adds
 * it as one member more, which River does not read.
 */
export function writeCursor(job: Placed, { by, column }: Order): string {
  const time = column === null ? null : timeOf(job, column);
  const text = encodeArgs({
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    sort_field: by,
    time: time === null ? NO_TIME : goTime(time),
    ...(by === "time" ? { column } : {}),
  });
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function timeOf(job: Placed, column: TimeColumn): Micros | null {
  if (column === "scheduled_at") return job.scheduledAt;
  return column === "attempted_at" ? job.attemptedAt : job.finalizedAt;
}

/** Go writes no zeros at the end of a fraction. What has no RFC 3339 text is written as Postgres names it. */
function goTime(at: Micros): string {
  if (at >= INFINITE) return "infinity";
  if (at <= -INFINITE) return "-infinity";
  return timestampText(at, "cursor").replace(/\.?0+Z$/, "Z");
}

/** The place that a cursor means, ours or River's. Throws `invalid`, naming `after`, if it is none, or of a list of another order. */
export function readCursor(text: string, order: Order): Place {
  const members = membersOf(text);
  const [id = "", by, time, column] = ["id", "sort_field", "time", "column"].map((key) =>
    members?.get(key),
  );
  if (members === null || !/^-?\d{1,19}$/.test(id) || typeof time !== "string") {
    const problem = "after must be a cursor of a list, but is not.";
    throw new QueueError("invalid", problem, { field: "after" });
  }
  if (by !== order.by || (column !== undefined && column !== order.column)) {
    const was = column === undefined ? by : `${by} (${column})`;
    const problem = `after must be a cursor of a list by ${order.by}, but is one by ${was}.`;
    throw new QueueError("invalid", problem, { field: "after" });
  }
  return { id, time: order.column === null || time === NO_TIME ? null : time };
}

/** Texts without their quotes, all else as it is written; null for what is no object in base64, or whose time is none. */
function membersOf(text: string): ReadonlyMap<string, string> | null {
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const json = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)),
    );
    const value: unknown = JSON.parse(json);
    const members = new Map(
      (splitObject(json) ?? []).map(({ key, raw }) => [
        key,
        raw.startsWith('"') ? String(JSON.parse(raw)) : raw,
      ]),
    );
    const time = members.get("time") ?? "";
    const isTime = readRfc3339(time) !== null || /^-?infinity$/.test(time);
    return typeof value === "object" && isTime ? members : null;
  } catch {
    return null;
  }
}
