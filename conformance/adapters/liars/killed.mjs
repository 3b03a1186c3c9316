import { greeting, serve } from "./stdio.mjs";

serve((method, params) => {
  if (method === "handshake") return greeting(params);
  process.kill(process.pid, "SIGKILL");
  return undefined;
});
