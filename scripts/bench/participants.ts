import { execFile } from "node:child_process";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildGo } from "../../conformance/adapters/go-build.ts";
import { cacheFolder } from "../../conformance/database/cache.ts";
import { compile, ROOT } from "../pack/compile.ts";
import { Child } from "./child.ts";

/** A queue that can be measured. */
export interface Participant {
  readonly name: string;
  /** The table that holds its jobs, and the SQL of whether there is one that has not come to its end. */
  readonly table: string;
  readonly unfinished: string;
  /** Starts it on a database. */
  spawn(url: string): Child;
}

/** A peer, or why there is none here. */
export type Peer = Participant | { readonly name: string; readonly missing: string };

/** The newest that run on Node 20. */
const PACKAGES = ["graphile-worker@0.17.3", "pg-boss@10.4.2"];
const RIVER = "0.51.1";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Where the scripts lie once they are compiled, in reach of the repository's packages. */
const COMPILED = join(ROOT, "dist", "bench");
const SCRIPTS = ["weir", "bare", "pglite", "graphile", "pg-boss"];
const script = (name: string): readonly string[] => [
  process.execPath,
  join(COMPILED, "scripts", "bench", "peers", `${name}.js`),
];

const RIVER_JOBS = {
  table: "river_job",
  unfinished: "select from river_job where state in ('available', 'running') limit 1",
};

function participant(
  name: string,
  { table, unfinished }: Pick<Participant, "table" | "unfinished">,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Participant {
  const spawn = (url: string) => new Child(name, command, { ...env, DATABASE_URL: url });
  return { name, table, unfinished, spawn };
}

/** Compiles what runs in processes of its own, as users get it. To be called first. */
export async function compileParticipants(): Promise<void> {
  await rm(COMPILED, { recursive: true, force: true });
  const entries = SCRIPTS.map((name) => `scripts/bench/peers/${name}.ts`);
  await compile({ entries, rootDir: ".", outDir: COMPILED, types: false });
}

/** Weir's client. */
export const WEIR = participant("Weir", RIVER_JOBS, script("weir"));

/** The same with a heap that is too small for anything to be left lying in it: what it holds then is what it needs. */
export const TIGHT = participant("Weir", RIVER_JOBS, [
  process.execPath,
  "--max-old-space-size=24",
  "--max-semi-space-size=4",
  ...script("weir").slice(1),
]);

/** Weir's client on a PGlite in its own process. */
export const PGLITE = participant("Weir on PGlite", RIVER_JOBS, script("pglite"));

/** Fetch and finish alone in a loop on each of two connections; a bare `insert … select unnest`. */
export const BARE = participant("bare", RIVER_JOBS, script("bare"));

/** Other queues, installed on the first call, below `$WEIR_CACHE` or `~/.cache/weir`. */
export async function findPeers(onProgress: (line: string) => void): Promise<readonly Peer[]> {
  const river = available("River Go", async () => {
    const files = [here("peers/river.go")];
    const program = { name: "bench-river", version: RIVER, files, tags: [] };
    return participant("River Go", RIVER_JOBS, [await buildGo(program, onProgress)]);
  });
  const folder = installPackages(onProgress);
  const graphile = available("graphile-worker", async () => {
    const table = "graphile_worker._private_jobs";
    const jobs = { table, unfinished: `select from ${table} limit 1` };
    return participant("graphile-worker", jobs, script("graphile"), { PEERS: await folder });
  });
  const boss = available("pg-boss", async () => {
    const table = "pgboss.job";
    const unfinished = `select from ${table} where name = 'bench' and state < 'completed' limit 1`;
    return participant("pg-boss", { table, unfinished }, script("pg-boss"), {
      PEERS: await folder,
    });
  });
  return Promise.all([river, graphile, boss]);
}

async function available(name: string, make: () => Promise<Participant>): Promise<Peer> {
  try {
    return await make();
  } catch (error) {
    return { name, missing: (error as Error).message.split("\n")[0] ?? "" };
  }
}

/** Resolves to the folder in which they can be required. */
async function installPackages(onProgress: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), "bench", PACKAGES.join("_"));
  const done = join(folder, "installed");
  try {
    await access(done);
  } catch {
    onProgress(`Installing ${PACKAGES.join(" and ")}, once`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const flags = ["--prefix", folder, "--no-audit", "--no-fund", "--loglevel", "error"];
    await promisify(execFile)("npm", ["install", ...flags, ...PACKAGES]);
    await writeFile(done, "");
  }
  return folder;
}
