/** Puts a job queue under Weir's test. It only translates: replace what it does by calls of your queue. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Client, DatabaseError } from "pg";

type Job = Readonly<{
  kind: string;
  args: string;
  metadata?: string;
  tags?: readonly string[];
  priority?: number;
  queue?: string;
  max_attempts?: number;
  scheduled_at?: string;
  pending?: boolean;
  unique?: object;
}>;

const INSERT = readFileSync(new URL("insert.sql", import.meta.url), "utf8");

const HANDSHAKE = {
  protocol: 1,
  adapter: "my-adapter",
  implementation: "my-queue",
  version: "0.1.0",
  language: "typescript",
  // Every call brings the time, and nothing here asks a clock.
  clock: "injected",
  // Weir makes River's tables of this version. Leave it out if your queue does, on the first reset.
  migration: 6,
  capabilities: {
    insert: "supported",
    "insert.unique": { unsupported: "to be written" },
    "insert.paths": { unsupported: "to be written" },
    "insert.notify": { unsupported: "to be written" },
  },
};

/** An input that the queue does not take: an answer like any other. */
class Refused extends Error {}

const url = process.env.DATABASE_URL;
if (url === undefined) {
  console.error("DATABASE_URL must name the database to use, but is not set");
  process.exit(1);
}
const db = new Client(url);
await db.connect();

const methods: Readonly<Record<string, (params: never) => unknown>> = {
  handshake: ({ nonce }: { nonce: string }) => ({ ...HANDSHAKE, nonce }),
  async reset() {
    for (const table of ["river_job", "river_queue", "river_leader"]) {
      await db.query(`delete from ${table}`);
    }
    return {};
  },
  insert: async ({ now, job }: { now: string; job: Job }) => (await insertAll(now, [job]))[0],
  insert_many: async ({ now, jobs }: { now: string; jobs: readonly Job[] }) => ({
    jobs: await insertAll(now, jobs),
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const said = await answer(method, params as never);
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...said })}\n`);
}
await db.end();

async function insertAll(now: string, jobs: readonly Job[]): Promise<readonly object[]> {
  if (jobs.length === 0) throw new Refused("jobs must not be empty");
  for (const job of jobs) refuseBad(job);
  const { rows } = await db.query({
    text: INSERT,
    values: [now, JSON.stringify(jobs)],
    rowMode: "array",
  });
  return JSON.parse(rows[0]?.[0]);
}

function refuseBad(job: Job): void {
  const { kind, queue = "default", tags = [], priority = 1, max_attempts: most = 25 } = job;
  const must = (isSo: boolean, rule: string) => {
    if (!isSo) throw new Refused(rule);
  };
  must(kind.length >= 1 && kind.length <= 127, "kind must have 1 to 127 characters");
  must(/^(?=.{1,64}$)[a-z0-9]+([_|-][a-z0-9]+)*$/.test(queue), "queue must be a name");
  must(
    tags.every((tag) => /^(?=.{3,255}$)\w[\w-]+\w$/.test(tag)),
    "tags must be words",
  );
  must(priority >= 1 && priority <= 4, "priority must be 1 to 4");
  must(most >= 1 && most <= 32_767, "max_attempts must be 1 to 32767");
  must(job.metadata?.trimStart().startsWith("{") ?? true, "metadata must be an object");
  must(job.unique === undefined, "unique jobs are to be written");
}

async function answer(method: string, params: never): Promise<object> {
  const handler = methods[method];
  if (handler === undefined) {
    return { error: { code: -32_601, message: `no method is called ${method}` } };
  }
  const refusal = (message: string, data: object) => ({ error: { code: -32_000, message, data } });
  try {
    return { result: await handler(params) };
  } catch (error) {
    if (error instanceof Refused) return refusal(error.message, { code: "invalid" });
    if (!(error instanceof DatabaseError)) throw error;
    const { message, code: sqlstate = "XX000" } = error;
    // Class 22: a value that the database cannot hold, such as \u0000 in args.
    if (sqlstate.startsWith("22")) return refusal(message, { code: "invalid" });
    return refusal(message, { code: "database", sqlstate });
  }
}
