import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** What is wrong with a package as publint and attw see it, a sentence each; nothing if all is well. */
export async function problemsOf(tarball: string): Promise<readonly string[]> {
  const content = await readFile(tarball);
  const bytes = new Uint8Array(content);
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const said = messages.map(
    (message) => formatMessage(message, pkg, { color: false }) ?? message.code,
  );
  const checked = await checkPackage(createPackageFromTarballData(bytes));
  const problems = checked.types === false ? [] : checked.problems.filter(concernsModules);
  return [...said, ...problems.map((problem) => `attw: ${JSON.stringify(problem)}`)];
}

/** The packages have modules only, so that how old Node and `require` see them does not count. */
function concernsModules(problem: Problem): boolean {
  const { resolutionKind, resolutionOption } = problem as Readonly<{
    resolutionKind?: string;
    resolutionOption?: string;
  }>;
  return (
    resolutionKind !== "node10" && resolutionKind !== "node16-cjs" && resolutionOption !== "node10"
  );
}
