import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";

const RUST_AT_LEAST = [1, 95] as const;
const TAIL_LINES = 20;

/** Why there is no Rust program to start; the message says what to do about it. */
export class RiverRustError extends Error {
  readonly reason: "rust" | "unknown" | "build";

  constructor(reason: RiverRustError["reason"], message: string) {
    super(message);
    this.name = "RiverRustError";
    this.reason = reason;
  }
}

/** A program to build against the crate `riverqueue`. */
export type RustProgram = Readonly<{
  /** Of the program, and of its package. */
  name: string;
  /** Of the crate. */
  version: string;
  /** Paths of all that cargo needs, `Cargo.toml` and the `Cargo.lock` that pins every crate among them. */
  files: readonly string[];
  /** Whether the lock was written for another package, whose dependencies are this one's too. */
  isLockBorrowed: boolean;
}>;

/**
 * The path of the program, built on the first call (minutes, and a download) and taken from `$WEIR_CACHE` or `~/.cache/weir` after
 * that. Rejects with `RiverRustError`.
 */
export async function buildRust(
  program: RustProgram,
  onProgress: (line: string) => void,
): Promise<string> {
  const { name, version } = program;
  // All programs share the crates that they compiled.
  const cache = join(process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir"), "river-rust");
  const folder = join(cache, `${version}-${await digest(program.files)}`);
  const command = join(folder, name);
  if (!(await exists(command))) {
    await requireRust(name);
    onProgress(`Building ${name}@${version}, once (up to three minutes)`);
    await build(program, cache, folder);
    onProgress(`Built ${name}@${version}`);
  }
  return command;
}

/** Several processes may build at once: cargo lets one after the other, and each result is whole. */
async function build(program: RustProgram, cache: string, folder: string): Promise<void> {
  const { name, files, isLockBorrowed } = program;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, ".building-"));
  try {
    for (const file of files) await copyFile(file, join(scratch, basename(file)));
    const target = join(cache, "target");
    // In a borrowed lock cargo writes the package's own name, and keeps the versions.
    const args = isLockBorrowed ? ["build"] : ["build", "--locked"];
    const { failed, output } = await cargo(args, scratch, target);
    if (failed) {
      const message = `${name} must build, but cargo failed. Its last lines:\n${tail(output)}`;
      throw new RiverRustError("build", message);
    }
    const made = join(scratch, "made");
    await mkdir(made);
    await copyFile(join(target, "debug", name), join(made, name));
    await moveInto(made, folder, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A folder that another process finished in the meantime is as good as ours. */
async function moveInto(made: string, folder: string, name: string): Promise<void> {
  try {
    await rename(made, folder);
  } catch (error) {
    if (!(await exists(join(folder, name)))) throw error;
  }
}

async function requireRust(name: string): Promise<void> {
  const { failed, output } = await cargo(["--version"], process.cwd(), "");
  const found = /^cargo (\d+)\.(\d+)/m.exec(output);
  const [major, minor] = RUST_AT_LEAST;
  const isEnough =
    Number(found?.[1]) > major || (Number(found?.[1]) === major && Number(found?.[2]) >= minor);
  if (!failed && isEnough) return;
  const but = failed || found === null ? "none is on PATH" : `${found[0]} is on PATH`;
  const message = `${name} needs Rust ${RUST_AT_LEAST.join(".")} or newer, but ${but}. Install it from rustup.rs.`;
  throw new RiverRustError("rust", message);
}

async function digest(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${basename(file)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
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

/** Both of cargo's output streams together, as its errors refer to its progress. */
function cargo(
  args: readonly string[],
  cwd: string,
  target: string,
): Promise<Readonly<{ failed: boolean; output: string }>> {
  const env = { ...process.env, CARGO_TARGET_DIR: target, CARGO_TERM_COLOR: "never" };
  return new Promise((resolve) => {
    execFile("cargo", args, { cwd, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}
