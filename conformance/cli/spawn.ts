import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const WEIR = fileURLToPath(new URL("../weir.mjs", import.meta.url));

/** How a run of the command ended. */
export type Ran = Readonly<{ code: number; out: string; err: string }>;

/** Runs the command as a user does, in a process of its own and in `folder`, where its records go; for tests. */
export const weirIn =
  (folder: () => string) =>
  (args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [WEIR, ...args],
        { cwd: folder(), env: { ...process.env, NO_COLOR: "1", ...env }, maxBuffer: 2 ** 26 },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      );
      child.stdin?.end(input);
    });
