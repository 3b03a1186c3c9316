import { copyFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { print, WEIR } from "./terminal.ts";

const SKELETONS = fileURLToPath(new URL("../skeletons/", import.meta.url));

/** The languages in which there is a starting point. */
export const LANGUAGES = ["go", "rust", "python", "typescript"] as const;

/** Runs `weir init-adapter`: writes a working adapter into a folder that is empty or not there yet. */
export async function initAdapter(given: string, folder: string | undefined): Promise<ExitCode> {
  const language = LANGUAGES.find((each) => each === given);
  if (language === undefined) {
    throw new UsageError(`language must be one of ${LANGUAGES.join(", ")}, but is ${given}.`);
  }
  const target = folder ?? `weir-adapter-${language}`;
  const there = await entriesOf(target);
  if (there.length > 0) {
    throw new UsageError(
      `${target} must be empty, but holds ${there[0]}${there.length > 1 ? ` and ${there.length - 1} more` : ""}. Nothing was written; name another folder.`,
    );
  }
  await mkdir(target, { recursive: true });
  await cp(join(SKELETONS, language), target, { recursive: true });
  await copyFile(join(SKELETONS, "insert.sql"), join(target, "insert.sql"));
  await nameCommand(join(target, "README.md"));
  const files = await readdir(target, { recursive: true });
  print(
    `  wrote  ${files.sort().join(", ")}`,
    `  next   ${join(target, "README.md")}: how to build it, and what to do first`,
  );
  return EXIT.pass;
}

/** The commands in a skeleton's README are those of a clone. */
async function nameCommand(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll("npx weir ", `${WEIR} `));
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR")
      throw new UsageError(`${folder} must be a folder, but is a file.`);
    throw error;
  });
}
