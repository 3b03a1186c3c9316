import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { BUGS } from "../conformance/bugs/catalogue.ts";
import { freshDatabase } from "../conformance/database/fresh.ts";
import { RULES } from "../spec/rules.generated.ts";
import { blocks, commandsIn, saidBy, wordsOf } from "./examples.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DOCS = ["README.md", "src/GUIDE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map((name) => ({
  name,
  text: readFileSync(join(ROOT, name), "utf8"),
}));
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

type Ended = Readonly<{ code: number; stdout: string; stderr: string }>;

function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: 110_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Where npx and imports find the packages, and git and the other tests see nothing. */
const scratchFolder = (): Promise<string> => mkdtemp(join(ROOT, "node_modules", ".docs-"));

/** The lines of all `sh` blocks. */
const commands = DOCS.flatMap(({ name, text }) =>
  commandsIn(text).map((each) => ({ ...each, name })),
);

const run = commands.filter(({ exit }) => exit !== null);
const hasGo = spawnSync("go", ["version"]).status === 0 || process.env.CI !== undefined;

/** What the docs call `npx weir` without npm's own start, and a hunt without a limit made short. */
function weirArguments(command: string): readonly string[] {
  const [npx, weir, ...args] = wordsOf(command);
  expect([npx, weir]).toEqual(["npx", "weir"]);
  const isLong = args[0] === "check" && !args.includes("--runs");
  return [
    join(ROOT, PACKAGE.bin.weir),
    ...args,
    ...(isLong ? ["--runs", "20", "--fail-fast"] : []),
  ];
}

describe.concurrent("commands exit as the text says", { timeout: 120_000 }, () => {
  for (const { name, command, exit } of run) {
    const needsGo = command.includes("river-go");
    test.skipIf(needsGo && !hasGo)(
      `${name}: ${command}${needsGo ? " (needs Go)" : ""}`,
      async () => {
        const folder = await scratchFolder();
        try {
          // Records go to the folder in which a command runs; paths in commands are those of the repository.
          const args = weirArguments(command).map((arg) =>
            arg.replaceAll(/conformance\/\S+\.ts/g, (path) => join(ROOT, path)),
          );
          const ended = await runIn(folder, process.execPath, args);
          expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(exit);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    );
  }
});

test("the docs have commands of each kind to run", () => {
  const kinds = new Set(run.map(({ command }) => wordsOf(command)[2]));
  expect([...kinds].sort()).toEqual([
    "bugs",
    "check",
    "explain",
    "explore",
    "help",
    "replay",
    "smoke",
  ]);
});

/** Where an example finds what the packages are made of. */
const PACKAGES: Readonly<Record<string, string>> = {
  "weir-queue": "src/index.ts",
  "weir-queue/testing": "src/testing.ts",
};

/** Runs an example as a program of its own, with a database of its own. */
async function runExample(example: string): Promise<Ended> {
  const folder = await scratchFolder();
  const database = await freshDatabase(inject("postgresUrl"));
  try {
    const file = join(folder, "example.mts");
    const text = example.replaceAll(/"(weir-queue[^"]*)"/g, (_, name: string) =>
      JSON.stringify(pathToFileURL(join(ROOT, PACKAGES[name] ?? name)).href),
    );
    await writeFile(file, text);
    const variables = { DATABASE_URL: database.url };
    return await runIn(ROOT, process.execPath, ["--import", "tsx", file], variables);
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

const examples = DOCS.flatMap(({ name, text }) =>
  blocks(text, "ts").map((example, at) => ({ title: `${name}, ${at + 1}`, example })),
);

test("README and the guide have TypeScript examples", () => {
  const titles = examples.map(({ title }) => title);
  expect(titles).toEqual(expect.arrayContaining(["README.md, 1", "src/GUIDE.md, 3"]));
});

describe.concurrent("TypeScript examples print what their comments say", () => {
  test.each(examples)("$title", { timeout: 120_000 }, async ({ example }) => {
    const said = saidBy(example);
    expect(said.length).toBeGreaterThan(0);
    const { code, stdout, stderr } = await runExample(example);
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(said);
  });
});

test("the numbers that stand in README are those of the suite", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8").replaceAll(/\s+/g, " ");
  expect(readme).toContain(`one of ${BUGS.length} that the suite must catch`);
  expect(readme).toContain(`| ${BUGS.length} of ${BUGS.length} |`);
  const rules = Object.keys(RULES).length;
  expect(readme).toContain(`| rules | ${rules}, ${rules} of them fired in the run below |`);
});

test("every script that is named exists", () => {
  const named = DOCS.flatMap(({ text }) =>
    [...text.matchAll(/npm (?:run )?([a-z][a-z:]*)/g)].map((match) => match[1] ?? ""),
  ).filter((name) => name !== "run" && name !== "ci");
  expect(named.length).toBeGreaterThan(5);
  const scripts = Object.keys(PACKAGE.scripts);
  expect([...new Set(named)].filter((name) => !scripts.includes(name))).toEqual([]);
});

test("every path that is named exists", () => {
  const paths = DOCS.flatMap(({ text }) =>
    [...text.matchAll(/`((?:spec|src|conformance|scripts|\.ci)\/[^\s`<…]*)`/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("every link leads somewhere", () => {
  const broken = DOCS.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !link.startsWith("https://") && !isThere(name, link))
      .map((link) => `${name}: ${link}`),
  );
  expect(broken).toEqual([]);
});

/** A path beside the document, or a heading of it by GitHub's anchor. */
function isThere(name: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(ROOT, name) : join(ROOT, dirname(name), path);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm)];
  const anchors = headings.map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return anchors.includes(anchor);
}
