import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { type Job, type JobRow, toJob } from "../job.ts";
import { encodeArgs } from "../json.ts";
import { checkId, checkJson, notFound } from "../validate.ts";

/** What to write; one of the two. */
export interface UpdateParams {
  /** JSON data. */
  readonly output?: unknown;
  /** The output as JSON text, in place of `output`. */
  readonly outputText?: string;
}

/** In UTF-8, 32 MiB, as River 0.51 has it. */
export const MOST_OUTPUT_BYTES = 32 * 1024 * 1024;

// $1 id, $2 output.
const UPDATE = `
update river_job
set metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end
  || jsonb_build_object('output', $2::jsonb)
where river_job.id = $1::bigint
returning id::text as id, state::text as state, attempt::text as attempt, max_attempts::text as max_attempts,
  extract(epoch from attempted_at)::text as attempted_at, extract(epoch from created_at)::text as created_at,
  extract(epoch from finalized_at)::text as finalized_at, extract(epoch from scheduled_at)::text as scheduled_at,
  priority::text as priority, args::text as args, to_json(attempted_by)::text as attempted_by,
  to_json(errors::text[])::text as errors, kind as kind, metadata::text as metadata, queue as queue,
  to_json(tags)::text as tags, encode(unique_key, 'hex') as unique_key, unique_states::text as unique_states`;

/**
 * Writes the output of a job, in any state, into its metadata's `output`, in place of an earlier one. Throws `not_found` if there is no such
 * job, and `invalid` for an output that is missing, longer than 32 MiB or more than JSONB can hold.
 */
export async function update(db: Db, id: bigint, params: UpdateParams): Promise<Job> {
  checkId(id, "id");
  const text = params.outputText ?? encodeOutput(params.output);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MOST_OUTPUT_BYTES) {
    const rule = `output must have ${MOST_OUTPUT_BYTES} bytes at most, but has ${bytes}.`;
    throw new QueueError("invalid", rule, { field: "output" });
  }
  checkJson(text, "output");
  const { rows } = await db.query<JobRow>(UPDATE, [String(id), text]);
  const [row] = rows;
  return row === undefined ? notFound(id) : toJob(row);
}

function encodeOutput(output: unknown): string {
  if (output !== undefined) return encodeArgs(output);
  throw new QueueError("invalid", "output or outputText must be given, but neither is.", {
    field: "output",
  });
}
