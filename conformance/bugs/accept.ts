import { DEFAULT_UNIQUE_STATES, REQUIRED_UNIQUE_STATES } from "../../spec/model/key.ts";
import type { InsertJob } from "../../spec/model/op.ts";
import type { Bug } from "./bug.ts";
import { eachJob, eachUnique, isObject, jsonOr } from "./repair.ts";

const QUEUE = /^[a-z0-9]+(?:[_|-][a-z0-9]+)*$/;
const TAG = /^\w[\w-]+\w$/;

const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), most);

const isStorable = (text: string): boolean => !/\\u0000|\\ud[89ab]|e\d{6}/i.test(text);

/** The job with an option rewritten, where it has one. */
const mended =
  <K extends keyof InsertJob>(
    option: K,
    mend: (value: NonNullable<InsertJob[K]>) => InsertJob[K],
  ) =>
  (job: InsertJob): InsertJob => {
    const value = job[option];
    return value === undefined || value === null ? job : { ...job, [option]: mend(value) };
  };

/** Bugs of insert that accept what must be refused, by mending it in silence. */
export const ACCEPT_BUGS: readonly Bug[] = [
  {
    name: "insert-nothing-accepted",
    origin: "invented",
    what: "An empty list of jobs is accepted.",
    breaks: ["INS-17"],
    edits: [],
    reply: (reply) =>
      reply.op === "refused" && reply.message.startsWith("jobs must hold at least one job")
        ? { op: "insert", jobs: [] }
        : reply,
  },
  {
    name: "insert-any-queue-name",
    origin: "invented",
    what: "A queue with an impossible name becomes the default one.",
    breaks: ["INS-18"],
    edits: [],
    op: eachJob(
      mended("queue", (queue) => (queue.length <= 64 && QUEUE.test(queue) ? queue : "default")),
    ),
  },
  {
    name: "insert-any-tag",
    origin: "invented",
    what: "Impossible tags are left out.",
    breaks: ["INS-19"],
    edits: [],
    op: eachJob(mended("tags", (tags) => tags.filter((tag) => tag.length <= 255 && TAG.test(tag)))),
  },
  {
    name: "insert-any-priority",
    origin: "invented",
    what: "A priority out of range becomes the nearest one.",
    breaks: ["INS-20"],
    edits: [],
    op: eachJob(mended("priority", (priority) => clamp(priority, 1, 4))),
  },
  {
    name: "insert-any-period",
    origin: "invented",
    what: "A period under a second becomes a second.",
    breaks: ["INS-21"],
    edits: [],
    op: eachUnique((unique) =>
      unique.byPeriod === undefined
        ? unique
        : { ...unique, byPeriod: Math.max(unique.byPeriod, 1_000_000) },
    ),
  },
  {
    name: "insert-any-states",
    origin: "River 0.12: such masks lost their key on the way",
    what: "Unique states that lack a required one are accepted.",
    breaks: ["INS-22"],
    edits: [],
    op: eachUnique((unique) => ({
      ...unique,
      byState: [
        ...new Set([...(unique.byState ?? DEFAULT_UNIQUE_STATES), ...REQUIRED_UNIQUE_STATES]),
      ],
    })),
  },
  {
    name: "insert-exclude-kind-alone",
    origin: "River 0.12–0.47, PR 1404",
    what: "To exclude the kind and nothing else is accepted, and not unique.",
    breaks: ["INS-23"],
    edits: [],
    op: eachUnique((unique) => {
      const { excludeKind, byArgs, byQueue, byPeriod } = unique;
      const isAlone = excludeKind === true && !byArgs && !byQueue && byPeriod === undefined;
      return isAlone ? null : unique;
    }),
  },
  {
    name: "insert-unique-by-any-args",
    origin: "invented",
    what: "Args that are no object are accepted for uniqueness, which is dropped.",
    breaks: ["INS-24"],
    edits: [],
    op: eachUnique((unique, { args = "{}" }) =>
      unique.byArgs && jsonOr(args, "", isObject) === "" && isStorable(args) ? null : unique,
    ),
  },
  {
    name: "insert-any-attempts",
    origin: "River to this day (0.51.1)",
    what: "A maximum of attempts out of range becomes the nearest one.",
    breaks: ["INS-25"],
    edits: [],
    op: eachJob(mended("maxAttempts", (attempts) => clamp(attempts, 1, 32_767))),
  },
  {
    name: "insert-any-kind",
    origin: "invented",
    what: "A kind that is empty or too long is mended.",
    breaks: ["INS-26"],
    edits: [],
    op: eachJob(mended("kind", (kind) => (kind === "" ? "none" : kind.slice(0, 127)))),
  },
  {
    name: "insert-any-metadata",
    origin: "River to this day (0.51.1)",
    what: "Metadata that is no object is accepted.",
    breaks: ["INS-27"],
    edits: [],
    op: eachJob(mended("metadata", (metadata) => jsonOr(metadata, "{}", isObject))),
  },
  {
    name: "insert-any-args",
    origin: "invented",
    what: "Args that the database cannot hold are replaced by none.",
    breaks: ["INS-28"],
    edits: [],
    op: eachJob(mended("args", (args) => (isStorable(args) ? args : "{}"))),
  },
];
