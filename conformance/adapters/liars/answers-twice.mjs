import { greeting, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

serve(async (method, params) => {
  if (method === "handshake") return greeting(params);
  const reply = await plausible(method, params);
  // The reset is request 2: the same answer goes out here, and once more where it should.
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: 2, ...reply })}\n`);
  return reply;
});
