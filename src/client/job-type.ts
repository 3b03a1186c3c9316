import type { StandardSchemaV1 } from "@standard-schema/spec";
import { QueueError } from "../errors.ts";
import type { JobState } from "../job.ts";
import { encodeJson } from "../json.ts";
import type { InsertParams } from "../ops/insert.ts";
import type { Micros } from "../time.ts";
import type { UniqueOptions } from "../unique.ts";

/** What makes a job unique; as `UniqueOptions`, with the period in milliseconds. */
export interface UniqueSettings {
  /** All args, or only those at these paths: keys joined by dots. */
  readonly byArgs?: boolean | readonly string[];
  /** A second or more. Periods are counted from year 1, and the one of `scheduledAt` (else of now) is meant. */
  readonly byPeriodMs?: number;
  readonly byQueue?: boolean;
  /** The states in which the job holds its key; must include available, pending, running and scheduled. */
  readonly byState?: readonly JobState[];
  readonly excludeKind?: boolean;
}

/** How a job is inserted. Each option that is absent is taken from the next place: the call, the job's type, the client, River's default. */
export interface JobOptions {
  /** 25 by default. */
  readonly maxAttempts?: number;
  /** JSON data, an object. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Makes the job `pending`, which nothing but a later update ends. */
  readonly pending?: boolean;
  /** 1 (the default) goes first, 4 last. */
  readonly priority?: number;
  /** `default` by default. */
  readonly queue?: string;
  /** Makes the job `scheduled`, even if it is past; null makes it available at once. A number would not tell its unit, so it is none. */
  readonly scheduledAt?: Date | Micros | null;
  readonly tags?: readonly string[];
  readonly unique?: UniqueSettings;
}

/** A job as it is asked for: what a `JobType` makes, or written by hand for a kind that another program works. */
export interface JobRequest {
  readonly kind: string;
  /** JSON data. */
  readonly args?: unknown;
  readonly type?: AnyJobType;
}

/** A kind of job: called with args it makes a request to insert one. */
export interface JobType<Input, Output> {
  (args: Input): JobRequest;
  readonly kind: string;
  readonly schema: StandardSchemaV1<Input, Output> | null;
  readonly options: JobOptions;
}

// biome-ignore lint/suspicious/noExplicitAny: args are contravariant, and only `any` stands for every one of them.
type AnyArgs = any;
/** Any kind of job. */
export type AnyJobType = JobType<AnyArgs, AnyArgs>;

/** What `job` may be told beside the kind. */
export interface JobTypeOptions<Input, Output> extends JobOptions {
  /** Any Standard Schema (zod, valibot, arktype …). Checks args when they are inserted and again, for what it makes of them, when they are worked. */
  readonly args?: StandardSchemaV1<Input, Output>;
}

/**
 * A kind of job with its args' schema and how it is inserted by default. What is stored are the args as given, not what the schema makes of
 * them, so that equal args get equal unique keys from every version of a schema.
 */
export function job<Input = Record<string, never>, Output = Input>(
  kind: string,
  { args: schema, ...options }: JobTypeOptions<Input, Output> = {},
): JobType<Input, Output> {
  const make = (args: Input): JobRequest => ({ kind, args: args ?? {}, type });
  const type: JobType<Input, Output> = Object.assign(make, {
    kind,
    schema: schema ?? null,
    options,
  });
  return type;
}

/** Rejects with `invalid` where a schema refuses the args of its request. */
export async function checkArgs(requests: readonly JobRequest[]): Promise<void> {
  const checks: Promise<unknown>[] = [];
  for (const { kind, args = {}, type } of requests) {
    if (type?.schema) checks.push(accept(type.schema, args, kind));
  }
  await Promise.all(checks);
}

/** The parameters of an insert that a request comes to: what is `own` to it goes before its type's options, and these before `defaults`. Throws `invalid`. */
export function paramsOf(
  { kind, args = {}, type }: JobRequest,
  own: JobOptions | undefined,
  defaults: JobOptions,
): InsertParams {
  const given: JobOptions | null = filled(filled(filled(null, own), type?.options), defaults);
  if (given === null) return { kind, args };
  const { scheduledAt, metadata, unique, ...plain } = given;
  return {
    kind,
    args,
    ...plain,
    ...(metadata !== undefined && { metadata: encodeJson(metadata, "metadata") }),
    ...(scheduledAt !== undefined && { scheduledAt: instant(scheduledAt) }),
    ...(unique !== undefined && { unique: uniqueOf(unique) }),
  };
}

type Given = Record<string, unknown>;

/** With what `place` has of the options that are absent, or `undefined`; null while there are none. */
function filled(given: Given | null, place: JobOptions = {}): Given | null {
  let all = given;
  for (const [option, value] of Object.entries(place)) {
    all ??= {};
    if (all[option] === undefined) all[option] = value;
  }
  return all;
}

function instant(at: Date | Micros | null): Micros | null {
  if (!(at instanceof Date)) return at;
  const millis = at.getTime();
  if (!Number.isNaN(millis)) return BigInt(millis) * 1000n;
  throw new QueueError("invalid", "scheduledAt must be a date, but is an invalid one.", {
    field: "scheduledAt",
  });
}

function uniqueOf({ byPeriodMs, ...rest }: UniqueSettings): UniqueOptions {
  return byPeriodMs === undefined
    ? rest
    : { ...rest, byPeriod: microsOf(byPeriodMs, "byPeriodMs") };
}

/** Milliseconds as microseconds, cut down to whole ones. Throws `invalid`, naming `field`, for what is no finite number. */
export function microsOf(millis: number, field: string): Micros {
  if (Number.isFinite(millis)) return BigInt(Math.trunc(millis * 1000));
  throw new QueueError("invalid", `${field} must be milliseconds, but is ${millis}.`, { field });
}

/** What the schema makes of args. Throws `invalid` with what it says of them. */
export async function accept<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  args: unknown,
  kind: string,
): Promise<Output> {
  const result = await schema["~standard"].validate(args);
  if (result.issues === undefined) return result.value;
  const said = result.issues.map(({ message, path }) => {
    const at = path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return at ? `${at}: ${message}` : message;
  });
  throw new QueueError(
    "invalid",
    `args of ${kind} must fit its schema, but do not. ${said.join("; ")}`,
    {
      field: "args",
    },
  );
}
