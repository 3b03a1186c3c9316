import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "../../src/drivers/pg.ts";
import { guard } from "../leftovers.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { handOver, runAs } from "./postgres-files.ts";

/** A server with a certificate of its own making, which lets the user `guarded` in only by TLS and password. */
export interface TlsPostgres {
  /** Of `guarded`, password included, without an `sslmode`. */
  readonly url: string;
  /** The certificate's file, which is its own authority. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** Whether this machine can make certificates. */
export const hasOpenssl = (): boolean => spawnSync("openssl", ["version"]).status === 0;

/** Starts it. */
export async function startTlsPostgres(): Promise<TlsPostgres> {
  const directory = await mkdtemp(join(tmpdir(), "weir-tls-"));
  const unguard = guard(() => spawnSync("rm", ["-rf", directory]));
  const file = (name: string) => join(directory, name);
  const remove = async () => {
    await rm(directory, { recursive: true, force: true });
    unguard();
  };
  try {
    makeCertificate(file("server.key"), file("server.crt"));
    const rules = [
      "hostssl all guarded 127.0.0.1/32 scram-sha-256",
      "hostnossl all guarded all reject",
    ];
    writeFileSync(file("hba"), [...rules, "host all all 127.0.0.1/32 trust", ""].join("\n"));
    const user = runAs();
    chmodSync(file("server.key"), 0o600);
    for (const name of ["", "server.key", "server.crt", "hba"]) handOver(file(name), user);
    const server = await startEmbeddedPostgres([
      "ssl=on",
      `ssl_key_file=${file("server.key")}`,
      `ssl_cert_file=${file("server.crt")}`,
      `hba_file=${file("hba")}`,
    ]);
    await makeUser(server.url);
    const url = new URL(server.url);
    url.username = "guarded";
    url.password = "s3cret";
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { url: url.href, certificate: file("server.crt"), stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

function makeCertificate(key: string, certificate: string): void {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", certificate];
  const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...kind, ...files, ...subject], { stdio: "pipe" });
}

async function makeUser(url: string): Promise<void> {
  const db = postgres(url, { maxConnections: 1 });
  try {
    await db.query("create role guarded login superuser password 's3cret'", []);
  } finally {
    await db.close();
  }
}
