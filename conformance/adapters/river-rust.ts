import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("./river-rust/", import.meta.url));
const VERSIONS = ["0.5.0"];
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

/** The versions of the crate `riverqueue` that can be built. */
export const riverRustVersions = (): readonly string[] => VERSIONS;

/**
 * The path of an adapter for exactly this version of the crate `riverqueue`, built on the first call (minutes, and a download) and taken
 * from `$WEIR_CACHE` or `~/.cache/weir` after that. Rejects with `RiverRustError`.
 */
export async function buildRiverRust(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<string> {
  if (!VERSIONS.includes(version)) {
    const message = `no adapter is called river-rust@${version}. Known versions: ${VERSIONS.join(", ")}.`;
    throw new RiverRustError("unknown", message);
  }
  const cache = join(process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir"), "river-rust");
  const folder = join(cache, `${version}-${await digest()}`);
  const command = join(folder, "river-rust");
  if (!(await exists(command))) {
    await requireRust();
    onProgress(`Building river-rust@${version}, once (up to three minutes)`);
    await build(cache, folder);
    onProgress(`Built river-rust@${version}`);
  }
  return command;
}

/** All builds share the crates that they compiled. Several processes may build at once: cargo lets one after the other, and each result is whole. */
async function build(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, ".building-"));
  try {
    for (const name of await sources()) await copyFile(join(SOURCES, name), join(scratch, name));
    const target = join(cache, "target");
    const { failed, output } = await cargo(["build", "--locked"], scratch, target);
    if (failed) {
      const message = `river-rust must build, but cargo failed. Its last lines:\n${tail(output)}`;
      throw new RiverRustError("build", message);
    }
    const made = join(scratch, "made");
    await mkdir(made);
    await copyFile(join(target, "debug", "river-rust"), join(made, "river-rust"));
    await moveInto(made, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A folder that another process finished in the meantime is as good as ours. */
async function moveInto(made: string, folder: string): Promise<void> {
  try {
    await rename(made, folder);
  } catch (error) {
    if (!(await exists(join(folder, "river-rust")))) throw error;
  }
}

async function requireRust(): Promise<void> {
  const { failed, output } = await cargo(["--version"], process.cwd(), "");
  const found = /^cargo (\d+)\.(\d+)/m.exec(output);
  const [major, minor] = RUST_AT_LEAST;
  const isEnough =
    Number(found?.[1]) > major || (Number(found?.[1]) === major && Number(found?.[2]) >= minor);
  if (!failed && isEnough) return;
  const but = failed || found === null ? "none is on PATH" : `${found[0]} is on PATH`;
  const message = `river-rust needs Rust ${RUST_AT_LEAST.join(".")} or newer, but ${but}. Install it from rustup.rs.`;
  throw new RiverRustError("rust", message);
}

/** `Cargo.lock` pins every crate. */
async function sources(): Promise<readonly string[]> {
  return (await readdir(SOURCES)).filter((name) => /\.(rs|toml|lock)$/.test(name)).sort();
}

async function digest(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of await sources()) {
    hash.update(`${name}\0`).update(await readFile(join(SOURCES, name)));
  }
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
