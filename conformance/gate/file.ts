import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { UsageError } from "../cli/exit.ts";
import { parseStory } from "../notation/parse.ts";
import { NotationError } from "../notation/scanner.ts";

const FORMAT = 1;

const entryJson = z.strictObject({
  rule: z.string(),
  /** The whole signature: a rule alone would hide a regression of the same rule. */
  signature: z.string(),
  /** Why it is accepted, for whoever reads this in a year. */
  reason: z.string().trim().min(1),
  link: z.url().exactOptional(),
  /** The last day on which it is accepted, such as 2027-01-31. */
  expires: z.iso.date().exactOptional(),
  /** The steps that show it, a line each; without them only a run that is as long as the file's can say that it is gone. */
  story: z.array(z.string()).min(1).exactOptional(),
});

const fileJson = z.strictObject({
  format: z.literal(FORMAT),
  /** As the adapter calls itself. */
  adapter: z.string(),
  /** Of what is under test, when the file was written. */
  version: z.string(),
  property: z.string(),
  /** How many sequences had been run. */
  runs: z.int().min(0),
  entries: z.array(entryJson),
});

/** One divergence that is known and accepted. */
export type Entry = z.infer<typeof entryJson>;

/** The divergences of one adapter that are known and accepted. */
export type Expectations = z.infer<typeof fileJson>;

/** Reads a file of expectations; null where there is none. Throws a `UsageError` for anything else that is no such file. */
export async function readExpectations(path: string): Promise<Expectations | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new UsageError(`${path} must be a file of expectations, but ${error.message}.`);
  });
  return text === null ? null : parseExpectations(text, path);
}

/** Reads the text of a file of expectations, which `path` names in messages. */
export function parseExpectations(text: string, path: string): Expectations {
  const bad = (what: string) =>
    new UsageError(`${path} must be a file of expectations, but ${what}.`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw bad("is no JSON");
  }
  const { format } = z.looseObject({ format: z.unknown() }).catch({ format: null }).parse(content);
  if (typeof format === "number" && format > FORMAT) {
    throw bad(`has format ${format}, and this Weir reads up to ${FORMAT}. Update Weir`);
  }
  const read = fileJson.safeParse(content);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path.join(".") ?? "";
    throw bad(`is damaged${place === "" ? "" : ` at ${place}`}: ${issue?.message ?? ""}`);
  }
  const seen = new Set<string>();
  for (const [i, entry] of read.data.entries.entries()) {
    const fault = faultOf(entry) ?? (seen.has(entry.signature) ? "its signature twice" : null);
    if (fault !== null) throw bad(`entry ${i + 1} (${entry.rule}) has ${fault}`);
    seen.add(entry.signature);
  }
  return read.data;
}

function faultOf({ rule, signature, story }: Entry): string | null {
  if (!signature.startsWith(`${rule} | `)) return "a signature of another rule";
  try {
    parseStory((story ?? []).join("\n"));
  } catch (error) {
    if (error instanceof NotationError) return `a story that cannot be read: ${error.message}`;
    throw error;
  }
  return null;
}

/** Writes a file of expectations, its entries by signature, a line each, whole or not at all. */
export async function writeExpectations(path: string, expectations: Expectations): Promise<void> {
  const { format, adapter, version, property, runs } = expectations;
  const entries = [...expectations.entries].sort((a, b) => (a.signature < b.signature ? -1 : 1));
  const head = JSON.stringify({ format, adapter, version, property, runs }, null, 2).slice(0, -2);
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, `${head},\n  "entries": ${list}\n}\n`);
    await rename(part, path);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}.`);
  }
}
