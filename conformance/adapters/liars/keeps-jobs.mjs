import { greeting, serve } from "./stdio.mjs";
import { makeTable, plausible, run } from "./tables.mjs";

const INSERT = `insert into river_job (state, attempt, max_attempts, created_at, scheduled_at, priority, args, kind, metadata, queue, tags)
  values ('available', 0, 1, now(), now(), 1, '{}', 'weir', '{}', 'default', '{}')`;

serve(async (method, params) => {
  if (method === "handshake") return greeting(params);
  if (method !== "reset") return plausible(method, params);
  await makeTable();
  await run(INSERT);
  return { result: {} };
});
