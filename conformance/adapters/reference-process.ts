/**
 * The reference implementation as a program that speaks the adapter protocol, started by `tsx` with `DATABASE_URL` set: an example
 * of an adapter, and the end-to-end test of the protocol. It only translates.
 */
import { postgres } from "../../src/drivers/pg.ts";
import { LiveClient } from "../live/reference-client.ts";
import { serve } from "./reference-server.ts";

const url = process.env.DATABASE_URL;
if (url === undefined) {
  console.error("DATABASE_URL must be set, but is not.");
  process.exit(1);
}
await serve({
  db: postgres(url, { maxConnections: 1 }),
  live: new LiveClient(() => postgres(url)),
});
