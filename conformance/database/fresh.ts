import { randomBytes } from "node:crypto";
import { postgres } from "../../src/drivers/pg.ts";

/** An empty database of one's own on a server. */
export interface FreshDatabase {
  readonly url: string;
  /** Drops it, with whoever is still connected; calling it again does nothing. */
  drop(): Promise<void>;
}

/** Creates a database named `weir_` and 16 random hexadecimal digits; the URL's user must be allowed to. */
export async function freshDatabase(serverUrl: string): Promise<FreshDatabase> {
  const name = `weir_${randomBytes(8).toString("hex")}`;
  await command(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => command(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

async function command(serverUrl: string, sql: string): Promise<void> {
  const server = postgres(serverUrl, { maxConnections: 1 });
  try {
    await server.query(sql, []);
  } finally {
    await server.close();
  }
}
