import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildGo, RiverGoError } from "../conformance/adapters/go-build.ts";
import { riverGoSources } from "../conformance/adapters/river-go.ts";
import { EXIT } from "../conformance/cli/exit.ts";
import { startEmbeddedPostgres } from "../conformance/database/embedded.ts";

const RIVER = "0.51.1";
const COMMAND = "npm run vectors";
const SOURCES = fileURLToPath(new URL("vectors/", import.meta.url));
const TARGET = fileURLToPath(new URL("../spec/vectors/", import.meta.url));
const SHOWN = 10;

/** The text of each file of `spec/vectors/` by its name, as the real River makes it now: built on demand, on a server of its own. */
export async function generateVectors(): Promise<ReadonlyMap<string, string>> {
  const { files, tags } = await riverGoSources(RIVER);
  const own = (await readdir(SOURCES)).filter((name) => name.endsWith(".go")).sort();
  const command = await buildGo(
    {
      name: "vectors",
      version: RIVER,
      // The adapter's own sources carry a job through River; its main is another.
      files: [
        ...files.filter((file) => basename(file) !== "main.go"),
        ...own.map((name) => join(SOURCES, name)),
      ],
      tags,
    },
    (line) => console.error(line),
  );
  const server = await startEmbeddedPostgres();
  try {
    const { stdout } = await promisify(execFile)(command, [], {
      env: { ...process.env, DATABASE_URL: server.url, TZ: "UTC" },
      maxBuffer: 1 << 28,
    });
    const families: Record<string, readonly object[]> = JSON.parse(stdout);
    return new Map(
      Object.entries(families).map(([name, vectors]) => [`${name}.json`, fileText(vectors)]),
    );
  } finally {
    await server.stop();
  }
}

/** A vector a line, so that a difference of two versions is read line by line. */
function fileText(vectors: readonly object[]): string {
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(",\n");
  const head = `  "river": "${RIVER}",\n  "command": "${COMMAND}",`;
  return `{\n${head}\n  "vectors": [\n${lines}\n  ]\n}\n`;
}

/** Every line of the folder's files that is not in what was made, or the reverse. */
export async function differences(
  made: ReadonlyMap<string, string>,
  folder: string,
): Promise<readonly string[]> {
  const there = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const names = [...new Set([...made.keys(), ...there])].sort();
  const found = names.map(async (name) => {
    const now = (made.get(name) ?? "").split("\n");
    const kept = there.includes(name) ? await readFile(join(folder, name), "utf8") : "";
    const before = kept.split("\n");
    const [isNow, isBefore] = [new Set(now), new Set(before)];
    const changed = [
      ...before.filter((line) => !isNow.has(line)).map((line) => `${name}: - ${line.trim()}`),
      ...now.filter((line) => !isBefore.has(line)).map((line) => `${name}: + ${line.trim()}`),
    ];
    // The same lines in another order.
    return changed.length === 0 && kept !== (made.get(name) ?? "")
      ? [`${name}: reordered`]
      : changed;
  });
  return (await Promise.all(found)).flat();
}

async function main(): Promise<number> {
  const made = await generateVectors();
  const found = await differences(made, TARGET);
  if (!process.argv.includes("--verify")) {
    for (const [name, text] of made) await writeFile(join(TARGET, name), text);
    console.log(`${made.size} files written to spec/vectors/, ${found.length} lines changed.`);
    return 0;
  }
  for (const line of found.slice(0, SHOWN)) console.log(line.slice(0, 400));
  if (found.length > SHOWN) console.log(`and ${found.length - SHOWN} more`);
  console.log(
    found.length === 0
      ? `${made.size} files of spec/vectors/ are what River ${RIVER} makes.`
      : `spec/vectors/ must be what River ${RIVER} makes, but ${found.length} lines differ.`,
  );
  return found.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof RiverGoError)) throw error;
    console.error(error.message);
    process.exitCode = EXIT.adapter;
  }
}
