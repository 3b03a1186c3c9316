// The reference itself, but the row it answers to get is not the row that is there.
import { relay } from "./relay.mjs";

relay({
  change(method, result) {
    if (method === "get") result.job.priority = 4;
  },
});
