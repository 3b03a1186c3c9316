import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { createScratch } from "./scratch.ts";

const server = () => inject("postgresUrl");

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const databases = async (name: string) =>
  (await query(server(), `select datname from pg_database where datname = '${name}'`)).length;

/** A login of its own, removed with what it owns. */
async function login(name: string, attributes: string): Promise<string> {
  await query(server(), `create role ${name} login ${attributes}`);
  onTestFinished(async () => {
    await query(server(), `drop owned by ${name}`);
    await query(server(), `drop role ${name}`);
  });
  const url = new URL(server());
  url.username = name;
  return url.href;
}

const unique = () => `weir_test_${Math.random().toString(36).slice(2)}`;

test("a database of one's own, gone after drop even while somebody is connected", async () => {
  const scratch = await createScratch(server());
  expect(scratch.kind).toBe("database");
  expect(scratch.name).toMatch(/^weir_[0-9a-f]{12}$/);
  const guest = new pg.Client({ connectionString: scratch.url });
  guest.on("error", () => {});
  await guest.connect();
  const { rows } = await guest.query("select current_database() as name");
  expect(rows).toEqual([{ name: scratch.name }]);
  await scratch.drop();
  await scratch.drop();
  expect(await databases(scratch.name)).toBe(0);
  await guest.end().catch(() => {});
});

test("who may not create databases gets a schema, to which the URL leads", async () => {
  const database = unique();
  const url = new URL(await login(unique(), "nocreatedb"));
  await query(server(), `create database ${database}`);
  onTestFinished(() => query(server(), `drop database ${database} with (force)`).then(() => {}));
  await query(server(), `grant create on database ${database} to ${url.username}`);
  url.pathname = `/${database}`;
  const scratch = await createScratch(url.href);
  expect(scratch.kind).toBe("schema");
  await query(scratch.url, "create table here (id int)");
  expect(
    await query(scratch.url, "select schemaname from pg_tables where tablename = 'here'"),
  ).toEqual([{ schemaname: scratch.name }]);
  await scratch.drop();
  expect(
    await query(url.href, `select nspname from pg_namespace where nspname like 'weir%'`),
  ).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "throw"])("on %s it is dropped as well", async (how) => {
  const module = fileURLToPath(new URL("./scratch.ts", import.meta.url));
  const weir = spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      "-e",
      `import(${JSON.stringify(module)}).then(async ({ createScratch }) => {
        const { name } = await createScratch(process.env.SERVER);
        setInterval(() => {}, 1000);
        process.stdout.write(name, () => {
          if (${how === "throw"}) setImmediate(() => { throw new Error("a bug of our own"); });
        });
      });`,
    ],
    { env: { ...process.env, SERVER: server() }, stdio: ["ignore", "pipe", "ignore"] },
  );
  const exited = once(weir, "exit");
  const [name] = (await once(weir.stdout, "data")) as [Buffer];
  if (how !== "throw") {
    expect(await databases(String(name))).toBe(1);
    weir.kill(how as NodeJS.Signals);
  }
  await exited;
  await vi.waitFor(async () => expect(await databases(String(name))).toBe(0), 10_000);
});

async function failure(url: string) {
  const error = await createScratch(url).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "ServerError" });
  expect((error as Error).message).not.toContain("\n");
  return error as { fault: string; message: string };
}

test("a server that is not there is named without its password", async () => {
  const error = await failure("postgres://app:secret@localhost:1/x?password=secret");
  expect(error.fault).toBe("unreachable");
  expect(error.message).toBe("cannot reach postgres://app@localhost:1/x: connection refused.");
});

test("a host that is not there", async () => {
  const error = await failure("postgres://app:secret@no-such-host.invalid/x");
  expect(error.fault).toBe("unreachable");
  expect(error.message).toMatch(/^cannot reach postgres:\/\/app@no-such-host.invalid\/x: /);
});

test("a server that is no Postgres", async () => {
  const other = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const error = await failure(`postgres://app:secret@127.0.0.1:${port}/x`);
  expect(error.message).toContain(`postgres://app@127.0.0.1:${port}/x: `);
});

test.each(["mysql://root@localhost/x", "localhost:5432", "", "postgres"])(
  "%j is no Postgres URL",
  async (url) => {
    const error = await failure(url);
    expect(error.fault).toBe("not_a_url");
    expect(error.message).toMatch(/^the database must be a URL such as/);
  },
);

test("a database that is not there", async () => {
  const url = new URL(server());
  url.pathname = "/no_such_database";
  const error = await failure(url.href);
  expect(error.fault).toBe("database_missing");
  expect(error.message).toMatch(/^cannot use .*\/no_such_database: no database has this name\.$/);
});

test("a login that is refused", async () => {
  const url = new URL(server());
  url.username = "nobody_here";
  url.password = "secret";
  const error = await failure(url.href);
  expect(error.fault).toBe("refused_login");
  expect(error.message).not.toContain("secret");
});

test("a server that takes no writes, and a user that may create nothing", async () => {
  const readOnly = await login(unique(), "createdb");
  await query(
    server(),
    `alter role ${new URL(readOnly).username} set default_transaction_read_only = on`,
  );
  expect(await failure(readOnly)).toMatchObject({
    fault: "read_only",
    message: expect.stringMatching(/default_transaction_read_only is on\. Give a server that can/),
  });
  expect(await failure(await login(unique(), "nocreatedb"))).toMatchObject({
    fault: "no_permission",
    message: expect.stringMatching(/may create neither a database nor a schema there/),
  });
});
