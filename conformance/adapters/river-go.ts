import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("./river-go/", import.meta.url));

/**
 * River's Go API differs from version to version; each range has one file of its own,
 * `compat_<range>.go`, built with the tag `river_<range>`. Oldest version first.
 */
const RANGE_OF: ReadonlyMap<string, string> = new Map([
  ["0.12.0", "0_12"],
  ["0.12.1", "0_12"],
  ["0.51.1", "0_51"],
]);

const RIVER = "github.com/riverqueue/river";
const MODULES = [
  RIVER,
  `${RIVER}/riverdriver`,
  `${RIVER}/riverdriver/riverpgxv5`,
  `${RIVER}/rivershared`,
  `${RIVER}/rivertype`,
];
const GO_AT_LEAST = [1, 26] as const;
const TAIL_LINES = 20;

/** Why there is no river-go adapter to start; the message says what to do about it. */
export class RiverGoError extends Error {
  /** `unsupported`: River has this version, but Weir does not build it. `modules`: Go resolved another River than asked for. */
  readonly reason: "go" | "unknown" | "unsupported" | "build" | "modules";

  constructor(reason: RiverGoError["reason"], message: string) {
    super(message);
    this.name = "RiverGoError";
    this.reason = reason;
  }
}

/** What to start, and the River version that is built into it. */
export type RiverGo = Readonly<{ command: string; version: string }>;

/** The River versions that can be built, oldest first, without a leading `v`. */
export function riverGoVersions(): readonly string[] {
  return [...RANGE_OF.keys()];
}

/**
 * The path of an adapter for exactly this River version, built on the first call (about half a
 * minute, and a download) and taken from `$WEIR_CACHE` or `~/.cache/weir` after that. Rejects with
 * `RiverGoError`. Several processes may build the same version at once: each result is whole.
 */
export async function buildRiverGo(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<RiverGo> {
  const range = RANGE_OF.get(version);
  if (range === undefined) {
    throw await unavailable(version);
  }
  const files = await sourcesOf(range);
  const cache = join(process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir"), "river-go");
  const folder = join(cache, `${version}-${await digest(files)}`);
  const command = join(folder, "river-go");
  if (!(await exists(command))) {
    await requireGo();
    onProgress(`Building river-go@${version}, once (up to half a minute)`);
    await build({ version, range, files, cache, folder });
    onProgress(`Built river-go@${version}`);
  }
  return { command, version };
}

type Build = Readonly<{
  version: string;
  range: string;
  files: readonly string[];
  cache: string;
  folder: string;
}>;

async function build({ version, range, files, cache, folder }: Build): Promise<void> {
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, ".building-"));
  try {
    // Only this range's files: Go would look for the packages of all of them, whatever the tags.
    for (const file of files) {
      await copyFile(join(SOURCES, file), join(scratch, file));
    }
    await writeFile(join(scratch, "go.mod"), goMod(version));
    const flags = ["-trimpath", "-tags", `river_${range}`, "-ldflags", `-X main.asked=${version}`];
    const built = await go(["build", ...flags, "-o", "river-go", "."], scratch);
    if (built.failed) {
      throw new RiverGoError("build", buildMessage(version, built.output));
    }
    await requirePinned(version, scratch);
    await moveInto(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The module's name makes River's internal packages importable. */
function goMod(version: string): string {
  const pins = MODULES.map((path) => `\t${path} v${version}\n`).join("");
  return `module ${RIVER}/weiradapter\n\ngo ${GO_AT_LEAST.join(".")}.0\n\nrequire (\n${pins})\n`;
}

/** Where a package is missing, Go silently takes a newer module that has it. */
async function requirePinned(version: string, folder: string): Promise<void> {
  const listed = await go(["list", "-m", ...MODULES], folder);
  const expected = MODULES.map((path) => `${path} v${version}`);
  const missing = expected.filter((line) => !listed.output.split("\n").includes(line));
  if (listed.failed || missing.length > 0) {
    throw new RiverGoError(
      "modules",
      `river-go must be built from ${missing.join(", ") || expected[0]}, but Go resolved:\n${tail(listed.output)}`,
    );
  }
}

/** A folder that another process finished in the meantime is as good as ours. */
async function moveInto(scratch: string, folder: string): Promise<void> {
  try {
    await rename(scratch, folder);
  } catch (error) {
    if (!(await exists(join(folder, "river-go")))) {
      throw error;
    }
  }
}

async function sourcesOf(range: string): Promise<readonly string[]> {
  const all = (await readdir(SOURCES)).filter((name) => name.endsWith(".go"));
  return all
    .filter((name) => !name.startsWith("compat_") || name === `compat_${range}.go`)
    .filter((name) => !name.endsWith("_test.go"))
    .sort();
}

async function digest(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\0`).update(await readFile(join(SOURCES, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

async function requireGo(): Promise<void> {
  const { failed, output } = await go(["env", "GOVERSION"], SOURCES);
  const found = /^go(\d+)\.(\d+)/m.exec(output);
  const [major, minor] = GO_AT_LEAST;
  if (failed || found === null) {
    throw goMissing("none is on PATH");
  }
  if (Number(found[1]) < major || (Number(found[1]) === major && Number(found[2]) < minor)) {
    throw goMissing(`${output.trim()} is on PATH`);
  }
}

function goMissing(but: string): RiverGoError {
  const needed = GO_AT_LEAST.join(".");
  return new RiverGoError(
    "go",
    `river-go needs Go ${needed} or newer, but ${but}. Install it from go.dev/dl.`,
  );
}

/** The module proxy's list is not complete (it lacks 0.12.0), so our own versions count as known too. */
async function unavailable(version: string): Promise<RiverGoError> {
  const { failed, output } = await go(["list", "-m", "-versions", RIVER], SOURCES);
  const listed = failed ? [] : (output.match(/(?<=\sv)\d+\.\d+\.\d+(?=\s|$)/g) ?? []);
  const known = [...new Set([...listed, ...riverGoVersions()])].sort(byVersion);
  if (known.includes(version)) {
    const supported = riverGoVersions().join(", ");
    return new RiverGoError(
      "unsupported",
      `River has a version ${version}, but Weir has no adapter for it yet. Take one of ${supported}.`,
    );
  }
  return new RiverGoError(
    "unknown",
    `no adapter is called river-go@${version}. Newest of ${known.length} known versions: ${known.at(-1)}.`,
  );
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function buildMessage(version: string, output: string): string {
  return `river-go@${version} must build, but go build failed. Its last lines:\n${tail(output)}`;
}

function tail(output: string): string {
  return output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Both of Go's output streams together, as its errors refer to its progress. */
function go(
  args: readonly string[],
  cwd: string,
): Promise<Readonly<{ failed: boolean; output: string }>> {
  const env = { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false", GOWORK: "off" };
  return new Promise((resolve) => {
    execFile("go", args, { cwd, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}
