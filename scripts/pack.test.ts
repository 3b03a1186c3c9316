import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../conformance/cli/terminal.ts";
import { blocks, commandsIn, saidBy, wordsOf } from "./examples.ts";
import { ROOT, tsc } from "./pack/compile.ts";
import { problemsOf } from "./pack/problems.ts";
import { type Packed, pack } from "./pack.ts";

/** A Node newer than the oldest that is supported: from npm, as the packages are. */
const NEWER = `node-${process.platform}-${process.arch}`;
const NEWER_VERSION = "24.21.0";

/** A command takes seconds, unless the machine is busy. */
const LONG = 300_000;

type Ended = Readonly<{ code: number; out: string; err: string }>;

function runIn(cwd: string, program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const options = { cwd, env, timeout: LONG, maxBuffer: 2 ** 26 };
    execFile(program, args, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** Installs packages into a folder that has none, as a user does. */
async function install(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{"type": "module", "private": true}');
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock"];
  const { code, err } = await runIn(folder, "npm", ["install", ...quiet, ...packages]);
  expect(code, err).toBe(0);
}

let folder = "";
let packed: Packed;
/** The queue and nothing else. */
let alone = "";
/** Both packages, and what a user of theirs may have. */
let both = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-pack-"));
  // Postgres, which root starts as another user, is in it.
  await chmod(folder, 0o755);
  packed = await pack(join(folder, "packed"));
  [alone, both] = [join(folder, "alone"), join(folder, "both")];
  await install(alone, [packed.queue]);
  const drizzle = "drizzle-orm@^0.45.4";
  await install(both, [packed.queue, packed.conformance, drizzle, `${NEWER}@${NEWER_VERSION}`]);
}, LONG);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("publint and attw find nothing", async () => {
  expect(await problemsOf(packed.queue)).toEqual([]);
  expect(await problemsOf(packed.conformance)).toEqual([]);
});

test("the version is that of the repository", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(manifest.version).toBe(VERSION);
});

test("what the suite reads beside its code is in the package", async () => {
  const own = join(both, "node_modules", "weir-conformance");
  const files = (await readdir(own, { recursive: true })).filter((name) => name.endsWith(".js"));
  const named = files.flatMap((name) =>
    [...readFileSync(join(own, name), "utf8").matchAll(/new URL\(["`](\.[^"`$]*)/g)].map((match) =>
      join(name, "..", match[1] ?? ""),
    ),
  );
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((path) => !existsSync(join(own, path)))).toEqual([]);
  expect(files.filter((name) => /\.test\.js$/.test(name))).toEqual([]);
});

describe("the queue alone", { timeout: LONG }, () => {
  test("takes at most 2 MB with what it depends on", async () => {
    const files = await readdir(join(alone, "node_modules"), { recursive: true });
    const sizes = await Promise.all(files.map((name) => stat(join(alone, "node_modules", name))));
    const bytes = sizes.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
    expect(bytes).toBeLessThanOrEqual(2_000_000);
  });

  test("is imported without a driver, and says which one must be installed", async () => {
    const code = `
      import { pglite, postgres } from "weir-queue";
      import { testQueue } from "weir-queue/testing";
      const db = postgres("postgres://localhost/app");
      const refusal = (error) => console.log(error.code, error.message);
      await db.query("select 1", []).catch(refusal);
      await db.begin(async () => {}).catch(refusal);
      await db.listen(["river_insert"], {}).catch(refusal);
      await db.close();
      await pglite().catch(refusal);
      await testQueue({}).catch(refusal);`;
    await writeFile(join(alone, "import.mjs"), code);
    const { out, err } = await runIn(alone, process.execPath, ["import.mjs"]);
    const missing = (name: string) =>
      `driver_missing ${name} must be installed, but is not. Install it: npm install ${name}.`;
    const [pg, lite] = [missing("pg"), missing("@electric-sql/pglite")];
    expect(err).toBe("");
    expect(out.trim().split("\n")).toEqual([pg, pg, pg, lite, lite]);
  });

  test("its types need those of no driver", async () => {
    const code = `
      import { Client, job, postgres, worker } from "weir-queue";
      const mail = job<{ to: string }>("mail");
      export const client = new Client(postgres("postgres://localhost/app"), {
        workers: [worker(mail, ({ args }) => args.to.length)],
      });
      export const inserted: Promise<{ duplicate: boolean }> = client.insert(mail({ to: "a" }));`;
    await writeFile(join(alone, "types.ts"), code);
    await tsc([...TYPED, "--skipLibCheck", "false", "--noEmit", "types.ts"], alone);
  });
});

/** How examples are compiled: strictly, with no types but the packages' own. */
const TYPED = [
  "--ignoreConfig",
  "--strict",
  ...["--target", "es2023", "--module", "nodenext", "--lib", "esnext,dom"],
];

const examples = ["README.md", "src/README.md"].flatMap((name) =>
  blocks(readFileSync(join(ROOT, name), "utf8"), "ts").map((code, at) => ({
    name: `${name}, example ${at + 1}`,
    // In the repository the sources are imported, by whoever installed it the package.
    code: code.replaceAll(/"\.\/src\/[^"]*"/g, '"weir-queue"'),
    said: saidBy(code),
  })),
);

const commands = commandsIn(readFileSync(join(ROOT, "conformance", "README.md"), "utf8")).filter(
  ({ exit }) => exit !== null,
);

/** Of the commands, those that are tried on the older Node too: it runs the same from its sources in all other tests. */
const FEW = /^npx weir-conformance (check|explain SCH)/;

describe.each([
  ["the Node of these tests", () => process.execPath, "js"],
  ["a newer Node", () => join(both, "node_modules", NEWER, "bin", "node"), "ts"],
] as const)("on %s", { timeout: LONG }, (_name, node, kind) => {
  test.each(examples)("$name prints what its comments say", async ({ code, said }) => {
    const at = await mkdtemp(join(both, "example-"));
    await writeFile(join(at, "example.mts"), code);
    if (kind === "js") await tsc([...TYPED, "--skipLibCheck", "example.mts"], at);
    const program = kind === "js" ? "example.mjs" : "example.mts";
    const { out, err, code: exit } = await runIn(at, node(), [program]);
    expect(exit, err).toBe(0);
    expect(said.length).toBeGreaterThan(0);
    expect(out.trim().split("\n")).toEqual(said);
  });

  test("the command is there by both names", async () => {
    for (const name of ["weir", "weir-conformance"]) {
      const ran = await runIn(both, node(), [
        join(both, "node_modules", ".bin", name),
        "--version",
      ]);
      expect([ran.code, ran.out]).toEqual([0, `${VERSION}\n`]);
    }
  });

  test.each(commands.filter(({ command }) => kind === "ts" || FEW.test(command)))(
    "$command",
    async ({ command, exit }) => {
      const [npx, name, ...args] = wordsOf(command);
      expect([npx, name]).toEqual(["npx", "weir-conformance"]);
      const at = await mkdtemp(join(both, "command-"));
      const given = args.map((arg) => arg.replace("node_modules/", `${both}/node_modules/`));
      const start = join(both, "node_modules", ".bin", "weir-conformance");
      const ran = await runIn(at, node(), [start, ...given]);
      expect(ran.code, `${ran.out}\n${ran.err}`).toBe(exit);
      const written = (await readdir(at, { recursive: true }))
        .filter((path) => path.endsWith("README.md"))
        .map((path) => readFileSync(join(at, path), "utf8"));
      for (const text of [ran.out, ...written]) expect(text).not.toMatch(/npx weir /);
    },
  );
});
