import { greeting, serve } from "./stdio.mjs";

serve((_method, params) => greeting(params, { nonce: "0123456789abcdef" }));
