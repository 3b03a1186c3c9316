import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");

const actionYaml = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string() })),
  runs: z.object({
    using: z.literal("composite"),
    steps: z.array(
      z.object({
        name: z.string(),
        if: z.literal("always()").optional(),
        shell: z.literal("bash").optional(),
        env: z.record(z.string(), z.string()).default({}),
        run: z.string().optional(),
        uses: z.string().optional(),
        with: z.record(z.string(), z.string()).optional(),
      }),
    ),
  }),
});

const ACTION = actionYaml.parse(parse(readFileSync(join(ROOT, "action.yml"), "utf8")));

type Ended = Readonly<{ code: number; output: string }>;

/** Runs a script as GitHub's runner does. */
function bash(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: 580_000 };
    execFile("bash", args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-recipes-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The run steps of `action.yml` with these inputs, in order; after a failure only those that always run. The code is that of the first that failed. */
async function runAction(given: Readonly<Record<string, string>>): Promise<Ended> {
  const inputs = Object.fromEntries(
    Object.entries(ACTION.inputs).map(([name, input]) => [name, given[name] ?? input.default]),
  );
  const fill = (text: string) =>
    text.replaceAll(/\$\{\{ inputs\.([a-z]+) \}\}/g, (_, name: string) => inputs[name] ?? "?");
  const own = {
    GITHUB_ACTION_PATH: ROOT,
    RUNNER_TEMP: folder,
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
  };
  let [code, output] = [0, ""];
  for (const step of ACTION.runs.steps) {
    if (step.run === undefined || (code !== 0 && step.if === undefined)) continue;
    const filled = Object.entries(step.env).map(([name, text]) => [name, fill(text)] as const);
    const ended = await bash(step.run, folder, { ...own, ...Object.fromEntries(filled) });
    output += ended.output;
    if (code === 0) code = ended.code;
  }
  return { code, output };
}

const summary = () => readFile(join(folder, "summary"), "utf8");

test("the action: a pass is exit 0, with a summary, JUnit XML and the page", {
  timeout: 600_000,
}, async () => {
  const { code, output } = await runAction({ property: "vectors", junit: "out/junit.xml" });
  expect(code, output).toBe(0);
  expect(await summary()).toContain("npx weir check --adapter reference --property vectors");
  expect(await readFile(join(folder, "out/junit.xml"), "utf8")).toContain("<testsuites");
  expect(await readFile(join(folder, "weir.html"), "utf8")).toContain("<!doctype html>");
});

test("the action: what is not a pass fails the job and is summed up all the same", {
  timeout: 600_000,
}, async () => {
  const { code, output } = await runAction({ runs: "3", seed: "7" });
  expect(code, output).toBe(2);
  expect(await summary()).toMatch(/^## \? Nothing broken was found, but/);
  expect(await summary()).toContain("--seed 7 --runs 3");
});

test("the action: expectations are a file, or those that are shipped", {
  timeout: 600_000,
}, async () => {
  const file = await runAction({ runs: "1", expect: "none here.json" });
  expect(file.output).toContain("no expectations are at none here.json");
  expect(file.code).toBe(64);
  const shipped = await runAction({ runs: "1", expect: "shipped", adapter: "nobody@1" });
  expect(shipped.output).toContain("no expectations are shipped for nobody@1");
});

test("the action: an input is a word, never a command", { timeout: 600_000 }, async () => {
  for (const { run } of ACTION.runs.steps) expect(run ?? "").not.toContain("${{");
  const { code, output } = await runAction({ property: '"; touch bad; $(touch bad)' });
  expect(code, output).toBe(64);
  expect(existsSync(join(folder, "bad"))).toBe(false);
  expect(existsSync(join(folder, "summary"))).toBe(false);
});

test("the action uploads the page, whatever came of the run", () => {
  const uploads = ACTION.runs.steps.filter(({ uses }) => uses !== undefined);
  expect(uploads).toMatchObject([
    {
      if: "always()",
      uses: expect.stringMatching(/^actions\/upload-artifact@v\d+$/),
      with: { path: expect.stringContaining("inputs.html") },
    },
  ]);
});

const gitlabYaml = z.strictObject({
  weir: z.strictObject({
    script: z.array(z.string()),
    artifacts: z.strictObject({
      when: z.literal("always"),
      reports: z.strictObject({ junit: z.string() }),
      paths: z.array(z.string()),
    }),
  }),
});

test("GitLab: the recipe in README writes what it says that it keeps", {
  timeout: 600_000,
}, async () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, text = ""] = /^```yaml\n(weir:[\s\S]*?)^```$/m.exec(readme) ?? [];
  const { script, artifacts } = gitlabYaml.parse(parse(text)).weir;
  await symlink(ROOT, join(folder, "weir"));
  // The packages are there already; to install them again would take them from under the other tests.
  const [install, ...rest] = script;
  expect(install).toBe("npm ci --prefix weir");
  const short = rest.join("\n").replace("--runs 300", "--runs 3");
  const { code, output } = await bash(short, folder, {});
  expect(code, output).toBe(2);
  expect(await readFile(join(folder, artifacts.reports.junit), "utf8")).toContain("<testsuites");
  for (const path of artifacts.paths) expect(existsSync(join(folder, path)), path).toBe(true);
});
