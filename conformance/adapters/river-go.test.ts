import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { RiverGoError } from "./go-build.ts";
import { processAdapter } from "./process.ts";
import {
  buildRiverGo,
  compareVersions,
  PUBLISHED,
  resolveRiverGo,
  riverGoSources,
  riverGoVersions,
} from "./river-go.ts";

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

/** One of each time in which River's Go API was the same to the adapter; all of them are tried with `WEIR_RIVER_GO=all`. */
const SOME = ["0.12.1", "0.17.0", "0.23.1", "0.28.0", "0.40.0", "0.47.0", "0.51.1"];
const probed = process.env.WEIR_RIVER_GO === "all" ? PUBLISHED : SOME;

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

test("files and tags follow a version's place among the releases, not a list of names", async () => {
  const sources = async (version: string) => {
    const { files, tags } = await riverGoSources(version);
    return { names: files.map((file) => basename(file)), tags };
  };
  const oldest = await sources("0.12.0");
  expect(oldest.tags).toEqual([]);
  expect(oldest.names).toContain("fetched_before_0_48.go");
  expect(oldest.names.filter((name) => name.includes("_since_"))).toEqual([]);

  const between = await sources("0.20.2");
  expect(between.tags).toEqual(["river_since_0_17", "river_since_0_18", "river_since_0_20"]);
  expect(between.names).toContain("report_since_0_17.go");
  expect(between.names).not.toContain("report_before_0_17.go");

  const newest = await sources("0.51.1");
  expect(newest.tags).toContain("river_since_0_48");
  expect(newest.names.filter((name) => name.includes("_before_"))).toEqual([]);
});

test("each file's name and build constraint say the same", async () => {
  const folder = new URL("./river-go/", import.meta.url);
  for (const name of await readdir(folder)) {
    const [, word, release] = /_(since|before)_([\d_]+)\.go$/.exec(name) ?? [];
    const [first] = (await readFile(new URL(name, folder), "utf8")).split("\n");
    const wanted = `//go:build ${word === "before" ? "!" : ""}river_since_${release}`;
    expect(first, name).toEqual(word === undefined ? expect.not.stringContaining("build") : wanted);
  }
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

  test("the versions are listed oldest first, also without the module proxy", async () => {
    const versions = await riverGoVersions();
    expect(versions.slice(0, 4)).toEqual(["0.12.0", "0.12.1", "0.13.0", "0.14.0"]);
    expect(versions.at(-1)).toBe("0.51.1");
    expect([...versions].sort(compareVersions)).toEqual(versions);
  });

  const REFUSED: readonly (readonly [string, RiverGoError["reason"], string])[] = [
    [
      "0.99.0",
      "unknown",
      "no adapter is called river-go@0.99.0. Newest of 54 known versions: 0.51.1.",
    ],
    ["0.51", "unknown", "no adapter is called river-go@0.51. Newest of 54 known versions: 0.51.1."],
    [
      "0.27.1",
      "unsupported",
      "River published 0.27.1, but the Go module proxy does not have it. Take the version before or after it.",
    ],
    [
      "0.11.4",
      "unsupported",
      "River must be 0.12.0 or newer, but is 0.11.4. Take a later version.",
    ],
    [
      "latest",
      "go",
      "river-go needs Go 1.26 or newer, but none is on PATH. Install it from go.dev/dl.",
    ],
  ];
  test.each(REFUSED)("%s is refused", async (version, reason, message) => {
    const error = await refusal(version);
    expect(error.message).toBe(message);
    expect(error.reason).toBe(reason);
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

  test("latest is a version by number", { timeout: 60_000 }, async () => {
    const latest = await resolveRiverGo("latest");
    expect(latest).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await riverGoVersions()).at(-1)).toBe(latest);
  });

  test.each(probed)("%s keeps what it claims", { timeout: 300_000 }, async (version) => {
    const { command } = await buildRiverGo(version);
    const adapter = await processAdapter({ command: [command], serverUrl: inject("postgresUrl") });
    try {
      expect(adapter.about.version).toBe(version);
      await adapter.probe();
      for (const [name, support] of Object.entries(adapter.about.capabilities)) {
        const since = typeof support === "object" && "since" in support ? support.since : undefined;
        if (since !== undefined) expect(compareVersions(version, since), name).toBeLessThan(0);
      }
    } finally {
      await adapter.close();
    }
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
