import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";

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

/** Why there is no Go program to start; the message says what to do about it. */
export class RiverGoError extends Error {
  /** `unsupported`: River has this version, but Weir does not build it. `modules`: Go resolved another River than asked for. */
  readonly reason: "go" | "unknown" | "unsupported" | "build" | "modules";

  constructor(reason: RiverGoError["reason"], message: string) {
    super(message);
    this.name = "RiverGoError";
    this.reason = reason;
  }
}

/** A program to build against exactly this River. `files` are paths of the sources; `tags` are the build tags of those that not every version has. */
export type GoProgram = Readonly<{
  name: string;
  version: string;
  files: readonly string[];
  tags: readonly string[];
}>;

/**
 * The path of the program, built on the first call (about half a minute, and a download) and taken from `$WEIR_CACHE` or
 * `~/.cache/weir` after that. Rejects with `RiverGoError`. Several processes may build the same one at once: each result is whole.
 */
export async function buildGo(
  program: GoProgram,
  onProgress: (line: string) => void,
): Promise<string> {
  const { name, version } = program;
  const cache = join(process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir"), name);
  const folder = join(cache, `${version}-${await digest(program.files)}`);
  const command = join(folder, name);
  if (!(await exists(command))) {
    await requireGo(name);
    onProgress(`Building ${name}@${version}, once (up to half a minute)`);
    await build(program, cache, folder);
    onProgress(`Built ${name}@${version}`);
  }
  return command;
}

/** The versions of River that the module proxy lists; none where there is no Go. The list is not complete: it lacks 0.12.0. */
export async function listedVersions(): Promise<readonly string[]> {
  const { failed, output } = await go(["list", "-m", "-versions", RIVER], process.cwd());
  return failed ? [] : (output.match(/(?<=\sv)\d+\.\d+\.\d+(?=\s|$)/g) ?? []);
}

/** The version of River that the module proxy calls the latest. Rejects with `RiverGoError` where it cannot be asked. */
export async function latestVersion(): Promise<string> {
  await requireGo("river-go");
  const { failed, output } = await go(["list", "-m", `${RIVER}@latest`], process.cwd());
  const [, version] = /^\S+ v(\d+\.\d+\.\d+)$/m.exec(output) ?? [];
  if (!failed && version !== undefined) return version;
  throw new RiverGoError(
    "unknown",
    `the Go module proxy must say which River is the latest, but said:\n${tail(output)}`,
  );
}

async function build(program: GoProgram, cache: string, folder: string): Promise<void> {
  const { name, version, files, tags } = program;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, ".building-"));
  try {
    // Only this program's files: Go would look for the packages of all of them, whatever the tags.
    for (const file of files) await copyFile(file, join(scratch, basename(file)));
    await writeFile(join(scratch, "go.mod"), goMod(version));
    const flags = ["-trimpath", "-tags", tags.join(","), "-ldflags", `-X main.asked=${version}`];
    const built = await go(["build", ...flags, "-o", name, "."], scratch);
    if (built.failed) {
      throw new RiverGoError("build", buildMessage(program, built.output));
    }
    await requirePinned(program, scratch);
    await moveInto(scratch, folder, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What River's users read the schedules of periodic jobs with. */
const CRON = "\tgithub.com/robfig/cron/v3 v3.0.1\n";

/** The module's name makes River's internal packages importable. */
function goMod(version: string): string {
  const pins = MODULES.map((path) => `\t${path} v${version}\n`).join("");
  return `module ${RIVER}/weiradapter\n\ngo ${GO_AT_LEAST.join(".")}.0\n\nrequire (\n${pins}${CRON})\n`;
}

/** Where a package is missing, Go silently takes a newer module that has it. */
async function requirePinned({ name, version }: GoProgram, folder: string): Promise<void> {
  const listed = await go(["list", "-m", ...MODULES], folder);
  const expected = MODULES.map((path) => `${path} v${version}`);
  const missing = expected.filter((line) => !listed.output.split("\n").includes(line));
  if (listed.failed || missing.length > 0) {
    throw new RiverGoError(
      "modules",
      `${name} must be built from ${missing.join(", ") || expected[0]}, but Go resolved:\n${tail(listed.output)}`,
    );
  }
}

/** A folder that another process finished in the meantime is as good as ours. */
async function moveInto(scratch: string, folder: string, name: string): Promise<void> {
  try {
    await rename(scratch, folder);
  } catch (error) {
    if (!(await exists(join(folder, name)))) {
      throw error;
    }
  }
}

async function digest(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${basename(file)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}

async function requireGo(name: string): Promise<void> {
  const { failed, output } = await go(["env", "GOVERSION"], process.cwd());
  const found = /^go(\d+)\.(\d+)/m.exec(output);
  const [major, minor] = GO_AT_LEAST;
  if (failed || found === null) {
    throw goMissing(name, "none is on PATH");
  }
  if (Number(found[1]) < major || (Number(found[1]) === major && Number(found[2]) < minor)) {
    throw goMissing(name, `${output.trim()} is on PATH`);
  }
}

function goMissing(name: string, but: string): RiverGoError {
  const needed = GO_AT_LEAST.join(".");
  return new RiverGoError(
    "go",
    `${name} needs Go ${needed} or newer, but ${but}. Install it from go.dev/dl.`,
  );
}

function buildMessage({ name, version }: GoProgram, output: string): string {
  return `${name}@${version} must build, but go build failed. Its last lines:\n${tail(output)}`;
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
