import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** What to compile: the entries and all that they import, by paths from the root, and where the result goes. */
export interface Compilation {
  readonly entries: readonly string[];
  /** The folder that becomes `outDir`, from the root. */
  readonly rootDir: string;
  readonly outDir: string;
  /** Whether to write types too. */
  readonly types: boolean;
}

/** Compiles sources to JavaScript modules that import each other by `.js`. Throws what the compiler says. */
export async function compile({ entries, rootDir, outDir, types }: Compilation): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const config = `${outDir}.tsconfig.json`;
  const compilerOptions = {
    composite: false,
    emitDeclarationOnly: false,
    declaration: types,
    rewriteRelativeImportExtensions: true,
    rootDir: join(ROOT, rootDir),
    outDir,
    typeRoots: [join(ROOT, "node_modules", "@types")],
    types: ["node"],
  };
  const files = entries.map((entry) => join(ROOT, entry));
  await writeFile(
    config,
    JSON.stringify({ extends: join(ROOT, "tsconfig.base.json"), compilerOptions, files }),
  );
  await tsc(["-p", config]).finally(() => rm(config));
  if (types) await renameInTypes(outDir);
}

/** Runs the compiler; throws what it says where it finds errors. */
export async function tsc(args: readonly string[], cwd = ROOT): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  const program = join(resolve("typescript/package.json"), "..", "bin", "tsc");
  await run(process.execPath, [program, ...args], { cwd }).catch((error) => {
    throw new Error(`Sources must compile, but do not.\n${error.stdout}${error.stderr}`);
  });
}

/** The compiler renames imports in JavaScript only. */
async function renameInTypes(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const text = await readFile(join(folder, name), "utf8");
    const renamed = text.replaceAll(/(\bfrom |\bimport\()"(\.[^"]*)\.ts"/g, '$1"$2.js"');
    await writeFile(join(folder, name), renamed);
  }
}
