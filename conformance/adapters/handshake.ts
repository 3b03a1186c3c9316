import { randomBytes } from "node:crypto";
import { editionFor, editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { Db } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import type { About } from "../adapter.ts";
import { isMethodNotFound, PROTOCOL } from "../protocol/answer.ts";
import type { Result } from "../protocol/messages.ts";
import type { Transport } from "../protocol/transport.ts";
import { checkable, isPositive } from "./claims.ts";

type Handshake = Result<"handshake">;

/** Shakes hands; rejects with what `transport` makes of an answer that Weir cannot work with. */
export async function handshake(transport: Transport): Promise<Handshake> {
  const nonce = randomBytes(8).toString("hex");
  const answer = await transport.request("handshake", { protocol: [PROTOCOL], nonce });
  if (!answer.ok) {
    const { error } = answer;
    if (isMethodNotFound(error)) {
      throw transport.fail("method_not_found", "does not know handshake");
    }
    if (error.data?.code === "unsupported") {
      throw transport.fail("wrong_protocol", `speaks no protocol ${PROTOCOL}: ${error.message}`);
    }
    throw transport.fail("internal", `failed in handshake: ${error.message}`);
  }
  if (answer.result.nonce !== nonce) {
    const what = `must give back the nonce ${nonce}, but gave ${answer.result.nonce}`;
    throw transport.fail("wrong_nonce", what);
  }
  const { insert } = checkable(answer.result.capabilities);
  if (isPositive(insert)) return answer.result;
  const why = insert !== undefined && typeof insert !== "string" ? Object.values(insert)[0] : "";
  throw transport.fail("nothing_to_check", `must support insert, but does not: ${why}`);
}

/** What the handshake says of the implementation, and by which rules that means to be judged. */
export async function aboutOf(shaken: Handshake, db: Db, transport: Transport): Promise<About> {
  const { adapter, implementation, version, language, clock, capabilities } = shaken;
  const own = implementation === "river" ? editionFor(version) : NEWEST;
  const edition = shaken.edition === undefined ? own : editionNamed(shaken.edition);
  if (edition === undefined) {
    const what = `must follow an edition of the rules, but follows ${shaken.edition}`;
    throw transport.fail("invalid_message", what);
  }
  return {
    adapter,
    implementation,
    version,
    language,
    database: await versionOf(db),
    clock,
    edition: edition.name,
    capabilities: checkable(capabilities),
  };
}

/** `Postgres 18.4`: what comes after the number names the packager. */
async function versionOf(db: Db): Promise<string> {
  const { rows } = await db.query<{ server_version: string }>("show server_version", []);
  return `Postgres ${rows[0]?.server_version.split(" ")[0] ?? "of unknown version"}`;
}

/** Makes River's tables as of the version that the implementation asks for, in a session of its own, so that their defaults see a shadowed clock. */
export async function migrateFor({ migration }: Handshake, url: string): Promise<void> {
  if (migration === undefined) return;
  const db = postgres(url, { maxConnections: 1 });
  try {
    await migrate(db, { direction: "up", target: migration });
  } finally {
    await db.close();
  }
}

/** Whether `river_job` has `unique_states`, which came with River's migration 6. */
export const hasMasksAfter = ({ migration }: Handshake): boolean =>
  migration === undefined || migration >= 6;
