import { execFile } from "node:child_process";
import { copyFile, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./pack/compile.ts";
import { makeConformance } from "./pack/conformance.ts";
import { problemsOf } from "./pack/problems.ts";
import { makeQueue } from "./pack/queue.ts";

const run = promisify(execFile);

/** The paths of both packages, packed. */
export type Packed = Readonly<{ queue: string; conformance: string }>;

/** Builds both packages in `out`, which is emptied first, and packs them as npm would publish them. */
export async function pack(out: string): Promise<Packed> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const queue = await packOne(out, await makeQueue(out));
  const conformance = await packOne(out, await makeConformance(out));
  return { queue, conformance };
}

async function packOne(out: string, manifest: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = join(out, String(manifest.name));
  await copyFile(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await run("npm", ["pack", "--pack-destination", out, "--ignore-scripts"], { cwd: folder });
  return join(out, `${manifest.name}-${manifest.version}.tgz`);
}

if (process.argv[1] === import.meta.filename) {
  const packed = await pack(join(ROOT, "dist"));
  for (const path of Object.values(packed)) {
    const problems = await problemsOf(path);
    const { size } = await stat(path);
    const verdict = problems.length === 0 ? "publint and attw find nothing" : problems.join("\n  ");
    console.log(`${relative(ROOT, path)}  ${Math.ceil(size / 1024)} kB\n  ${verdict}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}
