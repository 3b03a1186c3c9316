import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guard } from "../leftovers.ts";
import { handOver, runAs } from "./postgres-files.ts";

/** A pooler in front of a database, which lends a connection for one transaction. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

const PROGRAM = "pgbouncer";
const START_MS = 10_000;

/** Whether it is installed, as Debian's package `pgbouncer` does. */
export const hasPgBouncer = (): boolean => spawnSync(PROGRAM, ["--version"]).status === 0;

/** Starts one in front of the database of `url`, whose user it lets in unasked. */
export async function startPgBouncer(url: string): Promise<PgBouncer> {
  const { hostname, port, pathname, username } = new URL(url);
  const directory = await mkdtemp(join(tmpdir(), "weir-pgbouncer-"));
  const own = await freePort();
  const settings = [
    "[databases]",
    `* = host=${hostname} port=${port} user=${username}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${own}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 3",
    "",
  ];
  const file = join(directory, "pgbouncer.ini");
  writeFileSync(file, settings.join("\n"));
  // It refuses to run as root, as Postgres does.
  const user = runAs();
  handOver(directory, user);
  handOver(file, user);
  const child = spawn(PROGRAM, [file], { ...user, stdio: ["ignore", "ignore", "pipe"] });
  const unguard = guard(() => child.kill("SIGKILL"));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
    unguard();
  };
  try {
    await isUp(child.stderr);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://${username}@127.0.0.1:${own}${pathname}`, stop };
}

function isUp(stderr: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const fail = () => reject(new Error(`PgBouncer must start, but did not. It said:\n${log}`));
    const timer = setTimeout(fail, START_MS);
    stderr.on("data", (chunk: Buffer) => {
      log += chunk;
      if (!log.includes("process up")) return;
      clearTimeout(timer);
      resolve();
    });
    stderr.on("end", fail);
  });
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
