import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { editionNamed } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { opJson } from "../notation/op-json.ts";
import { UsageError } from "./exit.ts";

/** Where records are kept, below the current folder. */
export const RECORDS = ".weir";

const FORMAT = 1;

const traceJson = z.strictObject({
  format: z.literal(FORMAT),
  weir: z.string(),
  adapter: z.string(),
  edition: z.string(),
  seed: z.int().nullable(),
  rule: z.string(),
  signature: z.string(),
  steps: z.array(opJson),
  /** The first difference, for a reader; a replay finds its own. */
  expected: z.string(),
  got: z.string(),
});

/** A divergence as a file: everything needed to see it again on any adapter, without the generator. */
export type Trace = z.infer<typeof traceJson>;

/** The file's name: the rule, and four digits that tell signatures and adapters apart. */
export function traceName(trace: Trace): string {
  const hash = createHash("sha256").update(`${trace.adapter}\n${trace.signature}`).digest("hex");
  return `${trace.rule}-${hash.slice(0, 4)}.json`;
}

/** Writes a trace to a folder, that of the records where none is named, over an older one of the same name; the path as it can be pasted. */
export async function record(trace: Trace, folder: string = RECORDS): Promise<string> {
  const path = join(folder, traceName(trace));
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(trace, null, 2)}\n`);
  await rename(draft, path);
  return path;
}

/** Reads a trace. Throws a `UsageError` for a file that is missing, no trace, or of a later Weir. */
export async function readTrace(path: string): Promise<Trace> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) throw new UsageError(`no trace is at ${path}.`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} must be a trace, but is no JSON.`);
  }
  const { format } = z.looseObject({ format: z.unknown() }).catch({ format: null }).parse(content);
  if (typeof format === "number" && format > FORMAT) {
    throw new UsageError(
      `${path} has format ${format}, but this Weir reads up to ${FORMAT}. Update Weir.`,
    );
  }
  const read = traceJson.safeParse(content);
  if (!read.success) {
    const issue = read.error.issues[0];
    const place =
      issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
    throw new UsageError(
      `${path} must be a trace, but is damaged${place}: ${issue?.message ?? ""}.`,
    );
  }
  if (editionNamed(read.data.edition) === undefined) {
    throw new UsageError(
      `${path} is of edition ${read.data.edition}, which this Weir does not know.`,
    );
  }
  return read.data;
}

/** Where the records of one of several adapters go, so that two do not overwrite each other's. */
export function recordsOf(adapter: string): string {
  const plain = adapter.replaceAll(/[^\w.@-]+/g, "-").replaceAll(/^[-.]+|-+$/g, "");
  if (plain === adapter) return join(RECORDS, adapter);
  const hash = createHash("sha256").update(adapter).digest("hex").slice(0, 4);
  return join(RECORDS, `${plain.slice(-40)}-${hash}`);
}

const FIXED = "fixed";

/** All traces in the records, those of a matrix in a folder for each adapter, by name. */
export async function listTraces(): Promise<readonly string[]> {
  const entries = await readdir(RECORDS, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((each) => each.isDirectory() && each.name !== FIXED);
  const within = await Promise.all(
    folders.map(async ({ name }) => {
      const names = await readdir(join(RECORDS, name));
      return names.map((each) => join(name, each));
    }),
  );
  const own = entries.filter((each) => !each.isDirectory()).map(({ name }) => name);
  return [...own.toSorted(), ...within.flat().toSorted()]
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(RECORDS, name));
}

/** Moves a record that no longer shows to `.weir/fixed/`. */
export async function setFixed(path: string): Promise<void> {
  const folder = join(dirname(path), FIXED);
  await mkdir(folder, { recursive: true });
  await rename(path, join(folder, basename(path)));
}

/** Whether a text is a rule's id. */
export const isRule = (text: string): text is RuleId => Object.hasOwn(RULES, text);
