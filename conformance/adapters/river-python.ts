import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("./river-python/main.py", import.meta.url));
/** The first Python that can import riverqueue, whatever its metadata say. */
const PYTHON_AT_LEAST = [3, 10] as const;
/** Releases of riverqueue whose interface `main.py` speaks. */
const VERSIONS: readonly string[] = ["0.7.0"];
/** What riverqueue works with. It allows SQLAlchemy 2.1, with which it cannot be imported, as that leaves out greenlet. */
const PINNED: readonly string[] = ["sqlalchemy==2.0.58", "psycopg2-binary==2.9.13"];

const TAIL_LINES = 5;

/** Why there is no river-python to start; the message says what to do about it. */
export class RiverPythonError extends Error {
  /** `unsupported`: no such version, or none that Weir has an adapter for. */
  readonly reason: "python" | "unsupported" | "install";

  constructor(reason: RiverPythonError["reason"], message: string) {
    super(message);
    this.name = "RiverPythonError";
    this.reason = reason;
  }
}

/** The riverqueue versions that can be checked. */
export const riverPythonVersions = (): readonly string[] => VERSIONS;

/**
 * What starts the adapter for exactly this riverqueue, in a folder of its own that is installed on the first call, below `$WEIR_CACHE`
 * or `~/.cache/weir`. Rejects with `RiverPythonError`. Several processes may do so at once: each result is whole.
 */
export async function installRiverPython(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<readonly string[]> {
  if (!VERSIONS.includes(version)) {
    throw new RiverPythonError(
      "unsupported",
      `no adapter is called river-python@${version}. Known: ${VERSIONS.map((each) => `river-python@${each}`).join(", ")}.`,
    );
  }
  const python = await requirePython();
  const wanted = [`riverqueue==${version}`, ...PINNED];
  const cache = join(process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir"), "river-python");
  const hash = createHash("sha256").update(JSON.stringify([wanted, python.version]));
  const digest = hash
    .update(await readFile(SOURCE))
    .digest("hex")
    .slice(0, 12);
  const folder = join(cache, `${version}-${digest}`);
  if (!(await exists(join(folder, "main.py")))) {
    onProgress(`Installing riverqueue ${version}, once (some seconds)`);
    await install(python.path, wanted, folder);
    onProgress(`Installed riverqueue ${version}`);
  }
  return [python.path, join(folder, "main.py")];
}

/** The script stands beside its packages, where Python looks first: such a folder can be moved, unlike a virtual environment. */
async function install(python: string, wanted: readonly string[], folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), ".installing-"));
  try {
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const done = await run(python, [...pip, "--target", scratch, ...wanted]);
    if (done.failed) {
      const last = done.output.trim().split("\n").slice(-TAIL_LINES).join("\n");
      throw new RiverPythonError(
        "install",
        `${wanted[0]} must be installed, but pip failed. Its last lines:\n${last}`,
      );
    }
    await copyFile(SOURCE, join(scratch, "main.py"));
    // If another process was first, what it installed is the same.
    await rename(scratch, folder).catch(async (error: unknown) => {
      if (!(await exists(join(folder, "main.py")))) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function requirePython(): Promise<Readonly<{ path: string; version: string }>> {
  const print = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2], sep='\\n')";
  const { failed, output } = await run("python3", ["-c", print]);
  const [path = "", version = ""] = output.trim().split("\n");
  const [major, minor] = version.split(".").map(Number);
  if (failed || major === undefined || minor === undefined) {
    throw pythonMissing("none is on PATH");
  }
  const [least, atLeast] = PYTHON_AT_LEAST;
  if (major < least || (major === least && minor < atLeast)) {
    throw pythonMissing(`Python ${version} is on PATH`);
  }
  return { path, version };
}

function pythonMissing(but: string): RiverPythonError {
  const needed = PYTHON_AT_LEAST.join(".");
  return new RiverPythonError(
    "python",
    `river-python needs Python ${needed} or newer, but ${but}. Install it from python.org.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function run(
  file: string,
  args: readonly string[],
): Promise<Readonly<{ failed: boolean; output: string }>> {
  return new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}
