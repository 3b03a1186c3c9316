import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RiverGoError } from "./go-build.ts";
import { buildRiverGo, riverGoVersions } from "./river-go.ts";

const HANDSHAKE = {
  jsonrpc: "2.0",
  id: 1,
  method: "handshake",
  params: { protocol: [1], nonce: "n" },
};

function goIsHere(): boolean {
  try {
    return execFileSync("go", ["version"]).length > 0;
  } catch {
    return false;
  }
}

/** Without Go nothing can be built; in CI that is a failure, elsewhere a skip. */
const skipped = !goIsHere() && !process.env.CI;

async function refusal(version: string): Promise<RiverGoError> {
  const error = await buildRiverGo(version).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RiverGoError);
  return error as RiverGoError;
}

type Ended = Readonly<{ code: number | null; stdout: string; stderr: string }>;

function handshake(command: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [], { env: { PATH: process.env.PATH, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    // An adapter that refuses to start may be gone before it reads anything.
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(`${JSON.stringify(HANDSHAKE)}\n`);
  });
}

test("the versions are listed oldest first", () => {
  expect(riverGoVersions()).toEqual(["0.12.0", "0.12.1", "0.51.1"]);
});

describe("without a build", () => {
  let cache = "";
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "weir-river-go-"));
    vi.stubEnv("WEIR_CACHE", cache);
    vi.stubEnv("PATH", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  test("a version that nobody knows is named with the newest known one", async () => {
    const error = await refusal("0.99.0");
    expect(error.reason).toBe("unknown");
    expect(error.message).toBe(
      "no adapter is called river-go@0.99.0. Newest of 3 known versions: 0.51.1.",
    );
  });

  test("a missing Go is said once, with the place to get it, and leaves nothing behind", async () => {
    const error = await refusal("0.51.1");
    expect(error.reason).toBe("go");
    expect(error.message).toBe(
      "river-go needs Go 1.26 or newer, but none is on PATH. Install it from go.dev/dl.",
    );
    expect(await readdir(cache)).toEqual([]);
  });
});

describe.skipIf(skipped)("with Go (skipped where it is not on PATH, except in CI)", () => {
  test("the newest version builds once and tells its version", { timeout: 180_000 }, async () => {
    const progress: string[] = [];
    const first = await buildRiverGo("0.51.1", (line) => progress.push(line));
    const before = progress.length;
    const second = await buildRiverGo("0.51.1", (line) => progress.push(line));
    expect(second).toEqual(first);
    expect(progress).toHaveLength(before);

    // A handshake needs a URL, but no database behind it.
    const { code, stdout, stderr } = await handshake(first.command, {
      DATABASE_URL: "postgres://127.0.0.1:1/none",
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      id: 1,
      result: { nonce: "n", version: "0.51.1", adapter: "river-go", clock: "database" },
    });
  });

  test("without a database the adapter ends at once with one line", {
    timeout: 180_000,
  }, async () => {
    const { command } = await buildRiverGo("0.51.1");
    expect(await handshake(command, {})).toEqual({
      code: 1,
      stdout: "",
      stderr: "river-go: DATABASE_URL must name the database to use, but is not set\n",
    });
  });
});
