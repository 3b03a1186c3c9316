import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { postgres } from "../../src/drivers/pg.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { freshDatabase } from "./fresh.ts";

async function ask(url: string, sql: string): Promise<unknown[]> {
  const db = postgres(url, { maxConnections: 1 });
  try {
    return (await db.query<{ answer: unknown }>(sql, [])).rows.map((row) => row.answer);
  } finally {
    await db.close();
  }
}

const DIRECTORY = "select current_setting('data_directory') as answer";

function listening(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  return new Promise((resolve) => {
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  }).then((up) => {
    socket.destroy();
    return up === true;
  });
}

test("servers started at once are apart, answer, and leave nothing when stopped", async () => {
  const servers = await Promise.all([startEmbeddedPostgres(), startEmbeddedPostgres()]);
  const directories = await Promise.all(servers.map(({ url }) => ask(url, DIRECTORY)));
  expect(new Set(directories.flat()).size).toBe(2);
  for (const { url, version } of servers) {
    expect(version).toMatch(/^\d+\.\d+/);
    expect(await ask(url, "select current_setting('fsync') as answer")).toEqual(["off"]);
  }
  await Promise.all(servers.map(({ stop }) => stop()));
  await servers[0]?.stop();
  for (const { url } of servers) expect(await listening(url)).toBe(false);
  for (const directory of directories.flat()) expect(existsSync(`${directory}/..`)).toBe(false);
});

test("a server that cannot start says why", async () => {
  await expect(startEmbeddedPostgres(["max_connections=some"])).rejects.toThrow(
    /^Postgres must start, but did not\. It exited with code 1\. The last it said:\n.*max_connections.*some/s,
  );
});

describe("a process that leaves its server running", () => {
  const module = JSON.stringify(fileURLToPath(new URL("./embedded.ts", import.meta.url)));
  const start = `const { startEmbeddedPostgres } = await import(${module});
    console.log((await startEmbeddedPostgres()).url);`;

  test.each([
    ["returns", "process.exitCode = 7", null, 7],
    ["exits", "process.exit(5)", null, 5],
    ["throws", "throw new Error()", null, 1],
    ["is interrupted", "setInterval(() => {}, 1000)", "SIGINT", 130],
    ["is terminated", "setInterval(() => {}, 1000)", "SIGTERM", 143],
  ] as const)("takes it along when it %s", async (_, ending, signal, code) => {
    // What it does next waits for a line, so that there is time to look at the server.
    const script = `${start} process.stdin.once("data", () => { process.stdin.unref(); ${ending} });`;
    const flags = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "ignore"] });
    const exited = once(child, "exit");
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const url = String(chunk).trim();
    const [directory] = await ask(url, DIRECTORY);
    child.stdin.write("go\n");
    if (signal !== null) child.kill(signal);
    expect(await exited).toEqual([code, null]);
    expect(await listening(url)).toBe(false);
    expect(existsSync(String(directory))).toBe(false);
  });
});

test("fresh databases are empty, apart, and gone when dropped, whoever is connected", async () => {
  const server = inject("postgresUrl");
  const [one, two] = await Promise.all([freshDatabase(server), freshDatabase(server)]);
  const open = postgres(one.url);
  try {
    await open.query("create table here (id int)", []);
    expect(await ask(two.url, "select to_regclass('here')::text as answer")).toEqual([null]);
    await Promise.all([one.drop(), two.drop()]);
    await one.drop();
    const name = new URL(one.url).pathname.slice(1);
    const count = `select count(*)::int as answer from pg_database where datname = '${name}'`;
    expect(name).toMatch(/^weir_[0-9a-f]{16}$/);
    expect(await ask(server, count)).toEqual([0]);
  } finally {
    await open.close();
  }
});
