import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgres } from "../../src/drivers/pg.ts";
import { guard } from "../leftovers.ts";
import { handOver, type PostgresPrograms, postgresPrograms, runAs } from "./postgres-files.ts";

/** A real Postgres of our own. */
export interface EmbeddedPostgres {
  /** Of its superuser and its database `postgres`; the server trusts whoever connects from this machine. */
  readonly url: string;
  /** As the server tells it, such as `18.4`. */
  readonly version: string;
  /** Ends the server, open connections included, and removes its files; calling it again does nothing. */
  stop(): Promise<void>;
}

const READY = "database system is ready to accept connections";
const PORT_TAKEN = "could not bind";
const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;
const LOG_TAIL = 4_000;

const INITDB_FLAGS = [
  "--auth=trust",
  "--username=postgres",
  "--encoding=UTF8",
  "--no-locale",
  "--no-sync",
  "--no-instructions",
];

const SETTINGS = [
  "timezone=UTC",
  "max_connections=300",
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
];

/** What is lost in a crash is of no interest to a test, and its statements are too short to compile. */
const TEST_SETTINGS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "jit=off",
];

/** A server for tests loses its last transactions in a crash; a `durable` one writes them down as Postgres does unless told otherwise. */
export type ServerKind = "for tests" | "durable";

/**
 * Starts a fresh Postgres on a free port, in a temporary directory that is gone after `stop`, as it is when this process is interrupted
 * or exits. Silent; if it cannot start, the error ends with what the server said last. Any number may run at once. Further settings, such
 * as `log_statement=all`, outweigh those of its kind.
 */
export async function startEmbeddedPostgres(
  settings: readonly string[] = [],
  kind: ServerKind = "for tests",
): Promise<EmbeddedPostgres> {
  const programs = await postgresPrograms();
  const user = runAs();
  const directory = await mkdtemp(join(tmpdir(), "weir-postgres-"));
  const data = join(directory, "data");
  // Immediate: nothing needs saving; and waited for, because a live server would write into what is being removed.
  const unguard = guard(() => {
    spawnSync(programs.pg_ctl, ["stop", "-s", "-w", "-m", "immediate", "-D", data], user);
    rmSync(directory, { recursive: true, force: true });
  });
  try {
    handOver(directory, user);
    // Small files of the log are quicker to make; a server that fills many of them is better off with the usual size.
    const flags = kind === "durable" ? INITDB_FLAGS : [...INITDB_FLAGS, "--wal-segsize=1"];
    await promisify(execFile)(programs.initdb, ["-D", data, ...flags], user);
    const ofKind = kind === "durable" ? [] : TEST_SETTINGS;
    const { server, url } = await startOnFreePort(programs, data, [...ofKind, ...settings]);
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= end(server)
        .then(() => rm(directory, { recursive: true, force: true }))
        .then(unguard);
      return stopping;
    };
    return { url, version: await versionOf(url), stop };
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    unguard();
    throw new Error(`Postgres must start, but did not. ${(cause as Error).message}`, { cause });
  }
}

/** A port that was free a moment ago may be taken by now, by another server that is being started the same way. */
async function startOnFreePort(
  programs: PostgresPrograms,
  data: string,
  settings: readonly string[],
): Promise<{ server: ChildProcess; url: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const flags = [...SETTINGS, ...settings, `port=${port}`].flatMap((setting) => ["-c", setting]);
    try {
      const server = await startServer(programs, ["-D", data, ...flags]);
      return { server, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
    } catch (error) {
      const taken = (error as Error).message.includes(PORT_TAKEN);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function startServer(programs: PostgresPrograms, flags: readonly string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const server = spawn(programs.postgres, flags, {
      ...runAs(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    let ready = false;
    const fail = (why: string) => {
      clearTimeout(timer);
      server.kill("SIGQUIT");
      reject(new Error(`${why} The last it said:\n${log}`));
    };
    const timer = setTimeout(() => fail(`It took over ${START_TIMEOUT_MS} ms.`), START_TIMEOUT_MS);
    server.on("error", (error) => fail(error.message));
    server.on("exit", (code) => fail(`It exited with code ${code}.`));
    server.stderr.on("data", (chunk: Buffer) => {
      log = (log + chunk).slice(-LOG_TAIL);
      if (ready || !log.includes(READY)) return;
      ready = true;
      clearTimeout(timer);
      letGo(server);
      resolve(server);
    });
  });
}

/** A server that nobody stops must not keep this process alive: exit ends it, too. */
function letGo(server: ChildProcess): void {
  server.unref();
  (server.stderr as unknown as { unref(): void }).unref();
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  server.ref();
  server.kill("SIGQUIT");
  await exited;
}

async function versionOf(url: string): Promise<string> {
  const db = postgres(url, { maxConnections: 1 });
  try {
    const { rows } = await db.query<{ server_version: string }>("show server_version", []);
    return rows[0]?.server_version ?? "unknown";
  } finally {
    await db.close();
  }
}
