import type { Bug, Edit } from "./bug.ts";

const inInsert = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/insert-sql.ts", find, replace },
];

const inSchedule = (find: string, replace: string): readonly Edit[] => [
  { statement: "src/ops/schedule.ts", find, replace },
];

/** Of the queues in which an insert made a job available. */
const TOLD = "queue)::text) from woken";
const WOKEN = "where state = 'available' and scheduled_at";
const AT_ONCE = "and scheduled_at <= coalesce($1::timestamptz, now()) + interval '5 milliseconds'";

/** Bugs in what listeners are told of queues. */
export const NOTIFY_BUGS: readonly Bug[] = [
  {
    name: "schedule-tells-of-discarded",
    origin: "River v0.51.1, its job scheduler; not yet reported.",
    what: "The scheduler also wakes the clients of queues in which it only discarded jobs.",
    breaks: ["SCH-10", "INV-12"],
    edits: inSchedule(WOKEN, "where scheduled_at"),
  },
  {
    name: "insert-tells-one-queue",
    origin: "invented",
    what: "Of several queues that one call inserts into only one hears of it.",
    breaks: ["INS-29", "INS-30"],
    edits: inInsert(TOLD, `${TOLD} limit 1`),
  },
  {
    name: "insert-tells-nobody",
    origin: "invented",
    what: "No client is woken by an insert: jobs wait for the next poll.",
    breaks: ["INS-29", "INS-30"],
    edits: inInsert(TOLD, `${TOLD} where false`),
  },
  {
    name: "insert-tells-wrong-queue",
    origin: "invented",
    what: "The clients of the default queue are woken, whatever the queue.",
    breaks: ["INS-29", "INS-30"],
    edits: inInsert(TOLD, TOLD.replace("queue)", "'default'::text)")),
  },
  {
    name: "insert-tells-twice",
    origin: "invented",
    what: "Each queue is announced twice, so that its clients look twice.",
    breaks: ["INS-29", "INS-30"],
    edits: inInsert(TOLD, "queue, 'copy', copy)::text) from woken, generate_series(1, 2) as copy"),
  },
  {
    name: "insert-tells-of-scheduled",
    origin: "invented",
    what: "Clients are also woken for jobs that are scheduled or pending, and find nothing.",
    breaks: ["INS-29", "INS-30", "INV-12"],
    edits: inInsert("where state = 'available' and $2::boolean", "where $2::boolean"),
  },
  {
    name: "insert-quiet-for-seconds",
    origin: "invented",
    what: "A queue is told of once in ten seconds, so that a job waits for the next poll.",
    breaks: ["INS-30"],
    edits: inInsert(
      TOLD,
      `${TOLD} where not exists (
         select from river_job as earlier
         where earlier.queue = woken.queue and earlier.created_at > $1::timestamptz - interval '10 seconds')`,
    ),
  },
  {
    name: "schedule-tells-nobody",
    origin: "invented",
    what: "No client is woken when a job falls due.",
    breaks: ["SCH-10"],
    edits: inSchedule(WOKEN, "where state = 'pending' and scheduled_at"),
  },
  {
    name: "schedule-tells-too-early",
    origin: "invented",
    what: "Clients are woken for jobs that are due only seconds later.",
    breaks: ["SCH-10", "INV-12"],
    edits: inSchedule(AT_ONCE, ""),
  },
  {
    name: "schedule-tells-too-late",
    origin: "invented",
    what: "Clients are not woken for a job that is due a moment later.",
    breaks: ["SCH-10"],
    edits: inSchedule(AT_ONCE, "and scheduled_at <= coalesce($1::timestamptz, now())"),
  },
];
