import { execFile, spawnSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { LANGUAGES } from "./init-adapter.ts";
import { weirIn } from "./spawn.ts";

const url = inject("postgresUrl");
const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const tsx = fileURLToPath(import.meta.resolve("tsx"));
const cargoCache = join(homedir(), ".cache", "weir", "skeleton-rust");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-init-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const weir = weirIn(() => folder);

type Skeleton = Readonly<{
  tool: readonly [string, ...string[]];
  /** Builds what is in the folder, and gives the command that starts it. */
  build: (at: string) => Promise<string>;
}>;

const BUILDS: Readonly<Record<(typeof LANGUAGES)[number], Skeleton>> = {
  go: {
    tool: ["go", "version"],
    build: async (at) => {
      await run("go", ["mod", "tidy"], { cwd: at });
      await run("go", ["vet", "."], { cwd: at });
      await run("go", ["build", "-o", "adapter", "."], { cwd: at });
      return join(at, "adapter");
    },
  },
  rust: {
    tool: ["cargo", "--version"],
    build: async (at) => {
      const env = { ...process.env, CARGO_TARGET_DIR: cargoCache };
      await run("cargo", ["build", "--quiet"], { cwd: at, env });
      // The next build puts its own where this one is.
      await cp(join(cargoCache, "debug", "my-adapter"), join(at, "adapter"));
      return join(at, "adapter");
    },
  },
  python: {
    tool: ["python3", "-m", "venv", "--help"],
    build: async (at) => {
      await run("python3", ["-m", "venv", ".venv"], { cwd: at });
      const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
      await run(join(at, ".venv/bin/python"), [...pip, "-r", "requirements.txt"], { cwd: at });
      return `${join(at, ".venv/bin/python")} ${join(at, "adapter.py")}`;
    },
  },
  typescript: {
    tool: [process.execPath, "--version"],
    // Its packages are among Weir's own.
    build: async (at) => {
      await symlink(modules, join(at, "node_modules"));
      return `"${process.execPath}" --import "${tsx}" ${join(at, "adapter.ts")}`;
    },
  },
};

describe.each(LANGUAGES)("a new adapter in %s", (language) => {
  const { tool, build } = BUILDS[language];
  const [program, ...args] = tool;
  const isOwed = spawnSync(program, args).status === 0 || process.env.CI !== undefined;
  const name = isOwed
    ? "builds, keeps its claims, and nothing that it does differs"
    : `(skipped: no ${program} on PATH)`;

  test.skipIf(!isOwed)(name, { timeout: 400_000 }, async () => {
    const at = join(folder, language);
    const made = await weir(["init-adapter", language, at]);
    expect(made, made.err).toMatchObject({ code: 0 });
    const command = await build(at);
    const adapter = ["--adapter", command, "--database", url];

    const smoke = await weir(["smoke", ...adapter, "--json"]);
    const seen = JSON.parse(smoke.out);
    expect(seen).toMatchObject({ broken: [], ended: null, exit: 0 });
    // What it leaves to be written is what pays next.
    expect(JSON.stringify(seen.ladder)).toContain("insert.unique");

    const limits = ["--property", "insert", "--runs", "20", "--seed", "42"];
    const { code, out, err } = await weir(["check", ...adapter, ...limits, "--json"]);
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      events.filter(({ event }) => event === "finding"),
      err,
    ).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: "footer" });
    // Twenty sequences need not try every rule.
    expect([0, 2]).toContain(code);
  });
});

test("a folder that holds something is left as it is", async () => {
  const at = await mkdtemp(join(folder, "full-"));
  await writeFile(join(at, "main.go"), "mine");
  const { code, err } = await weir(["init-adapter", "go", at]);
  expect(err).toBe(
    `weir: ${at} must be empty, but holds main.go. Nothing was written; name another folder.\n`,
  );
  expect(code).toBe(64);
  expect(await readdir(at)).toEqual(["main.go"]);
  expect(await readFile(join(at, "main.go"), "utf8")).toBe("mine");
});

test("a file in the place of the folder, and a language that is not there, are said", async () => {
  const at = join(folder, "file");
  await writeFile(at, "mine");
  expect(await weir(["init-adapter", "go", at])).toMatchObject({
    code: 64,
    err: `weir: ${at} must be a folder, but is a file.\n`,
  });
  const cobol = await weir(["init-adapter", "cobol"]);
  expect(cobol.err).toBe(
    "weir: language must be one of go, rust, python, typescript, but is cobol.\n",
  );
  expect(cobol.code).toBe(64);
});
