import { greeting, serve } from "./stdio.mjs";
import { makeTable, plausible, run } from "./tables.mjs";

serve(async (method, params) => {
  if (method === "handshake") return greeting(params);
  if (method !== "reset") return plausible(method, params);
  await makeTable();
  await run("alter table river_job alter column unique_states type text");
  return { result: {} };
});
