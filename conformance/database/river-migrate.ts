import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "./cache.ts";

const SOURCES = fileURLToPath(new URL("../../scripts/river-migrate/", import.meta.url));
const SOURCE_FILES = ["main.go", "go.mod", "go.sum"];

const run = promisify(execFile);

/** Why River's migrator cannot be built here, in words; null means that it can. In CI it always "can", so that a missing Go is a failure. */
export async function riverMigrateMissing(): Promise<string | null> {
  if (process.env.CI) return null;
  return run("go", ["version"]).then(
    () => null,
    () => "Go is not on PATH, so there is no River to compare with",
  );
}

/** Runs River's own migrator v0.51.1: to `version`, 0 being nothing at all; resolves to the versions it applied, in its order. */
export type RiverMigrate = (
  url: string,
  direction: "up" | "down",
  version: number,
  schema: string | null,
) => Promise<number[]>;

/** Builds River's migrator, or takes it from the cache, where it lies by the hash of its sources. */
export async function buildRiverMigrate(): Promise<RiverMigrate> {
  const program = await build();
  return async (url, direction, version, schema) => {
    const args = ["-database-url", url, "-direction", direction, "-version", String(version)];
    const { stdout } = await run(program, schema === null ? args : [...args, "-schema", schema]);
    return stdout.split("\n").filter(Boolean).map(Number);
  };
}

async function build(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of SOURCE_FILES) hash.update(await readFile(join(SOURCES, file))).update("\0");
  const folder = join(cacheFolder(), "river-migrate");
  const program = join(folder, hash.digest("hex").slice(0, 12));
  if (
    await access(program).then(
      () => true,
      () => false,
    )
  )
    return program;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, ".building-"));
  try {
    const made = join(scratch, "river-migrate");
    const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=readonly -buildvcs=false" };
    await run("go", ["build", "-trimpath", "-o", made, "."], { cwd: SOURCES, env });
    // Renamed when whole, so that a build at the same time elsewhere at worst is replaced by its equal.
    await rename(made, program);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return program;
}
