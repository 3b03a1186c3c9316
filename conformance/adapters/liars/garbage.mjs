import { greeting, serve } from "./stdio.mjs";

serve((method, params) => {
  if (method === "handshake") return greeting(params);
  process.stdout.write("Resetting the queue now!\n");
  return undefined;
});
