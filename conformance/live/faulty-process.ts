/** The reference as a program, as `reference-process.ts` is, with a seeded bug in its live client: the one that the command line names. */
import { postgres } from "../../src/drivers/pg.ts";
import { serve } from "../adapters/reference-server.ts";
import { referenceStatements } from "../bugs/statements.ts";
import { infected, LIVE_BUGS } from "./bugs.ts";
import { LiveClient } from "./reference-client.ts";

const { DATABASE_URL: url } = process.env;
const bug = LIVE_BUGS.find(({ name }) => name === process.argv[2]);
if (url === undefined || bug === undefined) {
  console.error(`A bug must be named, one of ${LIVE_BUGS.map(({ name }) => name).join(", ")}.`);
  process.exit(1);
}
const statements = await referenceStatements();
await serve({
  db: postgres(url, { maxConnections: 1 }),
  live: new LiveClient(() => infected(postgres(url), bug, statements)),
});
