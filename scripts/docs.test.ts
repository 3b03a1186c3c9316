import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { BUGS } from "../conformance/bugs/catalogue.ts";
import { RULES } from "../spec/rules.generated.ts";
import { blocks, commandsIn, saidBy, wordsOf } from "./examples.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DOCS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map((name) => ({
  name,
  text: readFileSync(join(ROOT, name), "utf8"),
}));
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

type Ended = Readonly<{ code: number; stdout: string; stderr: string }>;

function runIn(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout: 110_000 }, (error, stdout, stderr) => {
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

test("the TypeScript example prints what its comments say", async () => {
  const examples = DOCS.flatMap(({ text }) => blocks(text, "ts"));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    const said = saidBy(example);
    expect(said.length).toBeGreaterThan(0);
    const folder = await scratchFolder();
    try {
      const file = join(folder, "example.mts");
      await writeFile(file, example.replaceAll('"./src/', `"${pathToFileURL(ROOT)}src/`));
      const { code, stdout, stderr } = await runIn(ROOT, process.execPath, [
        "--import",
        "tsx",
        file,
      ]);
      expect(code, stderr).toBe(0);
      expect(stdout.trim().split("\n")).toEqual(said);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
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
