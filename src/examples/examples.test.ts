import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { freshDatabase } from "../../conformance/database/fresh.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

/** A program that runs, and what it has said. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<unknown[]>;
  #errors = "";
  #onLine = () => {};

  constructor(name: string, databaseUrl: string | undefined, args: readonly string[] = []) {
    const { DATABASE_URL: _, ...rest } = process.env;
    const env = { ...rest, PORT: "0", ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
    const all = ["--import", "tsx", join(HERE, name), ...args];
    this.#child = spawn(process.execPath, all, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.#child, "close");
    this.#child.stderr?.on("data", (text) => {
      this.#errors += text;
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#lines.push(line);
      this.#onLine();
    });
  }

  /** Waits until it says this. Rejects where it ends without. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.#lines) {
        const match = what.exec(line);
        if (match !== null) return match;
      }
      const next = new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
      if ((await Promise.race([next, this.#ended])) !== undefined) {
        throw new Error(`${what} was not said, but: ${this.#lines.join("\n")}\n${this.#errors}`);
      }
    }
  }

  /** All that it said, and its exit code or the signal that it ended by. */
  async ends(): Promise<{ readonly lines: readonly string[]; readonly by: unknown }> {
    const [code, signal] = await this.#ended;
    expect(this.#errors).toBe("");
    return { lines: this.#lines, by: signal ?? code };
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

async function onPostgres(run: (url: string) => Promise<void>): Promise<void> {
  const fresh = await freshDatabase(inject("postgresUrl"));
  try {
    await run(fresh.url);
  } finally {
    await fresh.drop();
  }
}

type Ground = (run: (url?: string) => Promise<void>) => Promise<void>;
const GROUNDS: Readonly<Record<string, Ground>> = { Postgres: onPostgres, PGlite: (run) => run() };

// Each program starts within a second, but PGlite takes its time where all processors are busy.
describe.concurrent("examples", { timeout: 120_000 }, () => {
  test("a web app that inserts in its own transaction", () =>
    onPostgres(async (url) => {
      await using web = new Program("web.ts", url);
      const [, address] = await web.says(/^listening on (.*)$/);
      const order = (item: string | undefined) =>
        fetch(`${address}/orders`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ item }),
        });
      expect((await order(undefined)).status).toBe(400);
      const answer = await order("tea");
      expect([answer.status, await answer.json()]).toEqual([201, { orderId: 1 }]);
      await web.says(/^confirmed order 1$/);
      web.stop();
      expect((await web.ends()).by).toBe(0);
    }));

  test("a cron job", () =>
    onPostgres(async (url) => {
      await using cron = new Program("cron.ts", url);
      const runs = [1, 2, 3].map((run) => `run ${run}: 7 rows removed`);
      expect(await cron.ends()).toEqual({ lines: runs, by: 0 });
    }));

  for (const [where, run] of Object.entries(GROUNDS)) {
    test(`unique e-mail, on ${where}`, () =>
      run(async (url) => {
        await using unique = new Program("unique-email.ts", url);
        const lines = [
          "1 duplicate",
          "args of send_email must fit its schema, but do not. to: Invalid email address",
          "sent welcome to ada@example.com",
          "sent welcome to bob@example.com",
        ];
        expect(await unique.ends()).toEqual({ lines, by: 0 });
      }));
  }

  test("a worker in another process", () =>
    onPostgres(async (url) => {
      await using work = new Program("resize-work.ts", url);
      await work.says(/^working$/);
      await using insert = new Program("resize-insert.ts", url, ["cat.png", "dog.png"]);
      const asked = ["asked for cat.png", "asked for dog.png"];
      expect(await insert.ends()).toEqual({ lines: asked, by: 0 });
      await work.says(/^resized cat.png to 200 at attempt 1$/);
      await work.says(/^resized dog.png to 200 at attempt 1$/);
      work.stop();
      expect((await work.ends()).by).toBe("SIGTERM");
    }));
});
