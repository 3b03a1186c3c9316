// The reference itself, but its live client says that it has started, and works nothing.
import { relay } from "./relay.mjs";

relay({ answer: (method) => (method === "start" || method === "stop" ? {} : undefined) });
