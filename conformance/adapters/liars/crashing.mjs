import { greeting, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

const LAST = Number(process.argv[2] ?? 3);
let operations = 0;

serve((method, params) => {
  if (method === "handshake") return greeting(params);
  operations += method === "reset" ? 0 : 1;
  if (operations < LAST) return plausible(method, params);
  console.error("Error: out of luck");
  process.exit(3);
});
